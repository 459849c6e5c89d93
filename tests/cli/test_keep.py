"""`hanhtrinh db keep`, from the first day to the day on which fixes have outlived their term."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from cli.checking.windows import check
from cli.root import code_version
from journey.localtime import day_of, midnight
from storage.database import connect, scalar
from storage.upkeep.parts import make_parts
from tests.casefolder import LAW
from tests.cli.command import called
from tests.whatif.sample import case, fixes, take_in

pytestmark = pytest.mark.native_server
START = midnight(date(2025, 3, 3))


@pytest.fixture
def filled(database: str) -> str:
    """A week of March 2025 with findings, in a partition of its own, judged."""
    with connect(database) as connection:
        make_parts(connection, day_of(START), day_of(START) + 7)
        take_in(connection, case(fixes(START, 600, "140") + fixes(START + 660, 5 * 3600)))
        assert check(connection, LAW, code_version()).added > 0
    return database


def test_each_day_it_makes_what_is_missing_and_says_so(database: str) -> None:
    first = called("db", "keep", DATABASE_URL=database)
    assert first.code == 0
    assert first.out.splitlines()[-1] == "term: none is set (HANHTRINH_KEEP_DAYS); every fix is kept"
    made = [line for line in first.out.splitlines() if line.endswith(": made")]
    assert any(line.startswith("fix_20") for line in made)
    again = called("db", "keep", DATABASE_URL=database)
    assert again.out.splitlines()[0] == "partitions: none is missing"


@pytest.mark.parametrize(
    ("days", "arguments", "said"),
    [
        ("365", (), "Circular 71/2024/TT-BCA, Art. 9(9) has them searchable for 1 year, so at least 366 days"),
        (None, ("--drop", "--backup", "x"), "--drop needs HANHTRINH_KEEP_DAYS"),
        ("400", ("--drop",), "--drop needs HANHTRINH_KEEP_DAYS, the age from which fixes go, and --backup FILE"),
        ("0", (), "setting HANHTRINH_KEEP_DAYS"),
    ],
)  # fmt: skip
def test_what_is_refused(database: str, days: str | None, arguments: tuple[str, ...], said: str) -> None:
    settings = {} if days is None else {"KEEP_DAYS": days}
    done = called("db", "keep", *arguments, DATABASE_URL=database, **settings)
    assert done.code != 0
    assert said in done.err


def test_what_has_outlived_its_term_goes_with_a_backup_and_is_explained_from_it(
    filled: str, empty_database: str, tmp_path: Path
) -> None:
    settings = {"DATABASE_URL": filled, "KEEP_DAYS": "400"}
    assert time.time() - START > 400 * 86_400
    told = called("db", "keep", **settings)
    assert "2 parts have outlived it; --drop removes them" in told.out
    file = tmp_path / "all.dump"
    time.sleep(1.5)  # both moments are whole seconds, one of them rounded: what seems the same could be later
    assert called("db", "backup", file, DATABASE_URL=filled).code == 0
    with connect(filled) as connection:
        finding = str(scalar(connection, "SELECT id FROM finding WHERE withdrawn_at IS NULL ORDER BY id LIMIT 1"))
    explained = called("explain", finding, DATABASE_URL=filled)
    assert explained.code == 0
    done = called("db", "keep", "--drop", "--backup", file, **settings)
    assert done.code == 0, done.err
    assert "fix from 2025-03-03 00:00:00+07 to 2025-03-10 00:00:00+07: " in done.out
    with connect(filled) as connection:
        assert scalar(connection, "SELECT count(*) FROM fix") == 0
        assert scalar(connection, "SELECT count(*) FROM finding WHERE withdrawn_at IS NULL") > 0
    gone = called("explain", finding, DATABASE_URL=filled)
    assert gone.code == 1
    assert "lie in all.dump: restore that into a new data folder, and explain it there" in gone.out
    # All judged anew, the record stays as it was.
    assert called("check", "--all", DATABASE_URL=filled).code == 0
    with connect(filled) as connection:
        assert scalar(connection, "SELECT count(*) FROM finding WHERE withdrawn_at IS NOT NULL") == 0
    # And from the backup the finding is derived as ever.
    assert called("db", "restore", file, DATABASE_URL=empty_database).code == 0
    again = called("explain", finding, DATABASE_URL=empty_database)
    assert (again.code, again.out) == (0, explained.out)


def test_a_backup_that_was_changed_holds_nothing(filled: str, tmp_path: Path) -> None:
    file = tmp_path / "all.dump"
    assert called("db", "backup", file, DATABASE_URL=filled).code == 0
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    done = called("db", "keep", "--drop", "--backup", file, DATABASE_URL=filled, KEEP_DAYS="400")
    assert done.code == 1
    assert "is not the file that was written" in done.err
    with connect(filled) as connection:
        assert scalar(connection, "SELECT count(*) FROM fix") > 0
