"""Reading the law and method files: strict, and every error names file, key and mend."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from rules import intervals, penalties
from rules.yamlfile import LawError as LawError
from rules.yamlfile import read_mapping

# Printed unit -> base units in one of it. The rules compute in s, kg, mm, tenths of km/h, whole percent and VND.
# Terms in days, months and years stay what they are: how long they last depends on the date that they begin at.
UNITS = {
    "h": 3600,
    "min": 60,
    "s": 1,
    "t": 1000,
    "kg": 1,
    "m": 1000,
    "mm": 1,
    "t/m": 1,  # t/m is kg/mm
    "km/h": 10,
    "percent": 1,
    "permille": 1,
    "fix": 1,
    "person": 1,
    "degree": 1,
    "none": 1,
    "million VND": 1000 * 1000,
    "point": 1,
    "day": 1,
    "day of month": 1,
    "month": 1,
    "year": 1,
}
Shape = Literal["penalties", "number", "table", "bands", "clauses", "text"]
NOT_KNOWN = "not known"  # written for a value: another law is in force from this date, and its figure was not found


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _known_unit(unit: str) -> str:
    if unit not in UNITS:
        raise ValueError(f"unit {unit!r} is not known; write one of: {', '.join(UNITS)}")
    return unit


class DatedValue(_Strict):
    effective_from: dt.date
    value: Any
    citation: str = Field(min_length=8)
    verified: bool

    @field_validator("effective_from", mode="before")
    @classmethod
    def _date(cls, value: Any) -> Any:
        return _date_of(value)

    @model_validator(mode="after")
    def _unknown(self) -> DatedValue:
        if self.value == NOT_KNOWN and self.verified:
            raise ValueError("what is not known is not verified; write verified: false")
        return self


class ParameterFile(_Strict):
    """One parameter as its file states it."""

    title_vi: str | None = Field(default=None, min_length=8)
    description: str = Field(min_length=10)
    shape: Shape
    unit: str
    of: str | None = None  # unit of the interval bounds of bands or clauses, where it is not `unit`
    last_checked: dt.date
    values: tuple[DatedValue, ...] = Field(min_length=1)

    _unit = field_validator("unit", "of")(lambda unit: unit if unit is None else _known_unit(unit))

    @field_validator("last_checked", mode="before")
    @classmethod
    def _date(cls, value: Any) -> Any:
        return _date_of(value)

    @field_validator("values")
    @classmethod
    def _ordered(cls, values: tuple[DatedValue, ...]) -> tuple[DatedValue, ...]:
        for before, after in itertools.pairwise(values):
            if after.effective_from <= before.effective_from:
                raise ValueError(
                    f"{after.effective_from} follows {before.effective_from}: write the values in order of "
                    "effective_from, one a date"
                )
        return values


class Figure(_Strict):
    value: Any
    unit: str
    rationale: str = Field(min_length=20)

    _unit = field_validator("unit")(_known_unit)


class MethodFile(_Strict):
    title: str
    title_vi: str
    extends: str | None = None
    applies_from: dt.date
    figures: dict[str, Figure]

    @field_validator("applies_from", mode="before")
    @classmethod
    def _date(cls, value: Any) -> Any:
        return _date_of(value)


def read_parameters(path: Path) -> dict[str, ParameterFile]:
    """The parameters of one law file, by key, with values checked for shape and unit."""
    parameters = {}
    for key, content in read_mapping(path).items():
        try:
            parameters[key] = ParameterFile.model_validate(content)
        except ValidationError as error:
            raise LawError(f"{path.name}: {_explain(key, error)}") from None
        for dated in parameters[key].values:
            try:
                base_value(dated.value, parameters[key])
            except ValueError as error:
                raise LawError(f"{path.name}: {key}: value from {dated.effective_from}: {error}") from None
    return parameters


def read_method(path: Path) -> MethodFile:
    """A method file, with the figures of the file that it extends."""
    try:
        method = MethodFile.model_validate(read_mapping(path))
    except ValidationError as error:
        raise LawError(f"{path.name}: {_explain('', error)}") from None
    for key, figure in method.figures.items():
        try:
            figure_value(figure)
        except ValueError as error:
            raise LawError(f"{path.name}: figures.{key}: {error}") from None
    if method.extends is None:
        return method
    base = read_method(path.with_name(f"{method.extends}.yaml"))
    if unknown := sorted(set(method.figures) - set(base.figures)):
        raise LawError(f"{path.name}: figures.{unknown[0]}: {method.extends}.yaml has no such figure; mend the name")
    return method.model_copy(update={"figures": {**base.figures, **method.figures}})


def figure_value(figure: Figure) -> Any:
    """A method figure in base units; a list of numbers stays as it is."""
    if isinstance(figure.value, list):
        return tuple(float(str(item)) for item in figure.value)
    return intervals.whole(figure.value, UNITS[figure.unit])


def base_value(value: Any, parameter: ParameterFile) -> Any:
    """A printed value in base units, in the form that its shape has for the rules. Raises ValueError.

    number: int. table: nested dict of int. bands, clauses: tuple of dicts with intervals read, `limit` in base units.
    penalties: tuple of dicts as in rules.penalties. What is not known: None.
    """
    if value == NOT_KNOWN:
        return None
    factor = UNITS[parameter.unit]
    if parameter.shape == "number":
        return intervals.whole(value, factor)
    if parameter.shape == "text":
        if not isinstance(value, str):
            raise ValueError("write a text")
        return value
    if parameter.shape == "table":
        if not isinstance(value, dict) or not value:
            raise ValueError("write a table: name: number")
        return {name: _cell(cell, factor) for name, cell in value.items()}
    if not isinstance(value, list) or not value or not all(isinstance(row, dict) for row in value):
        raise ValueError("write a list of rows such as {interval: ..., band: ...}")
    if parameter.shape == "penalties":
        return penalties.read_rows(value, factor)
    of = UNITS[parameter.of or parameter.unit]
    rows = tuple(_row(row, factor, of) for row in value)
    if parameter.shape == "bands":
        _adjoining(rows)
    return rows


_ROW_KEYS = {
    "band", "bands", "clause", "interval", "limit", "fined", "class",
    "kinds", "seats_max", "payload_kg_max", "liquid_tank", "otherwise",
    "axles", "axles_min", "span", "kingpin", "containers",
}  # fmt: skip


def _row(row: dict[str, Any], factor: int, of: int) -> dict[str, Any]:
    if unknown := sorted(set(row) - _ROW_KEYS):
        raise ValueError(f"key {unknown[0]!r} is not known in a row; mend it or remove it")
    read = dict(row)
    for key in ("interval", "span", "kingpin"):
        if key in row:
            read[key] = intervals.parse(str(row[key]), of)
    if "limit" in row:
        read["limit"] = intervals.whole(row["limit"], factor)
    return read


def _adjoining(rows: tuple[dict[str, Any], ...]) -> None:
    for row in rows:
        if "interval" not in row:
            raise ValueError('a band without interval; write interval: "[5, 10)"')
    for below, above in itertools.pairwise(rows):
        low, high = below["interval"], above["interval"]
        if low.high != high.low or low.high_in == high.low_in:
            raise ValueError("two bands overlap or leave a gap: each must begin where the one before ends")


def _cell(cell: Any, factor: int) -> Any:
    if isinstance(cell, dict):
        return {name: _cell(inner, factor) for name, inner in cell.items()}
    return intervals.whole(cell, factor)


def _date_of(value: Any) -> dt.date:
    try:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f"{value!r} is no date; write it as YYYY-MM-DD")


def _explain(key: str, error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in (key, *first["loc"]) if part != "")
    text = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        text = "this key is not known here; mend its name or remove it"
    elif first["type"] == "missing":
        text = "is missing; write it"
    return f"{place}: {text}"
