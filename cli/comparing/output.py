"""Differences of two sets of findings as a table to read, or as rows of CSV or NDJSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from api.exports.csv_table import csv_bytes
from cli.comparing.differences import KINDS, Difference
from cli.explaining.penalties import all_taken
from journey.localtime import show
from journey.model import Finding
from rules.whatif import FigureChange

_ROWS = 40
_NUMBERS = ("grade", "measured", "limit", "excess", "band")


def print_differences(
    console: Console,
    differences: Sequence[Difference],
    changes: Sequence[FigureChange],
    stored: Sequence[Finding],
    derived: Sequence[Finding],
    name: str,
) -> None:
    """Which figures differ, how many findings of each rule, and the findings side by side. Args: name: what derived
    was judged by."""
    numbers = {change: str(place) for place, change in enumerate((c for c in changes if not c.same), 1)}
    if numbers:
        console.print(_figures(numbers, name))
    if same := len(changes) - len(numbers):
        console.print(f"{same} figures have the same value under another text")
    console.print(_counts(differences, stored, derived, name))
    # What the record has and would lose comes first.
    listed = sorted((one for one in differences if one.kind != "sources"), key=lambda one: one.kind == "added")
    if listed:
        console.print(_side_by_side(listed[:_ROWS], numbers, name))
    if len(listed) > _ROWS:
        console.print(f"and {len(listed) - _ROWS} more: --out FILE writes all")


def _figures(numbers: dict[FigureChange, str], name: str) -> Table:
    table = Table("no.", "figure", "stored", "its text", name, "its text", title="figures that differ",
                  title_justify="left", show_lines=True)  # fmt: skip
    for change, number in numbers.items():
        table.add_row(
            number, f"{change.path} {change.cell}".strip(), _stated(change.old), change.old_source,
            _stated(change.new), change.new_source,
        )  # fmt: skip
    return table


def _counts(
    differences: Sequence[Difference], stored: Sequence[Finding], derived: Sequence[Finding], name: str
) -> Table:
    table = Table(title="findings", title_justify="left")
    table.add_column("rule", no_wrap=True)
    for column in ("stored", name, "added", "withdrawn", "changed", "other text only"):
        table.add_column(column, justify="right")
    before, after = Counter(one.rule for one in stored), Counter(one.rule for one in derived)
    kinds = Counter((one.finding.rule, one.kind) for one in differences)
    for rule in sorted(before | after):
        table.add_row(rule, str(before[rule]), str(after[rule]), *(str(kinds[rule, kind]) for kind in KINDS))
    table.add_section()
    sums = Counter(one.kind for one in differences)
    table.add_row("all", str(before.total()), str(after.total()), *(str(sums[kind]) for kind in KINDS))
    return table


def _side_by_side(differences: Sequence[Difference], numbers: dict[FigureChange, str], name: str) -> Table:
    table = Table("", "rule", "vehicle", "driver", "at", "stored", name, "by no.", title="side by side",
                  title_justify="left")  # fmt: skip
    for one in differences:
        shared = one.finding
        places = ", ".join(numbers[change] for change in one.figures if change in numbers)
        table.add_row(
            one.kind, shared.rule, shared.vehicle, shared.driver or "", show(shared.at),
            *_sides(one.stored, one.derived), places,
        )  # fmt: skip
    return table


def _said(finding: Finding | None) -> str:
    if finding is None:
        return ""
    band = f", {finding.band}" if finding.band else ""
    over = "%" if finding.unit == "kg" else finding.unit
    possible = "" if finding.grade == "certain" else f" ({finding.grade})"
    return f"{finding.measured} {finding.unit} over {finding.limit}: +{finding.excess} {over}{band}{possible}"


def _sides(stored: Finding | None, derived: Finding | None) -> tuple[str, str]:
    """Both findings in words, and what the law takes for each where that differs."""
    taken = ["" if one is None else all_taken(one) for one in (stored, derived)]
    if taken[0] == taken[1]:
        return _said(stored), _said(derived)
    return f"{_said(stored)}\n{taken[0]}".strip(), f"{_said(derived)}\n{taken[1]}".strip()


def _stated(text: str | None) -> str:
    return "-" if text is None else text


def as_ndjson(differences: Sequence[Difference]) -> bytes:
    """One object a line: the change, both findings whole (null: none), and the figures with their sources."""
    return b"".join(
        orjson.dumps(
            {
                "change": one.kind,
                "stored": None if one.stored is None else {"id": one.stored.id, **one.stored.as_dict()},
                "derived": None if one.derived is None else {"id": one.derived.id, **one.derived.as_dict()},
                "figures": [
                    {"figure": change.path, "part": change.cell, "stored": change.old, "derived": change.new,
                     "stored_source": change.old_source, "derived_source": change.new_source}
                    for change in one.figures
                ],
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )
        for one in differences
    )  # fmt: skip


def as_csv(differences: Sequence[Difference]) -> bytes:
    """One row a difference; times are local."""
    sides = [f"{side}_{field}" for side in ("stored", "derived") for field in ("id", "at", *_NUMBERS)]
    rows: list[list[Any]] = [["change", "rule", "vehicle", "driver", "operator", "unit", *sides, "figures"]]
    for one in differences:
        shared = one.finding
        row = [one.kind, shared.rule, shared.vehicle, shared.driver, shared.operator, shared.unit]
        rows.append([*row, *_side(one.stored), *_side(one.derived), "\n".join(map(_in_words, one.figures))])
    return csv_bytes(rows)


def _side(finding: Finding | None) -> list[Any]:
    if finding is None:
        return [None] * (2 + len(_NUMBERS))
    return [finding.id, show(finding.at), *(getattr(finding, field) for field in _NUMBERS)]


def _in_words(change: FigureChange) -> str:
    name = f"{change.path} {change.cell}".strip()
    return f"{name}: {_stated(change.old)}, {change.old_source} -> {_stated(change.new)}, {change.new_source}"
