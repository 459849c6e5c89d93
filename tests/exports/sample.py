"""A small week with every rule, a silent operator, an unregistered vehicle and hostile texts; and a big one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from api.exports.coverage import VehicleCoverage
from api.exports.weekly import WeeklyList, build
from journey.localtime import parse_week
from journey.model import Finding, Grade, LawUse, Note
from journey.registry import Operator, Registration

WEEK = "2026-W12"
START, END = parse_week(WEEK)
MADE_AT = END + 8 * 3600
SPEED = LawUse("speed.outside", 60, "km/h", "2025-01-01", "Circular 38/2024/TT-BGTVT, Art. 6(2)", True)
DURATION = LawUse("method.speeding_min_duration", 20, "s", "2000-01-01", "method: Two vendors of three.", True)
DRIVING = LawUse("driving_time.continuous_max", 4, "h", "2025-01-01", "Law 36/2024/QH15, Art. 64(1)", True)
GROSS = LawUse(
    "mass.gross_rigid",
    [{"axles": 3, "limit": 24}, {"axles": 4, "limit": 30}],
    "t",
    "2015-12-01",
    "Circular 46/2015/TT-BGTVT, Art. 17",
    False,
)
BANDS = LawUse(
    "overload.road_bands", "10-20", "percent", "2025-01-01", "Decree 168/2024/ND-CP, Art. 34(2), (4)(a), (5)(a)", True
)
OPERATORS = (
    Operator("OP1", "Công ty TNHH Vận tải và Thương mại Đồng Đăng", "4900123456"),
    Operator(
        "OP2", "Hợp tác xã Dịch vụ vận tải hàng hóa, hành khách Hữu Nghị – Tân Thanh – Cốc Nam – Chi Ma", "4900123457"
    ),
    Operator("OP3", '=HYPERLINK("http://x";"Công ty")', "+84900123458"),
    Operator("OP4", "Ân Phát", None),
)
REGISTRATIONS = (
    Registration("12C12345", "OP1", "truck", "goods"),
    Registration("12C12346", "OP1", "tractor", "container"),
    Registration("12R00001", "OP1", "semi_trailer", "container"),
    Registration("12B00001", "OP2", "coach", "fixed_route"),
    Registration("12B00002", "OP2", "coach", "fixed_route", valid_to=date(2026, 3, 15)),
    Registration("12C22222", "OP3", "tanker_truck", "goods"),
    Registration("12C33333", "OP4", "truck", "goods"),
)
COVERAGE = (
    VehicleCoverage("12C12345", "OP1", 9_000, 180_000, 300_000, 10_000, 2_412_345.6),
    VehicleCoverage("12C12346", "OP1", 1_200, 36_000, 90_000, 0, 410_000.0),
    VehicleCoverage("12B00001", "OP2", 7_000, 140_000, 350_000, 5_000, 1_933_000.4),
    VehicleCoverage("29H99999", None, 500, 9_000, 20_000, 0, 120_500.0),
)


def finding(rule: str = "speeding", at: int = START + 3600, **changes: Any) -> Finding:
    """A finding of OP1 with plausible figures for its rule."""
    kg = {"unit": "kg", "driver": None, "law": (GROSS, BANDS), "start": at, "end": at, "band": "10-20"}
    seconds = {"unit": "s", "band": None, "law": (DRIVING,)}
    own: dict[str, dict[str, Any]] = {
        "speeding": {"detail": {"peak_speed": 80.1, "fixes": 7}},
        "continuous_driving": seconds | {"measured": 15_010, "limit": 14_400, "excess": 610},
        "daily_driving": seconds | {"measured": 37_500, "limit": 36_000, "excess": 1_500},
        "weekly_driving": seconds | {"measured": 174_600, "limit": 172_800, "excess": 1_800},
        "double_login": seconds
        | {"measured": 720, "limit": 0, "excess": 720, "detail": {"vehicles": ["12C12345", "12C12346"]}},
        "moving_silence": seconds
        | {"measured": 1_200, "limit": 120, "excess": 1_080, "detail": {"distance_m": 16_666.7}},
        "overload_payload": kg | {"measured": 11_800, "limit": 10_000, "excess": 18.0, "band": "10-30"},
        "overload_gross": kg | {"measured": 26_500, "limit": 24_000, "excess": 10.42},
        "overload_axle": kg
        | {"measured": 21_000, "limit": 18_000, "excess": 16.67, "detail": {"axles": "2+3", "fine": "none"}},
    }
    base = Finding(
        rule=rule,
        grade=Grade.CERTAIN,
        vehicle="12C12345",
        driver="790123456789",
        operator="OP1",
        start=at - 30,
        end=at + 30,
        at=at,
        measured=78.5,
        limit=60.0,
        excess=18.5,
        unit="km/h",
        band="10-20",
        law=(SPEED, DURATION),
        detail={},
    )
    return replace(base, **(own.get(rule, {}) | changes))


RULES = (
    "speeding",
    "continuous_driving",
    "daily_driving",
    "weekly_driving",
    "double_login",
    "moving_silence",
    "overload_payload",
    "overload_gross",
    "overload_axle",
)
FINDINGS = (
    *(finding(rule, START + 3600 * number) for number, rule in enumerate(RULES, 1)),
    finding("speeding", START, vehicle="12C12346", band="35+", measured=101.0, excess=41.0),
    finding("speeding", END - 1, vehicle="12B00001", operator="OP2", band="5-10", measured=65.0, excess=5.0),
    finding("speeding", START + 9, vehicle="29H99999", operator=None, driver=None),
    finding("overload_gross", START + 7200, vehicle="12C22222", operator="OP3", excess=25.5, band="20-50"),
    # None of these is listed: the week before, the week after, a possible one.
    finding("speeding", START - 1),
    finding("speeding", END),
    finding("continuous_driving", START + 50, grade=Grade.POSSIBLE),
)
LISTED = 13


def week(findings: Any = FINDINGS, coverage: Any = COVERAGE, operators: Any = OPERATORS, **changes: Any) -> WeeklyList:
    given: dict[str, Any] = {
        "week": WEEK,
        "made_at": MADE_AT,
        "authority": "ỦY BAN NHÂN DÂN TỈNH LẠNG SƠN\nSỞ GIAO THÔNG VẬN TẢI",
        "place": "Lạng Sơn",
        "law_version": "3f2a9c51d0e4",
        "method": "method.yaml",
        "method_title": "Default method, in favour of the driver",
        "code_version": "0.1.0",
        "run_ids": (41, 42),
        "watermark": END + 3600,
        "notes": (Note("registry_gap", "12C22222", "=1+1 không có giấy chứng nhận"),),
        "registrations": REGISTRATIONS,
    }
    given |= changes
    return build(findings, coverage, operators, given.pop("registrations"), **given)


def big(count: int) -> WeeklyList:
    """A week of `count` findings over 40 operators and 400 vehicles."""
    operators = [Operator(f"N{number}", f"Công ty cổ phần vận tải số {number}", str(number)) for number in range(40)]
    rows = [Registration(f"12C{number:05}", f"N{number % 40}", "truck", "goods") for number in range(400)]
    coverage = [VehicleCoverage(row.plate, row.operator, 9_000, 150_000, 400_000, 0, 2e6) for row in rows]
    findings = [
        finding(
            RULES[number % len(RULES)],
            START + 100 + number * 100,
            vehicle=rows[number % 400].plate,
            operator=rows[number % 400].operator,
        )
        for number in range(count)
    ]
    return week(findings, coverage, operators, registrations=rows)
