"""The law held still at a date, and what two rulebooks state differently."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from journey.localtime import midnight, parse_week
from rules import law as rulebook
from rules.checks import verify
from rules.engine import evaluate, know
from rules.law import Law
from rules.whatif import figure_changes, frozen_at
from tests.casefolder import LAW, read_inputs
from tests.whatif.sample import case, tanker_at

OLD, NEW = date(2024, 12, 31), date(2025, 1, 1)
WEEK = parse_week("2025-W01")  # from 2024-12-30: the law changes in its middle


@pytest.mark.parametrize("path", sorted(LAW.parameters))
def test_one_value_for_all_times_under_its_own_date(path: str) -> None:
    frozen = frozen_at(LAW, OLD)
    verify(frozen)
    held, meant = frozen.dated(path), LAW.at(path, midnight(OLD))
    assert len(held) == 1
    for time in (0, midnight(OLD), midnight(date(2026, 5, 1))):
        found = frozen.at(path, time)
        assert (found is None) == (meant is None)
        if found is not None and meant is not None:
            assert found.use() == meant.use()
            assert found.use().in_force_from <= OLD.isoformat()
            assert found.value == meant.value


def test_the_name_of_a_frozen_law_says_so() -> None:
    assert frozen_at(LAW, OLD).version == f"{LAW.version}@2024-12-31"
    assert frozen_at(LAW, OLD).method == LAW.method


def speeds(law: Law, start: int) -> list[tuple[float, str]]:
    """Limit and source of the speeding findings of a liquid tanker at 65 km/h on an open two-way road."""
    fixes, weighings, registry = read_inputs(case(tanker_at(start)))
    found = evaluate(fixes, weighings, know(registry, law), law).findings
    return [(one.limit, one.law[0].citation) for one in found if one.rule == "speeding"]


def test_each_record_is_judged_by_the_law_of_the_date_whenever_it_was_made() -> None:
    before, after = midnight(OLD) + 3600, midnight(NEW) + 3600
    old, new = (60.0, "Circular 31/2019/TT-BGTVT, Art. 7"), (50.0, "Circular 38/2024/TT-BGTVT, Art. 6(2)")
    assert (speeds(LAW, before), speeds(LAW, after)) == ([old], [new])
    for start in (before, after):
        assert speeds(frozen_at(LAW, OLD), start) == [old]
        assert speeds(frozen_at(LAW, NEW), start) == [new]
    assert speeds(frozen_at(LAW, date(2019, 10, 14)), after) == []  # no law of speed before 2019-10-15 is on file


def test_changes_name_the_figure_and_both_texts() -> None:
    changes = figure_changes(frozen_at(LAW, OLD), frozen_at(LAW, NEW), *WEEK)
    week = next(change for change in changes if change.path == "driving_time.week_max")
    assert (week.old, week.new) == (None, "48 h")
    assert (week.old_source, week.new_source) == ("not in force", "Law 36/2024/QH15, Art. 64(1) (from 2025-01-01)")
    classes = {(change.old, change.new) for change in changes if change.path == "speed.classes"}
    assert ("class A kinds coach/taxi seats_max 30", None) in classes
    assert (None, "class A kinds coach/taxi seats_max 29") in classes
    same = next(change for change in changes if change.path == "driving_time.continuous_max")
    assert same.same
    assert (same.old, same.new) == ("4 h", "4 h")
    assert "23/2008" in same.old_source
    assert "36/2024" in same.new_source
    assert [change.same for change in changes] == sorted(change.same for change in changes)


def test_a_cell_of_a_table_is_a_change_of_its_own() -> None:
    path = "driving_time.break_min"
    values = tuple(replace(one, printed={**one.printed, "other": 20}) for one in LAW.dated(path))
    other = replace(LAW, parameters={**LAW.parameters, path: values})
    found = figure_changes(LAW, other, *parse_week("2026-W10"))
    assert [(one.path, one.cell, one.old, one.new) for one in found] == [(path, "other", "15 min", "20 min")]


def test_what_does_not_differ_is_not_named() -> None:
    assert figure_changes(LAW, LAW, *WEEK) == []
    assert figure_changes(LAW, frozen_at(LAW, NEW), *parse_week("2026-W10")) == []
    # In the week of the change the law of one day differs from that of the other days.
    assert {one.path for one in figure_changes(LAW, frozen_at(LAW, NEW), *WEEK)} >= {"driving_time.week_max"}


def test_figures_of_method_are_compared_too() -> None:
    practice = rulebook.load(method="method-practice")
    found = {change.path: (change.old, change.new) for change in figure_changes(LAW, practice, *WEEK)}
    assert found == {
        "method.moving_min": ("5 km/h", "3 km/h"),
        "method.short_stop_max": ("60 s", "900 s"),
        "method.speeding_gap_max": ("120 s", "60 s"),
        "method.speeding_min_duration": ("20 s", "31 s"),
    }
