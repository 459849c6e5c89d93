"""`hanhtrinh reconcile`: the books by operator and hour, and the faults in words where they do not add up."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from journey.localtime import midnight
from journey.model import Reason, Rejection
from journey.registry import Operator, Registry
from storage.commit import Batch, commit_batch
from storage.database import Connection, connect
from storage.intake import Account
from storage.registry import save_registry
from tests.cli.command import Done, called, refused
from tests.storage.samples import NOON, fix, frame

DAY = date(2026, 11, 20)
COUNTS = ["received", "stored", "duplicate", "conflict", "flagged", "rejected", "redriven"]


@pytest.fixture
def store(emptied: str) -> Iterator[Connection]:
    """Two batches of OP1 in one hour of DAY, one of them a redrive, and one of nobody known in the next hour."""
    with connect(emptied) as connection:
        connection.autocommit = True
        save_registry(connection, Registry(operators=(Operator("OP1", "=Company 1"), Operator("OP2", "Company 2"))))
        fixes = frame([fix(time=NOON + step) for step in range(5)], [0, 2, 2, 0, 0])
        bad = Rejection("north", "message", Reason.UNDECODABLE, "rubbish", b"\xff", NOON)
        one = Account("NCC1", "OP1")
        commit_batch(connection, Batch("north", fixes, rejections=[bad], accounts=(one,)))
        again = frame([fix(time=NOON), fix(time=NOON + 1, speed_dkmh=1), fix(time=NOON + 9)])
        commit_batch(connection, Batch("north", again, booked_as="redrive:north", accounts=(one,)))
        connection.execute("UPDATE intake SET hour = to_timestamp(%s)", (midnight(DAY) + 7 * 3600,))
        commit_batch(connection, Batch("south", frame([fix(time=NOON + 20)])))
        connection.execute("UPDATE intake SET hour = to_timestamp(%s) WHERE operator = ''", (midnight(DAY) + 8 * 3600,))
        yield connection


def reconcile(url: str, *arguments: str | Path) -> Done:
    return called("reconcile", *arguments, DATABASE_URL=url)


def rows(done: Done) -> list[list[str]]:
    """The cells of the printed table, empty ones left out."""
    assert done.code == 0, done
    lines = [line.strip("│┃ ") for line in done.out.splitlines()]
    cells = [[cell.strip() for cell in line.replace("┃", "│").split("│") if cell.strip()] for line in lines]
    return [row for row in cells if len(row) > 1]


def test_hours_operators_and_all_add_up(store: Connection, emptied: str) -> None:
    found = rows(reconcile(emptied, "--day", str(DAY)))
    assert found == [
        ["operator", "name", "hour", *COUNTS],
        ["(not known)", "2026-11-20 08:00", "1", "1", "0", "0", "0", "0", "0"],
        ["(not known)", "all hours", "1", "1", "0", "0", "0", "0", "0"],
        ["OP1", "=Company 1", "2026-11-20 07:00", "9", "6", "2", "1", "2", "1", "3"],
        ["OP1", "all hours", "9", "6", "2", "1", "2", "1", "3"],
        ["all operators", "10", "7", "2", "1", "2", "1", "3"],
    ]


def test_a_span_and_an_operator_choose_rows(store: Connection, emptied: str) -> None:
    assert rows(reconcile(emptied, "--from", "2026-11-01", "--to", "2026-11-20", "--operator", "OP1"))[-1][1] == "9"
    assert rows(reconcile(emptied, "--from", "2026-11-01", "--to", "2026-11-19"))[-1][1] == "0"
    assert rows(reconcile(emptied, "--day", "2026-11-21"))[-1][1] == "0"
    assert rows(reconcile(emptied, "--day", str(DAY), "--operator", "OP2"))[-1][1] == "0"


def test_the_rows_go_to_a_file_that_a_spreadsheet_may_open(store: Connection, emptied: str, tmp_path: Path) -> None:
    path = tmp_path / "day.csv"
    assert reconcile(emptied, "--day", str(DAY), "--out", path).code == 0
    read = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert read == [
        ["operator", "name", "hour", "hour_unix", *COUNTS],
        ["", "", "2026-11-20T08:00:00+07:00", str(midnight(DAY) + 8 * 3600), "1", "1", "0", "0", "0", "0", "0"],
        ["OP1", "'=Company 1", "2026-11-20T07:00:00+07:00", str(midnight(DAY) + 7 * 3600), "9", "6", "2", "1", "2",
         "1", "3"],
    ]  # fmt: skip


def test_books_and_tables_are_compared(store: Connection, emptied: str) -> None:
    done = reconcile(emptied, "--day", str(DAY), "--verify")
    assert (done.code, done.err) == (0, "")
    assert "books and tables agree: 10 received = 7 stored + 2 duplicates + 1 rejected" in done.out


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("DELETE FROM fix_copy", "fixes sent: 9, but fixes and their copies in the tables: 7"),
        ("UPDATE rejection SET seen = 3", "rejected by the books: 1, but rejections in the table and those removed "
                                          "from it: 3"),
        ("UPDATE intake SET received = received + 1, stored = stored + 1 WHERE operator = ''",
         "stored by the books: 8, but fixes, weighings and notices in the tables: 7"),
    ],
)  # fmt: skip
def test_what_does_not_agree_is_told_and_is_a_fault(store: Connection, emptied: str, damage: str, told: str) -> None:
    store.execute(damage)  # type: ignore[call-overload]
    done = reconcile(emptied, "--day", str(DAY), "--verify")
    assert done.code == 1
    assert done.err == f"hanhtrinh: books and tables do not agree: {told}\n"


def test_mistakes_are_told(store: Connection, emptied: str, tmp_path: Path) -> None:
    refused(reconcile(emptied, "--day", "20.11.2026"), "--day", "YYYY-MM-DD")
    refused(reconcile(emptied, "--day", str(DAY), "--from", str(DAY)), "name one of them")
    refused(reconcile(emptied, "--to", str(DAY)), "--to wants --from")
    refused(reconcile(emptied, "--from", "2026-11-20", "--to", "2026-11-19"), "is before")
    refused(reconcile(emptied, "--operator", "OP3"), "no such operator")
