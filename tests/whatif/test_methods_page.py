"""docs/methods.md states what the method files hold, and what they make of the demo's fleet."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from cli.comparing.differences import compare
from cli.evaluate import read_positions, read_weighings
from cli.fleet import FleetSpec, generate, write
from cli.reference import read_folder
from rules import law as rulebook
from rules.engine import evaluate, know
from rules.law import Dated, Law
from rules.whatif import figure_changes

PAGE = Path(__file__).parents[2] / "docs" / "methods.md"
DEFAULT, PRACTICE = rulebook.load(), rulebook.load(method="method-practice")


def figures_table(default: Law, practice: Law) -> str:
    rows = ["| figure | `method` | `method-practice` | why |", "|---|---|---|---|"]
    for name, ours in default.method.items():
        theirs = practice.method[name]
        differ = ours.printed != theirs.printed
        why = f"{_why(ours)} **Practice:** {_why(theirs)}" if differ else _why(ours)
        rows.append(f"| `{name}` | {_shown(ours)} | {f'**{_shown(theirs)}**' if differ else '='} | {why} |")
    return "\n".join(rows)


def _shown(dated: Dated) -> str:
    value = ", ".join(map(str, dated.printed)) if isinstance(dated.printed, list) else str(dated.printed)
    return value if dated.unit == "none" else f"{value} {dated.unit}"


def _why(dated: Dated) -> str:
    return dated.citation.partition(": ")[2]


def findings_table(folder: Path) -> str:
    fleet = generate(FleetSpec(vehicles=40, days=7, split_feeds=True))
    write(fleet, folder)
    fixes, weighings = read_positions(folder / "positions.csv"), read_weighings(folder / "weighings.ndjson")
    registry = read_folder(folder)
    ours, theirs = (evaluate(fixes, weighings, know(registry, law), law).findings for law in (DEFAULT, PRACTICE))
    changes = figure_changes(DEFAULT, PRACTICE, fleet.spec.begin, fleet.spec.end)
    kinds = Counter((one.finding.rule, one.kind) for one in compare(ours, theirs, changes))
    before, after = Counter(one.rule for one in ours), Counter(one.rule for one in theirs)
    rows = ["| rule | `method` | `method-practice` | added | withdrawn | changed |", "|---|---:|---:|---:|---:|---:|"]
    for rule in sorted(before | after):
        counts = (before[rule], after[rule], *(kinds[rule, kind] for kind in ("added", "withdrawn", "changed")))
        rows.append(f"| `{rule}` | {' | '.join(map(str, counts))} |")
    return "\n".join(rows)


def test_the_page_states_the_figures_of_both_files() -> None:
    assert figures_table(DEFAULT, PRACTICE) in PAGE.read_text(encoding="utf-8")


def test_the_page_states_what_they_make_of_the_demos_fleet(tmp_path: Path) -> None:
    assert findings_table(tmp_path) in PAGE.read_text(encoding="utf-8")
