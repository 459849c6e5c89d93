"""Reading the files of rules/law/risk: the ladder of severity, and one file a formula; strict, faults told by key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from rules import intervals
from rules.intervals import NumberInterval
from rules.lawfile import UNITS
from rules.yamlfile import LawError, read_mapping

FOLDER = Path(__file__).parents[1] / "law" / "risk"
SEVERITIES = ("minor", "serious", "very_serious", "most_serious")
_LADDER = "severity"
_NEEDED = {
    "checks": {"window", "points", "mean_of", "age_percent", "fleet_percent", "decimals"},
    "exposure": {
        "window",
        "points",
        "per",
        "prior_min",
        "prior_max",
        "others_min",
        "others_distance_min",
        "tail_permille",
        "decimals",
    },
}
Severity = Literal["minor", "serious", "very_serious", "most_serious"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(_Strict):
    """One figure of a formula as printed. basis: where in the cited text it stands, or why this project chose it."""

    value: Any
    unit: str
    basis: str = Field(min_length=8)
    verified: bool

    @field_validator("unit")
    @classmethod
    def _known(cls, unit: str) -> str:
        if unit not in UNITS:
            raise ValueError(f"unit {unit!r} is not known; write one of: {', '.join(UNITS)}")
        return unit


class _Band(_Strict):
    interval: str
    band: str


class _Bands(_Strict):
    value: tuple[_Band, ...] = Field(min_length=1)
    basis: str = Field(min_length=8)
    verified: bool


class _Classes(_Strict):
    value: dict[str, tuple[str, ...]]
    basis: str = Field(min_length=8)
    verified: bool


class _FormulaFile(_Strict):
    title: str
    title_vi: str
    citation: str = Field(min_length=8)
    kind: Literal["checks", "exposure"]
    figures: dict[str, Figure]
    bands: _Bands | None = None
    classes: _Classes | None = None


class _Step(_Strict):
    interval: str
    severity: Severity


class _Ladder(_Strict):
    of: Literal["excess", "share", "each"]
    unit: Literal["km/h", "h", "percent"] | None = None
    value: tuple[_Step, ...] = ()
    severity: Severity | None = None
    basis: str = Field(min_length=8)
    verified: bool


@dataclass(frozen=True, slots=True)
class Ladder:
    """How grave findings of one rule are: by excess in base units, by share of the limit in percent, or each alike."""

    of: str
    unit: str | None
    steps: tuple[tuple[NumberInterval, str], ...]
    severity: str | None
    basis: str
    verified: bool


@dataclass(frozen=True, slots=True)
class RiskFormula:
    """A formula as its file states it. bands: in the unit of the score, as printed."""

    name: str
    title: str
    title_vi: str
    citation: str
    kind: str
    figures: dict[str, Figure]
    bands: tuple[tuple[NumberInterval, str], ...]
    classes: dict[str, tuple[str, ...]]
    unverified: tuple[str, ...]

    def whole(self, name: str) -> int:
        """A figure in base units (m: mm, year: years)."""
        figure = self.figures[name]
        return intervals.whole(figure.value, UNITS[figure.unit])

    @property
    def points(self) -> dict[str, int]:
        """Points of a finding by its severity."""
        return {name: intervals.whole(self.figures["points"].value[name], 1) for name in SEVERITIES}


def formula_names(folder: Path = FOLDER) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.yaml") if path.stem != _LADDER)


def read_formula(name: str, folder: Path = FOLDER) -> RiskFormula:
    """Raises LawError naming file, key and mend."""
    path = folder / f"{name}.yaml"
    if name not in formula_names(folder):
        raise LawError(f"no formula {name!r}: there are {', '.join(formula_names(folder))}")
    try:
        file = _FormulaFile.model_validate(read_mapping(path))
    except ValidationError as error:
        raise LawError(f"{path.name}: {_told(error)}") from None
    needed = _NEEDED[file.kind]
    if wrong := sorted(needed ^ file.figures.keys()):
        raise LawError(f"{path.name}: figures.{wrong[0]}: a formula of kind {file.kind} has just "
                       f"{', '.join(sorted(needed))}")  # fmt: skip
    points = file.figures["points"].value
    if not isinstance(points, dict) or set(points) != set(SEVERITIES):
        raise LawError(f"{path.name}: figures.points: write points for each of {', '.join(SEVERITIES)}")
    bands = file.bands.value if file.bands else ()
    try:
        read = tuple((intervals.parse(one.interval, 1), one.band) for one in bands)
        formula = RiskFormula(
            name, file.title, file.title_vi, file.citation, file.kind, file.figures, read,
            {} if file.classes is None else file.classes.value, _unverified(file),
        )  # fmt: skip
        ranks = [formula.points[one] for one in SEVERITIES]
    except ValueError as error:
        raise LawError(f"{path.name}: {error}") from None
    if ranks != sorted(ranks) or ranks[0] <= 0:
        raise LawError(f"{path.name}: figures.points: graver findings have more points, and each has some")
    return formula


def read_ladder(folder: Path = FOLDER) -> dict[str, Ladder]:
    """How grave findings are, by rule. Raises LawError."""
    ladders, file = {}, f"{_LADDER}.yaml"
    for rule, content in read_mapping(folder / file).items():
        try:
            one = _Ladder.model_validate(content)
            factor = 1 if one.unit in (None, "percent") else UNITS[one.unit or "none"]
            steps = tuple((intervals.parse(step.interval, factor), step.severity) for step in one.value)
        except ValidationError as error:
            raise LawError(f"{file}: {rule}.{_told(error)}") from None
        except ValueError as error:
            raise LawError(f"{file}: {rule}: {error}") from None
        if (one.of == "each") != (one.severity is not None) or (one.of == "each") == bool(steps):
            raise LawError(f"{file}: {rule}: write severity where each is alike, else unit and steps in value")
        ladders[rule] = Ladder(one.of, one.unit, steps, one.severity, one.basis, one.verified)
    return ladders


def _unverified(file: _FormulaFile) -> tuple[str, ...]:
    named = {name: one.verified for name, one in file.figures.items()}
    named |= {name: one.verified for name, one in (("bands", file.bands), ("classes", file.classes)) if one}
    return tuple(sorted(name for name, verified in named.items() if not verified))


def _told(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg'].removeprefix('Value error, ')}"
