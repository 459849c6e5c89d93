"""`hanhtrinh check` with its options, on a real store."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from cli.checking.windows import check
from cli.root import code_version
from journey.localtime import midnight
from storage.database import connect, scalar
from tests.casefolder import LAW
from tests.cli.command import Done, called, refused
from tests.whatif.sample import case, take_in, tanker_at

NOON = midnight(date(2025, 3, 4)) + 12 * 3600


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")


@pytest.fixture
def judged(database: str) -> str:
    """URL of a store with one speeding finding of a liquid tanker in week 2025-W10."""
    with connect(database) as connection:
        take_in(connection, case(tanker_at(NOON)))
        check(connection, LAW, code_version())
    return database


def run(database: str, *arguments: str | Path) -> Done:
    return called("check", *arguments, DATABASE_URL=database, DATA_FOLDER="unused")


@pytest.mark.parametrize(("law_at", "limits"), [("2024-12-31", (50.0, 60.0)), ("2025-01-01", None)])
def test_one_week_under_the_law_before_and_after_the_change(
    judged: str, tmp_path: Path, law_at: str, limits: tuple[float, float] | None
) -> None:
    out = tmp_path / "week.ndjson"
    done = run(judged, "--week", "2025-W10", "--law-at", law_at, "--out", out)
    assert done.code == 0, done.err
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [(line["stored"]["limit"], line["derived"]["limit"]) for line in lines] == ([limits] if limits else [])
    if limits:
        assert [line["change"] for line in lines] == ["changed"]
        figures = {(figure["figure"], figure["stored"], figure["derived"]) for figure in lines[0]["figures"]}
        assert ("speed.classes", "class D kinds tractor liquid_tank True", None) in figures
        assert "Circular 38/2024" in lines[0]["figures"][0]["stored_source"]
        assert "Circular 31/2019" in lines[0]["figures"][0]["derived_source"]
        assert "figures that differ" in done.out
    else:
        assert "figures that differ" not in done.out
    assert "findings" in done.out


def test_another_method_and_csv(judged: str, tmp_path: Path) -> None:
    out = tmp_path / "week.csv"
    done = run(judged, "--week", "2025-W10", "--method", "method-practice", "--out", out)
    assert done.code == 0, done.err
    assert out.read_bytes().startswith(b"\xef\xbb\xbfchange,rule,")
    assert "method-practice" in done.out
    assert [path.name for path in tmp_path.iterdir()] == ["week.csv"]


def test_records_that_wait_and_another_rulebook_of_the_record_are_told_of(judged: str) -> None:
    with connect(judged) as connection:
        connection.execute("UPDATE vehicle_day SET touched = nextval('touch')")
        connection.execute("UPDATE run SET law_version = 'older'")
        connection.commit()
    said = run(judged, "--week", "2025-W10").err
    assert "1 vehicle-days wait to be judged" in said
    assert "made under law older, method" in said


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--week", "2025-W60"), "--week '2025-W60' is no ISO week"),
        (("--week", "2025-W10", "--law-at", "1.1.2025"), "--law-at '1.1.2025' is no date: write it like 2025-01-01"),
        (("--week", "2025-W10", "--out", "list.xlsx"), "--out list.xlsx: end the file's name in .csv or .ndjson"),
        (("--week", "2025-W10", "--all"), "--all and --week exclude each other"),
        (("--law-at", "2025-01-01"), "--law-at needs --week"),
        (("--method", "method-practice"), "--method needs --week"),
        (("--out", "a.csv"), "--out needs --week"),
    ],
)
def test_questions_that_cannot_be_answered(arguments: tuple[str, ...], part: str) -> None:
    refused(called("check", *arguments, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none"), part)


def test_an_unknown_method_is_named(judged: str) -> None:
    refused(run(judged, "--week", "2025-W10", "--method", "no-such"), "no-such.yaml")
    refused(run(judged, "--week", "2025-W10", "--out", "/nowhere/a.csv"), "/nowhere/a.csv: cannot be written")


def test_all_judges_every_window_anew(judged: str) -> None:
    assert "nothing waits" in run(judged).err
    said = run(judged, "--all").err
    assert "checked 1 vehicle-days: 0 findings added, 0 changed, 0 withdrawn" in said
    with connect(judged) as connection:
        assert scalar(connection, "SELECT count(*) FROM finding") == 1
        assert scalar(connection, "SELECT count(*) FROM run") == 2
