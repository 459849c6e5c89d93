"""Runs: why a finding was withdrawn, and that the same inputs are the same run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cli.checking.windows import check
from journey.localtime import midnight
from rules import law as rulebook
from rules.law import Law
from rules.whatif import frozen_at
from storage.database import Connection, scalar, transaction
from storage.findings import rulebooks
from storage.windows import touch_again
from tests.casefolder import LAW
from tests.whatif.sample import case, fixes, take_in, tanker_at

NOON = midnight(date(2025, 3, 4)) + 12 * 3600
OLD = frozen_at(LAW, date(2024, 12, 31))
PRACTICE = rulebook.load(method="method-practice")


def again(store: Connection, law: Law, code: str = "code-1") -> None:
    with transaction(store):
        touch_again(store, None)
    check(store, law, code)


def reasons(store: Connection) -> list[Any]:
    with transaction(store):
        return [
            row[0] for row in store.execute("SELECT reason FROM finding WHERE withdrawn_at IS NOT NULL ORDER BY row")
        ]


@pytest.mark.parametrize(
    ("law", "code", "reason"),
    [
        (OLD, "code-1", "law"),
        (replace(OLD, method_name="other"), "code-1", "method"),
        (OLD, "code-2", "law, code"),
        (PRACTICE, "code-1", "method"),
        (LAW, "code-2", None),  # other code that gives the same withdraws nothing
    ],
)
def test_what_changed_is_the_reason(connection: Connection, law: Law, code: str, reason: str | None) -> None:
    take_in(connection, case(tanker_at(NOON)))
    check(connection, LAW, "code-1")
    again(connection, law, code)
    assert reasons(connection) == ([] if reason is None else [reason])


def test_code_alone(connection: Connection) -> None:
    take_in(connection, case(tanker_at(NOON)))
    check(connection, OLD, "code-1")
    with transaction(connection):  # as if the code of before had given what the old law gives
        connection.execute("UPDATE run SET law_version = %s", (LAW.version,))
    again(connection, LAW, "code-2")
    assert reasons(connection) == ["code"]


def test_late_data_is_the_reason_where_nothing_else_changed(connection: Connection) -> None:
    take_in(connection, case(tanker_at(NOON)))
    check(connection, OLD, "code-1")
    again(connection, LAW)
    assert reasons(connection) == ["law"]
    take_in(connection, case(fixes(NOON + 15, 90, "40", step=30)), 1)  # slow fixes between the fast ones
    check(connection, LAW, "code-1")
    # The run that had added the finding counts, not the first one.
    assert reasons(connection) == ["law", "late or corrected data"]


def test_the_same_inputs_are_the_same_run(connection: Connection) -> None:
    take_in(connection, case(tanker_at(NOON)))
    first = check(connection, LAW, "code-1")
    with transaction(connection):
        connection.execute("UPDATE vehicle_day SET checked = 0")  # as after a copy was put back
    second = check(connection, LAW, "code-1")
    assert second.runs == first.runs
    assert (second.added, second.changed, second.withdrawn) == (0, 0, 0)
    assert scalar(connection, "SELECT count(*) FROM run") == 1
    assert scalar(connection, "SELECT count(*) FROM finding") == 1


def test_rulebooks_of_the_record(connection: Connection) -> None:
    take_in(connection, case(tanker_at(NOON)))
    check(connection, LAW, "code-1")
    assert rulebooks(connection, NOON, NOON + 3600) == {(LAW.version, "method")}
    assert rulebooks(connection, NOON + 3600, NOON + 7200) == set()
