"""`hanhtrinh audit`: a changed row, a removed row and a cut end are each found, and named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.audit.log import By, What, record
from storage.database import Connection, connect, transaction
from tests.cli.command import Done, called, refused
from tests.people.test_audit import forge

BY = By(None, "198.51.100.1", "req-1")


@pytest.fixture
def store(emptied: str) -> Iterator[Connection]:
    with connect(emptied) as connection:
        for number in range(6):
            record(connection, BY, What.LOOK_UP_VEHICLE, f"12C{number:05d}", "complaint \x1b[2J")
        connection.commit()
        yield connection


def audit(url: str, *arguments: str | Path) -> Done:
    return called("audit", *arguments, DATABASE_URL=url)


@pytest.mark.usefixtures("store")
def test_a_whole_chain(emptied: str, tmp_path: Path) -> None:
    done = audit(emptied, "verify")
    assert done.code == 0
    assert done.out.startswith("whole: 6 rows, the last hash is ")
    assert "compared with no anchor" in done.out
    file = tmp_path / "anchors"
    assert audit(emptied, "anchor", file).code == 0
    assert "1 anchors hold, the last of them at row 6" in audit(emptied, "verify", "--anchor", file).out


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit SET reason = NULL WHERE number = 3", "broken: row 3 does not follow"),
        (
            "DELETE FROM audit WHERE number = 3",
            "broken: row 3 is missing: the next one is row 4; 2 rows before it hold",
        ),
        ("DELETE FROM audit WHERE number > 4", "broken: row 5 is missing: the end is cut off, row 6 was anchored"),
    ],
)
def test_a_broken_one_is_named(store: Connection, emptied: str, tmp_path: Path, statement: str, said: str) -> None:
    file = tmp_path / "anchors"
    audit(emptied, "anchor", file)
    forge(store, statement)
    done = audit(emptied, "verify", "--anchor", file)
    assert done.code == 1
    assert done.out.startswith(said)


def test_an_anchor_is_added_only_where_the_one_before_holds(store: Connection, emptied: str, tmp_path: Path) -> None:
    file = tmp_path / "anchors"
    assert audit(emptied, "anchor", file).code == 0
    with transaction(store):
        record(store, BY, What.SEARCH, "x")
    assert audit(emptied, "anchor", file).code == 0
    lines = file.read_text(encoding="ascii").splitlines()
    assert [json.loads(line)["number"] for line in lines] == [6, 7]
    assert "2 anchors hold" in audit(emptied, "verify", "--anchor", file).out
    forge(store, "DELETE FROM audit WHERE number = 7")
    done = audit(emptied, "anchor", file)
    assert (done.code, done.out) == (
        1, "broken: row 7 is not the one that was anchored, or is gone; nothing was written\n")  # fmt: skip
    assert file.read_text(encoding="ascii").splitlines() == lines


@pytest.mark.usefixtures("store")
def test_a_file_that_holds_no_anchors_is_named(emptied: str, tmp_path: Path) -> None:
    file = tmp_path / "anchors"
    refused(audit(emptied, "verify", "--anchor", file), "cannot be read")
    file.write_text('{"number": 6}\n', encoding="ascii")
    refused(audit(emptied, "verify", "--anchor", file), "line 1", "no anchor")


@pytest.mark.usefixtures("store")
def test_the_log_is_listed_filtered_and_written(emptied: str, tmp_path: Path) -> None:
    done = audit(emptied, "list", "--subject", "12C00002")
    assert "complaint \\x1b[2J" in done.out
    assert "12C00003" not in done.out
    out = tmp_path / "log.csv"
    audit(emptied, "list", "--limit", "2", "--out", out)
    lines = out.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "number,at,login,via,what,subject,reason,detail,address,request"
    assert [line.split(",")[0] for line in lines[1:]] == ["6", "5"]
    assert audit(emptied, "list", "--what", "export").out == "nothing of that is on record\n"
    assert audit(emptied, "list", "--from", "2100-01-01").out == "nothing of that is on record\n"
    assert "12C00001" in audit(emptied, "list", "--to", "2100-01-01").out
    refused(audit(emptied, "list", "--from", "tomorrow"), "--from 'tomorrow' is no date")
