"""Month-to-date counters as rows for programs and spreadsheets: months, vehicles, operators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from api.exports.counters import OperatorCount, Threshold, VehicleCount
from api.exports.publication import moment
from api.exports.table_schema import Field
from api.exports.weekly import WeeklyList

type Row = list[str | int | float | bool | None]

_MM_PER_M = 1000
MONTH = (
    Field("month", "string", "local calendar month, such as 2026-03", required=True),
    Field("until", "datetime", "counted to this instant: the end of the week or of the month", required=True),
    Field("whole", "boolean", "whether the month was over then", required=True),
    Field("speeding_law", "string", "figures and citations of the law for speed; null: none in force for the month"),
    Field("speeding_unverified", "boolean", "whether one of them was not read in the law's own text"),
    Field("overload_law", "string", "the same for overload weighings"),
    Field("overload_unverified", "boolean", "the same"),
    Field("licence_law", "string", "the same for the review of an operator's licence"),
    Field("licence_unverified", "boolean", "the same"),
    Field("held", "integer", "certain findings of these kinds that cases keep back, and that are not counted",
          required=True),
)  # fmt: skip
VEHICLE = (
    Field("month", "string", "local calendar month", required=True),
    Field("vehicle", "string", "plate", required=True),
    Field("operator", "string", "transport business at the month's end; null: in no registry"),
    Field("operator_name", "string", "its name"),
    Field("breaches", "integer", "speed breaches that count", required=True),
    Field("driving_m", "number", "distance driven, as far as there is data", "m", True),
    Field("weighings", "integer", "overload weighings that count", required=True),
    Field("reached_speeding", "boolean", "whether the law's number for speed is reached", required=True),
    Field("reached_overload", "boolean", "whether the law's number for overload is reached", required=True),
)
OPERATOR = (
    Field("month", "string", "local calendar month", required=True),
    Field("operator", "string", "transport business with a vehicle that has reached a number", required=True),
    Field("operator_name", "string", "its name"),
    Field("vehicles", "integer", "motor vehicles at the month's end", required=True),
    Field("reached", "integer", "of these: those that have reached a number", required=True),
    Field("review", "boolean", "whether the law's share for a review of the licence is reached", required=True),
)


def names_of(weekly: WeeklyList) -> dict[str, str]:
    return {part.id: part.name for part in weekly.operators if part.id}


def month_rows(weekly: WeeklyList) -> list[Row]:
    """Cells of MONTH, oldest month first."""
    return [
        [
            f"{one.month:%Y-%m}", moment(one.until).isoformat(), one.whole,
            *(cell for used in (one.speeding, one.overload, one.share) for cell in _law(used)), one.held,
        ]
        for one in weekly.counters
    ]  # fmt: skip


def vehicle_rows(weekly: WeeklyList) -> list[Row]:
    """Cells of VEHICLE: those with anything that counts, most first."""
    names = names_of(weekly)
    return [_vehicle(one, names) for month in weekly.counters for one in month.vehicles]


def operator_rows(weekly: WeeklyList) -> list[Row]:
    """Cells of OPERATOR."""
    names = names_of(weekly)
    return [_operator(one, names) for month in weekly.counters for one in month.operators]


def _vehicle(one: VehicleCount, names: Mapping[str, str]) -> Row:
    name = None if one.operator is None else names.get(one.operator)
    return [f"{one.month:%Y-%m}", one.plate, one.operator, name, one.breaches, one.driven_mm / _MM_PER_M, one.weighings,
            one.reached_speeding, one.reached_overload]  # fmt: skip


def _operator(one: OperatorCount, names: Mapping[str, str]) -> Row:
    return [f"{one.month:%Y-%m}", one.operator, names.get(one.operator), one.vehicles, one.reached, one.review]


def _law(used: Threshold) -> Iterator[str | bool | None]:
    said = "; ".join(f"{one.path} = {one.printed} {one.unit or ''}".rstrip() + f" ({one.citation})"
                     for one in used.figures)  # fmt: skip
    yield said or None
    yield not used.verified if used.figures else None
