"""Risk ratings as tables to read, and as CSV or JSON with every line of their arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from api.exports.csv_table import csv_bytes
from cli.risk.rating import Rated, Ratings
from rules.risk.accounts import Score
from rules.risk.checks import show
from rules.risk.file import RiskFormula

_DASH = "-"
_NOTES = (
    "findings count that could be listed today; those that are only possible, disputed or dismissed do not.",
    "a dash: nothing is known by which to rate. It is neither a good nor a bad score.",
    "a rating says whom to look at first. It is no finding, and the formulas of other countries have no force here.",
)


def print_ratings(console: Console, ratings: Ratings) -> None:
    """One line an operator; by the interval's lower bound where there is one, so that little driving leads nowhere."""
    table = Table(title=f"risk of operators as of {ratings.as_of}", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("operator", overflow="fold")
    table.add_column("vehicles", justify="right", no_wrap=True)
    for one in ratings.formulas:
        table.add_column(one.name, justify="right", no_wrap=True)
    for rated in sorted(ratings.rated, key=_gravest):
        scored = zip(rated.scores, ratings.formulas, strict=True)
        table.add_row(_named(rated), str(rated.vehicles), *(_cell(score, formula) for score, formula in scored))
    console.print(table)
    _print_notes(console, ratings)


def print_operator(console: Console, ratings: Ratings) -> None:
    """The scores of one operator, each with the lines that it is made of."""
    (rated,) = ratings.rated
    console.print(f"{_named(rated)}: {rated.vehicles} motor vehicles registered on {ratings.as_of}", soft_wrap=True)
    for formula, score in zip(ratings.formulas, rated.scores, strict=True):
        years = formula.whole("window")
        console.print()
        console.print(f"{formula.name}: {formula.title}, over {years} year{'s' * (years > 1)}: "
                      f"{_shown(score.value, formula)} {score.band}", soft_wrap=True)  # fmt: skip
        for text, amount in score.lines:
            console.print(f"  {text}" + (f" = {amount}" if amount else ""), soft_wrap=True)
        console.print(f"  source: {formula.citation}", soft_wrap=True)
        for name in formula.unverified:
            console.print(f"  not verified: {name}", soft_wrap=True)
    console.print()
    _print_notes(console, ratings)


def as_csv(ratings: Ratings) -> bytes:
    """One row an operator and formula."""
    rows: list[list[Any]] = [
        ["operator", "name", "vehicles", "as_of", "formula", "score", "low", "high", "band", "why"]
    ]
    for rated in ratings.rated:
        for formula, score in zip(ratings.formulas, rated.scores, strict=True):
            figures = (score.value, score.low, score.high)
            rows.append([rated.operator, rated.name, rated.vehicles, ratings.as_of, formula.name,
                         *(None if one is None else show(one, formula) for one in figures), score.band,
                         "\n".join(_joined(score))])  # fmt: skip
    return csv_bytes(rows)


def as_json(ratings: Ratings) -> bytes:
    """One object; scores as text with their printed decimals."""
    content = {
        "as_of": ratings.as_of,
        "unregistered": ratings.unregistered,
        "held_back": ratings.held_back,
        "formulas": [
            {"name": one.name, "title": one.title, "title_vi": one.title_vi, "citation": one.citation,
             "figures": {name: figure.model_dump() for name, figure in one.figures.items()},
             "unverified": one.unverified}
            for one in ratings.formulas
        ],
        "operators": [
            {"operator": rated.operator, "name": rated.name, "vehicles": rated.vehicles,
             "scores": [_object(score, formula)
                        for formula, score in zip(ratings.formulas, rated.scores, strict=True)]}
            for rated in ratings.rated
        ],
    }  # fmt: skip
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


FORMATS: dict[str, Callable[[Ratings], bytes]] = {"csv": as_csv, "json": as_json}


def _object(score: Score, formula: RiskFormula) -> dict[str, Any]:
    figures = {"score": score.value, "low": score.low, "high": score.high}
    shown = {name: None if one is None else show(one, formula) for name, one in figures.items()}
    return {"formula": formula.name, **shown, "band": score.band, "lines": [line._asdict() for line in score.lines]}


def _joined(score: Score) -> list[str]:
    return [text + (f" = {amount}" if amount else "") for text, amount in score.lines]


def _gravest(rated: Rated) -> tuple[Fraction, ...] | tuple[Any, ...]:
    bounded = [score for score in rated.scores if score.low is not None]
    lows = [-(score.low or 0) for score in bounded] or [Fraction(1)]
    return (*lows, *(-(score.value if score.value is not None else -1) for score in rated.scores), rated.operator)


def _named(rated: Rated) -> str:
    return f"{rated.name} ({rated.operator})" if rated.name else rated.operator


def _shown(value: Fraction | None, formula: RiskFormula) -> str:
    return _DASH if value is None else show(value, formula)


def _cell(score: Score, formula: RiskFormula) -> str:
    first = f"{_shown(score.value, formula)} {score.band}"
    if score.low is None or score.high is None:
        return first
    return f"{first}\n{show(score.low, formula)} to {show(score.high, formula)}"


def _print_notes(console: Console, ratings: Ratings) -> None:
    notes = list(_NOTES)
    if ratings.unregistered:
        notes.append(f"{ratings.unregistered} findings are of vehicles that no operator has registered: in no score.")
    if ratings.held_back:
        notes.append(
            f"{ratings.held_back} findings of these years do not count, being only possible or kept back by a case."
        )
    for note in notes:
        console.print(f"note: {note}", soft_wrap=True)
