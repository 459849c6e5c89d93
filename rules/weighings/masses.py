"""Mass limits of a combination: gross by axles and geometry, axle groups by spacing (rules.md, 4.4; law mass.*).

Whatever is not known counts in the driver's favour: the highest limit that the known figures allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from journey.model import Weighing
from journey.registry import Registration
from rules.law import Dated, Law

SEMI_TRAILERS = ("semi_trailer", "tanker_semi_trailer")
TOWED = (*SEMI_TRAILERS, "trailer")


@dataclass(frozen=True, slots=True)
class MassLimit:
    """A limit in kg, the figures of law it rests on, and how it was found, for a reader."""

    kg: int
    law: tuple[Dated, ...]
    why: str


@dataclass(frozen=True, slots=True)
class AxleGroup:
    """Neighbouring axles judged together. first, last: numbers of the axles from the front, 1-based."""

    first: int
    last: int
    spacing_mm: int  # the larger one inside the group; 0 for a single axle

    @property
    def axles(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class _Tables:
    rigid: Dated
    semi: Dated
    cap: Dated
    single: Dated
    kingpin_min: Dated
    deduction: Dated


def gross_limit(row: Registration | None, towed: Registration | None, weighing: Weighing, law: Law) -> MassLimit | None:
    """Gross limit by the table in force, before signs and permits; None where no law was in force."""
    names = ("gross_rigid", "gross_semi_trailer", "gross_truck_trailer_max", "axle_single", "kingpin_min",
             "kingpin_deduction")  # fmt: skip
    found = [law.at(f"mass.{name}", weighing.time) for name in names]
    if any(dated is None for dated in found):
        return None
    tables = _Tables(*(dated for dated in found if dated is not None))
    axles = len(weighing.axle_kg)
    limit = None
    if row is not None and row.kind == "tractor" and towed is not None and towed.kind in SEMI_TRAILERS:
        limit = _semi_trailer(tables, axles, towed.kingpin_mm, weighing.containers)
    elif row is not None and row.kind not in ("tractor", *TOWED) and weighing.trailer is None:
        limit = _rigid(tables, axles, span_mm(weighing))
    elif row is not None and row.kind not in ("tractor", *TOWED) and towed is not None and towed.kind == "trailer":
        limit = _with_trailer(tables, axles)
    return limit or _by_axles(tables, axles)


def span_mm(weighing: Weighing) -> int | None:
    """First to last axle; None where the spacings do not fit the axles."""
    spacing = weighing.spacing_mm
    return sum(spacing) if spacing and len(spacing) == len(weighing.axle_kg) - 1 else None


def axle_groups(weighing: Weighing, gap_mm: int) -> list[AxleGroup] | None:
    """Axles closer than `gap_mm` to the next form a group; None where the spacings do not fit the axles."""
    spacing = weighing.spacing_mm
    if not weighing.axle_kg or len(spacing) != len(weighing.axle_kg) - 1:
        return None
    groups, first = [], 0
    for place in range(1, len(weighing.axle_kg) + 1):
        if place == len(weighing.axle_kg) or spacing[place - 1] >= gap_mm:
            inside = spacing[first : place - 1]
            groups.append(AxleGroup(first + 1, place, max(inside, default=0)))
            first = place
    return groups


def group_limit(group: AxleGroup, axle_sign_kg: int | None, time: int, law: Law) -> MassLimit | None:
    """Limit of one axle group; a station's axle limit stands for single axles. None: no limit in force or stated."""
    name = {1: "axle_single", 2: "axle_tandem", 3: "axle_tridem"}.get(group.axles)
    dated = law.at(f"mass.{name}", time) if name else None
    if dated is None:
        return None
    if group.axles == 1:
        return MassLimit(axle_sign_kg or dated.value, (dated,), "axle sign" if axle_sign_kg else "single axle")
    row = next(row for row in dated.value if row["interval"].holds(group.spacing_mm))
    return MassLimit(row["limit"], (dated,), f"{group.axles} axles, {group.spacing_mm} mm apart")


def _rigid(tables: _Tables, axles: int, span: int | None) -> MassLimit | None:
    kg = _highest(tables.rigid.value, axles, span=span)
    return MassLimit(kg, (tables.rigid,), f"rigid, {axles} axles") if kg else None


def _semi_trailer(tables: _Tables, axles: int, kingpin: int | None, containers: int | None) -> MassLimit | None:
    kg = _highest(tables.semi.value, axles, kingpin=kingpin, containers=containers)
    if kg is None:
        return None
    if kingpin is None or kingpin >= tables.kingpin_min.value:
        return MassLimit(
            kg, (tables.semi,), f"semi-trailer combination, {axles} axles, king-pin {kingpin or 'unknown'}"
        )
    missing = tables.kingpin_min.value - kingpin
    law = (tables.semi, tables.kingpin_min, tables.deduction)
    return MassLimit(
        kg - missing * tables.deduction.value, law, f"semi-trailer combination, {axles} axles, {missing} mm missing"
    )


def _with_trailer(tables: _Tables, axles: int) -> MassLimit | None:
    kg = _truck_trailer(tables, axles)
    return (
        MassLimit(kg, (tables.rigid, tables.single, tables.cap), "truck and trailer, axles not told apart")
        if kg
        else None
    )


def _truck_trailer(tables: _Tables, axles: int) -> int | None:
    """The best share of the axles between truck and trailer, the trailer's all single, under the cap."""
    shares = [
        truck + (axles - place) * tables.single.value
        for place in range(2, axles)
        if (truck := _highest(tables.rigid.value, place)) is not None
    ]
    return min(max(shares), tables.cap.value) if shares else None


def _by_axles(tables: _Tables, axles: int) -> MassLimit:
    """The highest limit of any kind of vehicle with so many axles (of any number where fewer than two are known)."""
    every = tables.rigid.value + tables.semi.value
    if axles < 2:
        kg = max(row["limit"] for row in every)
    else:
        options = (
            _highest(tables.rigid.value, axles),
            _highest(tables.semi.value, axles),
            _truck_trailer(tables, axles),
        )
        kg = max(option for option in options if option is not None)
    return MassLimit(kg, (tables.rigid, tables.semi, tables.cap), f"highest limit that {axles} axles allow")


def _highest(
    clauses: tuple[dict[str, Any], ...],
    axles: int,
    span: int | None = None,
    kingpin: int | None = None,
    containers: int | None = None,
) -> int | None:
    """The highest limit of the clauses that the known figures do not exclude."""
    limits = [
        int(clause["limit"])
        for clause in clauses
        if clause.get("axles", axles) == axles
        and axles >= clause.get("axles_min", axles)
        and (span is None or "span" not in clause or clause["span"].holds(span))
        and (kingpin is None or "kingpin" not in clause or clause["kingpin"].holds(kingpin))
        and (containers is None or clause.get("containers", containers) == containers)
    ]
    return max(limits, default=None)
