"""The figures of law and of method that the oracle uses, each with its citation."""

from datetime import date, datetime, timedelta, timezone
from typing import Any

LOCAL = timezone(timedelta(hours=7))  # Asia/Ho_Chi_Minh, section 1
OFFSET_S = 7 * 3600
DAY_S = 86400
EARTH_M = 6_371_008.8  # section 1

# Method figures (sections 2, 3, 4): this project's own choices.
SCALE_ABOVE = 10**11
FUTURE_S = 300
SPEED_MAX_TENTHS = 2000
JUMP_KMH = 200
FROZEN_MIN_TENTHS = 200
MOVING_MIN_TENTHS = 50
MOVING_GAP_MAX_S = 120
PARKED_RADIUS_M = 200
SHORT_STOP_MAX_S = 60
ROAD_WITHIN_M = 30
GOODS_SIGN_ABOVE_KG = 3500
OVER_MIN_TENTHS = 50
SPEEDING_GAP_MAX_S = 120
SPEEDING_MIN_FIXES = 2
SPEEDING_MIN_S = 20
UNKNOWN_BRIDGE_MAX_S = 1800
SILENCE_S = 120
SILENCE_M = 1000
PERSON_KG = 65
AXLE_GROUP_GAP_MM = 2000

# Driving time: Law 23/2008/QH12 Art. 65(1), Law 36/2024/QH15 Art. 64(1).
CONTINUOUS_S = 14_400
DAY_DRIVING_S = 36_000
WEEK_DRIVING_S = 172_800
BREAK_SHORT_S = 5 * 60  # taxi and city bus: Decree 158/2024/ND-CP Art. 11(13)(a)
BREAK_LONG_S = 15 * 60  # the others: Art. 11(13)(b)


def day_starts(day: str) -> int:
    """Section 1: the Unix second at which a local calendar day begins."""
    d = date.fromisoformat(day)
    return int(datetime(d.year, d.month, d.day, tzinfo=LOCAL).timestamp())


def local_date(time: int) -> str:
    """Section 1: the local calendar day of an instant, as ISO text."""
    return datetime.fromtimestamp(time, tz=LOCAL).date().isoformat()


# Dated law: (in force from, citation), oldest first.
SPEED_LAW = [
    ("2019-10-15", "Circular 31/2019/TT-BGTVT, Art. 6, 7, 9"),
    ("2025-01-01", "Circular 38/2024/TT-BGTVT, Art. 6"),
]
DRIVING_LAW = [
    ("2009-07-01", "Law 23/2008/QH12, Art. 65(1)"),
    ("2025-01-01", "Law 36/2024/QH15, Art. 64(1)"),
]
WEEK_LAW = [("2025-01-01", "Law 36/2024/QH15, Art. 64(1)")]
ROAD_LOAD_LAW = [
    ("2015-12-01", "Circular 46/2015/TT-BGTVT, Art. 16, 17"),
    ("2025-01-01", "Circular 39/2024/TT-BGTVT, Art. 14, 15"),
]
PAYLOAD_PENALTY_LAW = [
    ("2020-01-01", "Decree 100/2019/ND-CP, Art. 24"),
    ("2022-01-01", "Decree 123/2021/ND-CP over 100/2019, Art. 24"),
    ("2025-01-01", "Decree 168/2024/ND-CP, Art. 21"),
]
ROAD_PENALTY_LAW = [
    ("2020-01-01", "Decree 100/2019/ND-CP, Art. 33"),
    ("2022-01-01", "Decree 123/2021/ND-CP over 100/2019, Art. 33"),
    ("2025-01-01", "Decree 168/2024/ND-CP, Art. 34"),
]
CLASSES_CHANGED = "2025-01-01"  # Circular 38/2024/TT-BGTVT
THREE_ROAD_BANDS_FROM = "2022-01-01"  # Decree 123/2021/ND-CP

METHOD_FROM = "2024-01-01"
METHOD_CITATION = "method: shared/rules.md"


def in_force(law: list[tuple[str, str]], time: int) -> tuple[str, str] | None:
    """Section 1: the last entry of a dated law that is in force at an instant; None before the first."""
    found = None
    for since, citation in law:
        if day_starts(since) <= time:
            found = (since, citation)
    return found


def law_entry(parameter: str, value: int, source: tuple[str, str]) -> dict[str, Any]:
    """Section 4: one parameter used by a finding."""
    return {"parameter": parameter, "value": value, "in_force_from": source[0], "citation": source[1]}


def method_entry(parameter: str, value: int) -> dict[str, Any]:
    """Section 4: one method figure used by a finding."""
    return law_entry(parameter, value, (METHOD_FROM, METHOD_CITATION))
