"""What follows from a finding: the penalties in force when it was complete, for each who answers for it.

Law:   penalties_speed.excess, penalties_overload.*, penalties_driving.time, penalties_recorder.card,
       penalties_operator.data, overload.loader_bands, vehicle_badge.overload_counted, all at the finding's `at`.
Units: VND, licence points, months; a range is [least, most].
Shape: findings of one floor -> the same findings with detail["consequences"], a list of plain dicts.
Gaps:  what the law files do not state is null, or no row; why there is none at all stands in detail["no_consequence"].
       A finding of grade possible has neither.

All findings of one weighing must be given together: its gross and axle mass may give one fine only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from journey.model import Finding, Grade
from journey.registry import Registration
from rules.law import Dated, Law
from rules.onefine import ROAD, key, lesser, rule_for, under_permit
from rules.penalties import CARRIAGES
from rules.registered import Registered

Consequence = dict[str, Any]
Row = dict[str, Any]

_PASSENGER, _GOODS = CARRIAGES
_CARRIAGE = {
    "fixed_route": _PASSENGER, "bus": _PASSENGER, "contract": _PASSENGER, "tourist": _PASSENGER, "taxi": _PASSENGER,
    "goods": _GOODS, "container": _GOODS,
}  # fmt: skip
_LOADING = "penalties_overload.loading"
# Rule -> the parameter that states its penalties, and the offence where it is no band.
_SOURCES: dict[str, tuple[str, str | None]] = {
    "speeding": ("penalties_speed.excess", None),
    "overload_payload": ("penalties_overload.payload", None),
    "overload_gross": (ROAD, None),
    "overload_axle": (ROAD, None),
    "continuous_driving": ("penalties_driving.time", "over_time"),
    "daily_driving": ("penalties_driving.time", "over_time"),
    "weekly_driving": ("penalties_driving.time", "over_time"),
    "double_login": ("penalties_recorder.card", "card_misused"),
    "moving_silence": ("penalties_operator.data", "data_withheld"),
}
_SAID = {
    "double_login": {"duty": "driver", "note": "the use of a card is found, not the person who used it"},
    "moving_silence": {"duty": "operator", "note": "the data are missing; through whose fault is to be found out"},
}


def penalties_of(rule: str) -> str | None:
    """The parameter that states the penalties for what a rule finds; None: the law files state none."""
    source = _SOURCES.get(rule)
    return None if source is None else source[0]


def attach(findings: Sequence[Finding], registered: Registered, law: Law) -> list[Finding]:
    """The findings of one floor, the certain ones with what follows from them."""
    codes = {plate: code for code, plate in enumerate(registered.plates)} if findings else {}
    lighter = lesser(findings, law)
    stated = []
    for finding in findings:
        if finding.grade == Grade.CERTAIN:
            row = registered.row_at(codes[finding.vehicle], finding.at)
            said = _consequences(finding, row, lighter.get(key(finding)), law)
            finding = replace(finding, detail={**finding.detail, **said})
        stated.append(finding)
    return stated


def _consequences(finding: Finding, row: Registration | None, heavier: Finding | None, law: Law) -> dict[str, Any]:
    source = _SOURCES.get(finding.rule)
    if source is None:
        return _none("the law files state no penalty for this rule")
    path, offence = source[0], "own_permit_exceeded" if under_permit(finding) else source[1]
    dated = law.at(path, finding.at)
    if dated is None:
        return _none(f"the law files state no penalty before {law.dated(path)[0].effective_from}")
    wanted = ("offence", offence) if offence else ("band", finding.band)
    rows = [one for one in dated.value or () if one.get(wanted[0]) == wanted[1]]
    if not rows:
        return _none(f"what the law in force from {dated.effective_from} takes for it is not known")
    if finding.detail.get("fine") == "none":
        return {"consequences": [_no_axle_fine(finding, dated, one, law) for one in rows]}
    found = [_fined_once(finding, heavier, one, law) or _stated(finding, dated, one) for one in _of_carriage(rows, row)]
    if finding.rule == "overload_payload":
        found += _of_loader(finding, law)
    for one in found:
        _remark(one, finding.rule)
    return {"consequences": found}


def _none(because: str) -> dict[str, Any]:
    return {"consequences": [], "no_consequence": because}


def _stated(finding: Finding, dated: Dated, row: Row) -> Consequence:
    """One penalty as the law states it; it leans on every figure that the finding leans on."""
    stated = {
        "subject": row["subject"],
        "fined": True,
        "fine_vnd": list(row["fine"]),
        "organisation_vnd": _range(row, "organisation"),
        "points": row.get("points"),
        "suspension_months": _range(row, "suspension"),
        "badge_suspension_months": _range(row, "badge"),
        "citation": f"{dated.citation}, {row['clause']}",
        "in_force_from": dated.effective_from,
        "verified": dated.verified and all(use.verified for use in finding.law),
    }
    return stated | {name: row[name] for name in ("note", "or") if name in row}


def _unfined(finding: Finding, dated: Dated, row: Row, because: str) -> Consequence:
    """The same where nothing is taken. Args: row: whose subject and clause are named."""
    stated = _stated(finding, dated, row)
    taken = [name for name in stated if name.endswith(("_vnd", "_months")) or name == "points"]
    return stated | dict.fromkeys(taken) | {"fined": False, "because": because}


def _range(row: Row, name: str) -> list[int] | None:
    return list(row[name]) if name in row else None


def _of_carriage(rows: list[Row], row: Registration | None) -> list[Row]:
    """The rows of the article for passengers or for goods, whichever the vehicle's business is.

    Nobody knows what an unregistered vehicle carries: of the two articles the milder stands, and says so.
    """
    if row is not None and row.business in _CARRIAGE:
        carriage = _CARRIAGE[row.business]
        return [one for one in rows if one.get("carriage", carriage) == carriage]
    either = sorted((one for one in rows if "carriage" in one), key=_severity)
    if not either:
        return rows
    note = "business of the vehicle not known: the milder of the articles for passengers and for goods"
    milder = either[0] | {"note": note, "or": [one["clause"] for one in either[1:]]}
    return [milder, *(one for one in rows if "carriage" not in one)]


def _severity(row: Row) -> tuple[Any, ...]:
    return row["fine"][::-1], row.get("points", 0), row.get("suspension", (0, 0))[::-1]


def _fined_once(finding: Finding, heavier: Finding | None, row: Row, law: Law) -> Consequence | None:
    """That nothing is taken for the lesser of gross and axle mass; None where it is fined by itself."""
    if heavier is None:
        return None
    rule = rule_for(row["subject"], {finding.band, heavier.band}, finding.at, law)
    if rule is None:
        return None
    because = f"gross and axle mass of one weighing give one fine, the heavier: that of {heavier.rule}"
    return _unfined(finding, rule[0], row | {"clause": rule[1]["clause"]}, because)


def _no_axle_fine(finding: Finding, dated: Dated, row: Row, law: Law) -> Consequence:
    badge = law.at("vehicle_badge.overload_counted", finding.at)
    counts = f"; the weighing may count towards the badge ({badge.citation})" if badge else ""
    return _unfined(finding, dated, row, f"in this band the article fines gross mass only{counts}")


def _of_loader(finding: Finding, law: Law) -> list[Consequence]:
    """Whoever loaded the vehicle, by the band of his own article that the finding's band lies in."""
    liquid = "_liquid_tank" if any(use.parameter == "overload.payload_bands_liquid_tank" for use in finding.law) else ""
    own = law.at(f"overload.payload_bands{liquid}", finding.at)
    bands, dated = law.at(f"overload.loader_bands{liquid}", finding.at), law.at(_LOADING, finding.at)
    if not (own and bands and dated and own.value and bands.value and dated.value):
        return []
    inside = next(band["interval"] for band in own.value if band["band"] == finding.band)
    names = [
        band["band"]
        for band in bands.value
        if band["interval"].low <= inside.low and inside.high <= band["interval"].high
    ]
    found = [_stated(finding, dated, one) for one in dated.value if one.get("band") in names]
    return [one | {"note": "who loaded the vehicle is not in the record"} for one in found]


def _remark(one: Consequence, rule: str) -> None:
    for name, text in _SAID.get(rule, {}).items():
        one[name] = f"{text}; {one[name]}" if name in one else text
