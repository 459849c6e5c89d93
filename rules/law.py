"""The law in force at an instant, and the method figures; every figure can say where it comes from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from journey.localtime import midnight
from journey.model import LawUse
from journey.track import Int
from rules.lawfile import LawError, ParameterFile, base_value, figure_value, read_method, read_parameters

FOLDER = Path(__file__).with_name("law")


@dataclass(frozen=True, slots=True)
class Dated:
    """One value of one parameter. `value` is in base units (s, kg, mm, tenths of km/h, percent, VND).

    It is None where another law is in force from this date and what it says was not found.
    """

    path: str
    value: Any
    printed: Any
    unit: str
    start: int  # Unix s of the local midnight from which it is in force
    effective_from: str
    citation: str
    verified: bool

    def use(self, printed: Any = None, clause: str = "") -> LawUse:
        """This value as a finding states it.

        Args: printed: the cell of a table, or the band, that was used. clause: the part of the cited article it is in.
        """
        shown = self.printed if printed is None else printed
        return LawUse(self.path, shown, self.unit, self.effective_from, self.citation + clause, self.verified)

    def use_band(self, band: dict[str, Any] | None) -> LawUse:
        """The use of one band of a list of bands."""
        return self.use() if band is None else self.use(band["band"], band.get("clause", ""))


@dataclass(frozen=True, slots=True)
class Law:
    """Parameters by path (`speed.outside`), each with its dated values in order; and the method figures."""

    parameters: dict[str, tuple[Dated, ...]]
    method: dict[str, Dated]
    method_name: str
    method_title: str  # in Vietnamese, for what is published
    version: str
    about: dict[str, ParameterFile]  # what each parameter is, as its file states it
    formulas_at: int | None = None  # judge by the formulas of this instant, whatever the time; None: each by its own

    def dated(self, path: str) -> tuple[Dated, ...]:
        if path not in self.parameters:
            raise LawError(f"no parameter {path!r}; known: {', '.join(sorted(self.parameters))}")
        return self.parameters[path]

    def all_of(self, path: str) -> tuple[Dated, ...]:
        """Every value of a parameter, or the one of a method figure (`method.moving_min`)."""
        name = path.removeprefix("method.")
        return self.dated(path) if name == path else (self.method[name],)

    def at(self, path: str, time: int) -> Dated | None:
        """The value in force at an instant; None where none was yet."""
        found = None
        for dated in self.dated(path):
            if dated.start <= time:
                found = dated
        return found

    def series(self, path: str, times: Int) -> Int:
        """For each instant the index into `dated(path)` of the value in force, -1 where none was yet."""
        starts = np.array([dated.start for dated in self.dated(path)], np.int64)
        return np.searchsorted(starts, times, side="right") - 1

    def figure(self, name: str) -> Any:
        """A method figure in base units."""
        return self.method[name].value


def load(folder: Path = FOLDER, method: str = "method") -> Law:
    """Read all law files of a folder and one method file (a name there, or a path ending in .yaml).

    Raises: LawError naming file, key and mend.
    """
    parameters, about = {}, {}
    for file in sorted((folder / "vn").glob("*.yaml")):
        for key, parameter in read_parameters(file).items():
            path = f"{file.stem}.{key}"
            about[path] = parameter
            parameters[path] = tuple(
                Dated(
                    path,
                    base_value(dated.value, parameter),
                    dated.value,
                    parameter.unit,
                    midnight(dated.effective_from),
                    dated.effective_from.isoformat(),
                    dated.citation,
                    dated.verified,
                )
                for dated in parameter.values
            )
    if not parameters:
        raise LawError(f"{folder / 'vn'}: holds no law files")
    method_path = Path(method) if method.endswith(".yaml") else folder / f"{method}.yaml"
    chosen = read_method(method_path)
    figures = {
        name: Dated(
            f"method.{name}",
            figure_value(figure),
            figure.value,
            figure.unit,
            midnight(chosen.applies_from),
            chosen.applies_from.isoformat(),
            f"{method_path.stem}: {figure.rationale}",
            True,
        )
        for name, figure in chosen.figures.items()
    }
    return Law(parameters, figures, method_path.stem, chosen.title_vi, _version(parameters, figures), about)


def _version(parameters: dict[str, tuple[Dated, ...]], figures: dict[str, Dated]) -> str:
    """Hash of every value with its date and citation; comments and layout of the files do not count."""
    content = [
        [dated.path, dated.printed, dated.unit, dated.effective_from, dated.citation, dated.verified]
        for path in sorted(parameters)
        for dated in parameters[path]
    ] + [[dated.path, dated.printed, dated.unit, dated.citation] for _, dated in sorted(figures.items())]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
