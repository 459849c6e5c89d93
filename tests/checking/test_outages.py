"""A silence during an outage of our own intake accuses nobody, whenever the outage is recorded."""

from __future__ import annotations

import time

import pytest

from cli.checking.windows import check
from cli.comparing.rejudging import week_findings
from cli.explaining.derivation import derive
from journey.localtime import DAY_S, day_of, day_start, week_of, week_start
from journey.model import Finding
from storage.connections import outages, say_alive
from storage.database import Connection, transaction
from storage.findings import load_findings
from storage.windows import waiting
from tests.casefolder import LAW
from tests.whatif.sample import PLATE, case, fixes, take_in

OTHER = "12C77777"
OUTAGE_S = 60


def silent(begin: int, end: int, plate: str = PLATE) -> list[dict[str, str]]:
    """Driving up to `begin`, and again from `end` on, 20 km farther."""
    before, after = fixes(begin - 300, 300, plate=plate), fixes(end, 300, plate=plate)
    return before + [row | {"lat": f"{float(row['lat']) + 0.2:.6f}"} for row in after]


def found(connection: Connection) -> list[Finding]:
    check(connection, LAW, "test")
    with transaction(connection):
        return [one for one in load_findings(connection, 0, 1 << 33) if one.rule == "moving_silence"]


def down(connection: Connection, begin: int, name: str = "north") -> None:
    """As if the connection had last been heard at `begin`; it is heard again at this moment, by the store's clock."""
    say_alive(connection, name, OUTAGE_S, begins=True)
    with transaction(connection):
        connection.execute("UPDATE connection SET alive_at = to_timestamp(%s)", (begin,))
    say_alive(connection, name, OUTAGE_S, begins=True)


def noon(days_ago: int) -> int:
    return day_start(day_of(int(time.time())) - days_ago) + DAY_S // 2


def test_the_same_fixes_with_and_without_an_outage(connection: Connection) -> None:
    begin = noon(1)
    take_in(connection, case(silent(begin, begin + 1800)))
    (one,) = found(connection)
    assert (one.start, one.end, one.operator) == (begin, begin + 1800, "OP1")
    down(connection, begin + 600)
    assert found(connection) == []
    # And where the outage was known before.
    take_in(connection, case(silent(begin - 7200, begin - 5400, OTHER), registry=_registry(OTHER)), 1)
    take_in(connection, case(silent(begin + 7200, begin + 9000, OTHER), registry=_registry(OTHER)), 2)
    assert [(one.vehicle, one.start) for one in found(connection)] == [(OTHER, begin - 7200)]


def _registry(plate: str) -> dict[str, object]:
    vehicle = {"plate": plate, "operator": "OP1", "kind": "truck", "business": "goods"}
    return {"operators": [{"id": "OP1", "name": "One"}], "vehicles": [vehicle], "drivers": []}


@pytest.mark.parametrize(
    ("silence", "outage", "left"),
    [
        ((0, 1800), (1800, 3600), 1),  # touch, but do not overlap
        ((0, 1800), (1799, 3600), 0),
        ((0, 1800), (-600, 0), 1),
        ((0, 1800), (-600, 1), 0),
        ((0, 1800), (-600, 3600), 0),
        ((0, 1800), (600, 700), 0),
    ],
)
def test_borders(connection: Connection, silence: tuple[int, int], outage: tuple[int, int], left: int) -> None:
    begin = noon(3)
    take_in(connection, case(silent(begin + silence[0], begin + silence[1])))
    _record(connection, begin + outage[0], begin + outage[1])
    assert len(found(connection)) == left


def _record(connection: Connection, start: int, end: int) -> None:
    with transaction(connection):
        connection.execute(
            "INSERT INTO outage VALUES ('north', to_timestamp(%s::bigint), to_timestamp(%s::bigint))", (start, end)
        )


def test_many_outages_are_one_question(connection: Connection) -> None:
    """Outages of several connections overlap in any order: one that began long ago may still go on."""
    begin = noon(3)
    take_in(connection, case(silent(begin, begin + 1800)))
    _record(connection, begin - 9000, begin + 1)
    for minute in range(1, 5):
        _record(connection, begin - 60 * minute - 600, begin - 60 * minute - 590)
    assert found(connection) == []


@pytest.mark.parametrize("last_day", [0, 1, 2])
def test_windows_wait_again_whatever_days_the_silence_goes_over(connection: Connection, last_day: int) -> None:
    """The outage may lie on a day of which the vehicle sent nothing at all."""
    begin = noon(5)
    take_in(connection, case(silent(begin, begin + last_day * DAY_S + 1800)))
    assert len(found(connection)) == 1
    down(connection, begin + 60)
    assert found(connection) == []


def test_an_outage_between_two_days_that_have_data(connection: Connection) -> None:
    """Both ends of the step lie beyond the outage's days: a clock a little ahead, shortly before midnight."""
    now = int(time.time())
    begin = day_start(day_of(now)) - 3600
    take_in(connection, case(silent(begin, day_start(day_of(now) + 1) + 60)))
    assert len(found(connection)) == 1
    down(connection, min(day_start(day_of(now)), now - OUTAGE_S - 1))
    assert waiting(connection) == 1
    assert found(connection) == []


def test_only_the_days_of_the_outage_wait(connection: Connection) -> None:
    now = int(time.time())
    rows = [row for days in (0, 1, 2, 9) for row in fixes(noon(days), 60)]
    take_in(connection, case(rows))
    check(connection, LAW, "test")
    say_alive(connection, "north", OUTAGE_S)
    say_alive(connection, "north", OUTAGE_S)
    assert waiting(connection) == 0  # no outage
    down(connection, now - DAY_S)
    with transaction(connection):
        assert outages(connection, now - 60, now)[0][0] == now - DAY_S
    assert waiting(connection) == 2
    done = check(connection, LAW, "test")
    assert (done.added, done.changed, done.withdrawn) == (0, 0, 0)


def test_a_comparison_and_an_explanation_agree(connection: Connection) -> None:
    begin = noon(3)
    take_in(connection, case(silent(begin, begin + 1800)))
    (one,) = found(connection)
    assert _derived(connection, one) == one
    down(connection, begin + 600)
    assert _derived(connection, one) is None
    number = week_of(one.at)
    with transaction(connection):
        assert week_findings(connection, LAW, week_start(number), week_start(number + 1)) == []


def _derived(connection: Connection, finding: Finding) -> Finding | None:
    with transaction(connection):
        return derive(connection, finding, LAW).finding
