"""Other rulebooks than the one in force: the law held still at a date, and what two rulebooks say differently.

Shape: Law -> Law; two Laws -> changes of figures. Units: as printed, for a reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from journey.localtime import midnight
from rules.checks import all_rules
from rules.formulas import formula_at, parameter
from rules.law import Dated, Law
from rules.scene import Formula

_ALWAYS, _NEVER = midnight(date.min), midnight(date.max)


@dataclass(frozen=True, slots=True)
class FigureChange:
    """One figure that two rulebooks state differently.

    cell: which part of a table differs, "" for the whole. old, new: that part as printed, None: not stated. same: it
    is the value of both, and only the source is another.
    """

    path: str
    cell: str
    old: str | None
    new: str | None
    old_source: str
    new_source: str
    same: bool = False


def frozen_at(law: Law, day: date) -> Law:
    """The law as it stood on a local date, for all times: each figure's value in force then, with its own citation.

    `in_force_from` stays that of the value. What was not in force on that day is never in force. Method figures stay.
    Each rule judges by its formula of that day.
    """
    instant = midnight(day)
    parameters: dict[str, tuple[Dated, ...]] = {}
    for path, values in law.parameters.items():
        dated = law.at(path, instant)
        held = replace(values[0], start=_NEVER) if dated is None else replace(dated, start=_ALWAYS)
        parameters[path] = (held,)
    version = f"{law.version}@{day.isoformat()}"
    return replace(law, parameters=parameters, version=version, formulas_at=instant)


def figure_changes(old: Law, new: Law, start: int, end: int) -> list[FigureChange]:
    """What two rulebooks state differently of what rules rest on, in [start, end) s UTC; values before sources."""
    changes: list[FigureChange] = []
    for path in sorted({path for rule in all_rules() for path in rule.uses if not path.startswith("method.")}):
        instants = {dated.start for law in (old, new) for dated in law.dated(path) if start < dated.start < end}
        for time in (start, *sorted(instants)):
            changes += _between(path, old.at(path, time), new.at(path, time))
    for name in sorted(old.method.keys() | new.method.keys()):
        figures = old.method.get(name), new.method.get(name)
        changes += [change for change in _between(f"method.{name}", *figures) if not change.same]
    changes += _formula_changes(old, new, start, end)
    return sorted(dict.fromkeys(changes), key=lambda change: change.same)


def _between(path: str, old: Dated | None, new: Dated | None) -> list[FigureChange]:
    sources = _source(old), _source(new)
    if sources[0] == sources[1] and old is not None and new is not None and old.printed == new.printed:
        return []
    before, after = _cells(old), _cells(new)
    if before == after:
        text = "; ".join(value if cell == value else f"{cell} {value}".strip() for cell, value in before.items())
        return [FigureChange(path, "", text, text, *sources, same=True)] if before else []
    cells = [cell for cell in dict.fromkeys((*before, *after)) if before.get(cell) != after.get(cell)]
    changes = []
    for cell in cells:
        pair = before.get(cell), after.get(cell)
        changes.append(FigureChange(path, "" if cell in pair else cell, *pair, *sources))
    return changes


def _formula_changes(old: Law, new: Law, start: int, end: int) -> Iterator[FigureChange]:
    for rule in all_rules():
        days = [midnight(formula.effective_from) for formula in rule.formulas]
        for time in (start, *(day for day in days if start < day < end)):
            pair = formula_at(rule, old, time), formula_at(rule, new, time)
            if pair[0] != pair[1]:
                (before, source), (after, other) = map(_formula, pair)
                yield FigureChange(parameter(rule), "", before, after, source, other)


def _formula(formula: Formula[Any] | None) -> tuple[str, str]:
    """A formula by its day, and where it stands."""
    if formula is None:
        return "first", "in force from the beginning"
    return formula.effective_from.isoformat(), formula.citation + ("" if formula.verified else " (not verified)")


def _source(dated: Dated | None) -> str:
    """Where a figure stands, and since when it is in force."""
    if dated is None:
        return "not in force"
    return f"{dated.citation} (from {dated.effective_from}{'' if dated.verified else ', not verified'})"


def _cells(dated: Dated | None) -> dict[str, str]:
    """The parts of a figure that can differ by themselves, as printed, with their unit."""
    if dated is None:
        return {}
    unit = "" if dated.unit == "none" else f" {dated.unit}"
    return dict(_flat("", dated.printed, unit))


def _flat(name: str, printed: Any, unit: str) -> Iterator[tuple[str, str]]:
    if isinstance(printed, dict):
        for key, value in printed.items():
            yield from _flat(f"{name}.{key}".lstrip("."), value, unit)
    elif isinstance(printed, list) and all(isinstance(row, dict) for row in printed):
        for row in printed:
            # A row is known by what it says: two rulebooks' rows are equal or not, wherever they stand.
            text = " ".join(f"{key} {_plain(value)}" for key, value in row.items() if key != "clause")
            yield f"{name} {text}".strip(), text
    else:
        yield name, f"{_plain(printed)}{unit}"


def _plain(value: Any) -> str:
    return "/".join(map(str, value)) if isinstance(value, list) else str(value)
