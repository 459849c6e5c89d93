"""Findings made by hand, and what follows from them, in words short enough for a table."""

from __future__ import annotations

from datetime import date
from typing import Any

from journey.localtime import midnight
from journey.model import Finding, Grade, LawUse
from journey.registry import Registration
from rules import law as rulebook
from rules.consequences import attach
from rules.registered import index

LAW = rulebook.load()
CITED = LawUse("speed.expressway_max", 120, "km/h", "2019-10-15", "Circular 31/2019/TT-BGTVT, Art. 9", True)
PLATE = "12C12345"


def at(day: str) -> int:
    """The first instant of a local day."""
    return midnight(date.fromisoformat(day))


def finding(rule: str, time: int, band: str | None = None, *, grade: Grade = Grade.CERTAIN, measured: int = 0,
            limit: int = 10_000, uses: tuple[LawUse, ...] = (CITED,), **detail: Any) -> Finding:  # fmt: skip
    return Finding(
        rule=rule, grade=grade, vehicle=PLATE, driver=None, operator="OP1", start=time, end=time, at=time,
        measured=measured, limit=limit, excess=measured - limit, unit="s", band=band, law=uses, detail=detail,
    )  # fmt: skip


def attached(*findings: Finding, business: str | None = "goods", law: rulebook.Law = LAW) -> list[Finding]:
    """The findings with what follows from them. Args: business: of the vehicle, None: not registered."""
    rows = [] if business is None else [Registration(PLATE, "OP1", "truck", business)]
    return attach(findings, index(rows, [PLATE]), law)


def told(one: Finding) -> list[str]:
    """Each consequence as: subject fine [/ organisation] m [points p] [licence] [badge] clause [unverified]."""
    return [_told(consequence) for consequence in one.detail["consequences"]]


def _told(one: dict[str, Any]) -> str:
    if not one["fined"]:
        words = [one["subject"], "not fined"]
    else:
        words = [one["subject"], _millions(one["fine_vnd"])]
        words += ["/", _millions(one["organisation_vnd"])] if one["organisation_vnd"] else []
        words += [f"{one['points']}p"] if one["points"] is not None else []
        for key, name in (("suspension_months", "licence"), ("badge_suspension_months", "badge")):
            words += [name, "-".join(map(str, one[key]))] if one[key] else []
    return " ".join([*words, one["citation"].partition(", ")[2], *([] if one["verified"] else ["unverified"])])


def _millions(ends: list[int]) -> str:
    return "-".join(f"{end / 1_000_000:g}" for end in ends)
