"""A stored week judged again is what one evaluation of all records gives of that week, under any rulebook."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.checking.windows import check
from cli.comparing import rejudging
from cli.comparing.comparison import compare_week, read_question
from cli.comparing.rejudging import week_findings
from journey.localtime import midnight, week_of, week_start
from journey.model import Finding
from rules import law as rulebook
from rules.engine import evaluate, know
from rules.law import Law
from rules.whatif import frozen_at
from storage.database import Connection, connect, transaction
from storage.findings import load_findings
from tests.casefolder import LAW, kept, read_inputs
from tests.checking.test_windows_equal_whole import reset as emptied
from tests.strategies import cases
from tests.whatif.sample import case, fixes, take_in

EXAMPLES = int(os.environ.get("HANHTRINH_TEST_EXAMPLES", "25"))
SETTINGS = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
RULEBOOKS = {
    "of the record": LAW,
    "2024-12-31": frozen_at(LAW, date(2024, 12, 31)),
    "2025-01-01": frozen_at(LAW, date(2025, 1, 1)),
    "practice": rulebook.load(method="method-practice"),
}
MONDAY = midnight(date(2025, 3, 10))


@pytest.fixture(scope="module")
def store(module_database: str) -> Iterator[Connection]:
    with connect(module_database) as connection:
        yield connection


@pytest.fixture(autouse=True)
def _chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejudging, "VEHICLES", 1)  # so that a driver's vehicles come in different chunks


def whole(inputs: dict[str, Any], law: Law) -> list[Finding]:
    frame, weighings, registry = read_inputs(inputs)
    return kept(evaluate(frame, weighings, know(registry, law), law).findings)


def week(store: Connection, law: Law, number: int) -> list[Finding]:
    with transaction(store):
        store.execute("SET TRANSACTION READ ONLY")
        return week_findings(store, law, week_start(number), week_start(number + 1))


def content(findings: list[Finding]) -> list[dict[str, Any]]:
    return [one.as_dict() for one in findings]


@SETTINGS
@given(inputs=cases(), name=st.sampled_from(sorted(RULEBOOKS)))
def test_a_week_is_that_of_the_whole(store: Connection, inputs: dict[str, Any], name: str) -> None:
    emptied(store)
    take_in(store, inputs)
    check(store, LAW, "test")
    law = RULEBOOKS[name]
    expected = whole(inputs, law)
    numbers = {week_of(one.at) for one in expected}
    for number in numbers | {least - 1 for least in numbers}:
        inside = [one for one in expected if week_of(one.at) == number]
        assert content(week(store, law, number)) == content(inside)


def two_vehicles_over_monday() -> dict[str, Any]:
    """One drive from Sunday 22:00 to Monday 03:00 with a change of vehicle in its middle, without a break."""
    first = fixes(MONDAY - 7200, 9000)
    second = fixes(MONDAY + 1800, 9000, plate="29B00001")
    inputs = case(first + second)
    inputs["registry"]["vehicles"].append(inputs["registry"]["vehicles"][0] | {"plate": "29B00001"})
    return inputs


def test_a_block_over_monday_midnight_on_two_vehicles_of_two_chunks(store: Connection) -> None:
    emptied(store)
    inputs = two_vehicles_over_monday()
    take_in(store, inputs)
    check(store, LAW, "test")
    found = week(store, LAW, week_of(MONDAY))
    assert [(one.rule, one.start, one.vehicle) for one in found] == [("continuous_driving", MONDAY - 7200, "29B00001")]
    assert content(found) == content(whole(inputs, LAW))
    assert week(store, LAW, week_of(MONDAY) - 1) == []


def test_a_block_longer_than_the_margin_is_taken_in_whole(store: Connection) -> None:
    """Two and a half weeks of driving without a stop: no driver does it, but a stuck device may."""
    emptied(store)
    inputs = case(fixes(MONDAY - 9 * 86400, 18 * 86400, step=120))
    take_in(store, inputs)
    check(store, LAW, "test")
    expected = whole(inputs, LAW)
    for number in range(week_of(MONDAY) - 2, week_of(MONDAY) + 2):
        found = week(store, LAW, number)
        assert content(found) == content([one for one in expected if week_of(one.at) == number])


def test_nothing_is_written(store: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    emptied(store)
    take_in(store, two_vehicles_over_monday())
    check(store, LAW, "test")
    before = state(store)
    compare_week(store, LAW, read_question("2025-W11", "2024-12-31", "method-practice", None))
    assert state(store) == before
    assert "continuous_driving" in capsys.readouterr().out


def state(store: Connection) -> list[Any]:
    """All that a check writes."""
    tables = ("run", "finding", "vehicle_day", "activity", "day_summary", "driver", "vehicle")
    with transaction(store):
        rows = [store.execute(f"SELECT t::text FROM {name} AS t ORDER BY 1").fetchall() for name in tables]  # noqa: S608
        assert rows[0]
        assert load_findings(store, 0, 1 << 33)
    return rows


def test_an_empty_store_gives_nothing(store: Connection) -> None:
    emptied(store)
    assert week(store, LAW, week_of(MONDAY)) == []
