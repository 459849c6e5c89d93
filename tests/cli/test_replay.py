"""`hanhtrinh replay`: what is good is stored, what is bad is kept with its reason, and both are told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.fleet import FleetSpec, generate, write
from ingest.protocols import ufms_frames
from journey.model import Reason
from storage.database import Connection, connect, scalar
from storage.rejections import list_rejections
from tests.cli.command import called, hanhtrinh, refused
from tests.cli.samples import HEADER, WEIGHING, position
from tests.cli.samples import write as write_text

GOOD = [position(step) for step in range(12)]


@pytest.fixture
def store(emptied: str) -> Iterator[Connection]:
    with connect(emptied) as connection:
        connection.autocommit = True
        yield connection


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A recording of the national feed."""
    folder = tmp_path_factory.mktemp("fleet")
    write(generate(FleetSpec(vehicles=12, days=1, seed=5, sampling_s=(30, 30))), folder, ["feed.ufms"])
    return (folder / "feed.ufms").read_bytes()


def rows(store: Connection, table: str) -> int:
    return int(scalar(store, f"SELECT count(*) FROM {table}"))  # type: ignore[arg-type]  # noqa: S608


def test_a_good_file_is_stored_once(store: Connection, emptied: str, tmp_path: Path) -> None:
    write_text(tmp_path / "feed.csv", "\n".join((HEADER, *GOOD)) + "\n")
    write_text(tmp_path / "weighings.ndjson", json.dumps(WEIGHING) + "\n")
    done = hanhtrinh("replay", "feed.csv", "weighings.ndjson", cwd=tmp_path, DATABASE_URL=emptied)
    assert done.code == 0
    assert "feed.csv: 12 fixes (12 new, 0 duplicates), 0 weighings, 0 rejected" in done.err
    assert "weighings.ndjson: 0 fixes (0 new, 0 duplicates), 1 weighings, 0 rejected" in done.err
    assert "12C12345" in done.out
    (tmp_path / "feed.csv").rename(tmp_path / "same.csv")
    again = called("replay", tmp_path / "same.csv", DATABASE_URL=emptied)
    assert again.code == 0
    assert again.err.splitlines()[0] == f"{tmp_path / 'same.csv'}: stored already, nothing to do"
    assert (rows(store, "fix"), rows(store, "fix_copy"), rows(store, "weighing")) == (12, 0, 1)


def test_bad_lines_are_kept_and_told_by_their_number(store: Connection, emptied: str, tmp_path: Path) -> None:
    bad = {4: position(90, speed="fast"), 9: "12C-123.45,,soon,106.7,21.5,60", 15: position(91).replace("106.7", "")}
    lines = [HEADER, *GOOD]
    for number, text in sorted(bad.items()):
        lines.insert(number - 1, text)
    write_text(tmp_path / "feed.csv", "\n".join(lines) + "\n")
    done = called("replay", tmp_path / "feed.csv", DATABASE_URL=emptied)
    assert done.code == 0
    assert "12 fixes (12 new, 0 duplicates), 0 weighings, 3 rejected" in done.err
    assert "rejected: feed.csv line 4: speed_kmh is 'fast', not a number" in done.err
    kept = {one.rejection.where: one.rejection for one in list_rejections(store, 10)}
    assert {where: one.payload.decode() for where, one in kept.items()} == {
        f"feed.csv line {number}": text for number, text in bad.items()
    }
    assert kept["feed.csv line 4"].reason is Reason.WRONG_TYPE
    assert kept["feed.csv line 15"].reason is Reason.MISSING_FIELD
    assert rows(store, "fix") == 12


def test_line_numbers_do_not_depend_on_batches(store: Connection, emptied: str, tmp_path: Path) -> None:
    lines = [HEADER, *(position(step, speed="x" if step % 5 == 0 else "60") for step in range(60))]
    write_text(tmp_path / "feed.csv", "\n".join(lines) + "\n")
    done = called("replay", tmp_path / "feed.csv", DATABASE_URL=emptied, BATCH_FIXES="3")
    assert "48 fixes (48 new, 0 duplicates), 0 weighings, 12 rejected" in done.err
    assert "and 7 more; all bytes are kept with their reasons" in done.err
    assert rows(store, "batch") >= 15
    places = [one.rejection.where for one in reversed(list_rejections(store, 20))]
    assert places == [f"feed.csv line {2 + step}" for step in range(0, 60, 5)]


def test_a_missing_column_loses_nothing(store: Connection, emptied: str, tmp_path: Path) -> None:
    text = "\n".join((HEADER.replace("speed_kmh", "speed"), *GOOD)) + "\n"
    write_text(tmp_path / "feed.csv", text)
    done = called("replay", tmp_path / "feed.csv", DATABASE_URL=emptied)
    assert done.code == 0
    assert "0 fixes (0 new, 0 duplicates), 0 weighings, 1 rejected" in done.err
    assert "rejected: feed.csv line 2: no column speed_kmh; the header is 'vehicle,driver,time," in done.err
    (kept,) = list_rejections(store, 10)
    assert kept.rejection.payload.decode() == text
    assert kept.rejection.reason is Reason.MISSING_FIELD
    assert rows(store, "fix") == 0


def test_a_truncated_recording_gives_all_whole_frames(
    store: Connection, emptied: str, tmp_path: Path, feed: bytes
) -> None:
    whole = len(ufms_frames.decode(feed, None).fixes)
    (tmp_path / "feed.ufms").write_bytes(feed[:-20])
    done = called("replay", tmp_path / "feed.ufms", DATABASE_URL=emptied, BATCH_FIXES="500")
    assert done.code == 0
    assert f"feed.ufms: {whole - 1} fixes" in done.err
    assert "1 rejected" in done.err
    assert "cut short at byte" in done.err
    assert rows(store, "fix") + rows(store, "fix_copy") == whole - 1
    (kept,) = list_rejections(store, 10)
    assert kept.rejection.where.startswith("feed.ufms byte ")
    assert feed[:-20].endswith(kept.rejection.payload)
    assert len(kept.rejection.payload) < 200


def test_a_recording_broken_in_the_middle_keeps_the_rest_as_bytes(
    store: Connection, emptied: str, tmp_path: Path, feed: bytes
) -> None:
    broken = feed[:500] + b"\xff" * 12 + feed[500:2000]
    (tmp_path / "feed.ufms").write_bytes(broken)
    done = called("replay", tmp_path / "feed.ufms", DATABASE_URL=emptied)
    assert done.code == 0
    kept = [one.rejection.payload for one in reversed(list_rejections(store, 100))]
    decoded = ufms_frames.decode(broken, None)
    assert rows(store, "fix") + rows(store, "fix_copy") == len(decoded.fixes) > 0
    assert kept == [bad.payload for bad in decoded.bad]
    assert broken.endswith(kept[-1])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("feed.xml",), "feed.xml: its name does not say its format; name it: --format cabspotting|csv_v1|"),
        (("feed",), "feed: its name does not say its format; name it: --format"),
        (("feed.csv", "--format", "gpx"), "--format gpx: no such format; there are cabspotting, csv_v1,"),
        (("lost.csv",), "lost.csv: cannot be read: No such file or directory"),
        (("folder.csv",), "folder.csv: cannot be read: Is a directory"),
    ],
)
def test_a_file_that_cannot_be_replayed_is_named(
    emptied: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    for name in ("feed.xml", "feed", "feed.csv"):
        write_text(tmp_path / name, "<gpx/>")
    (tmp_path / "folder.csv").mkdir()
    monkeypatch.chdir(tmp_path)
    refused(called("replay", *arguments, DATABASE_URL=emptied), said)


def test_what_stands_before_a_lost_file_is_stored(store: Connection, emptied: str, tmp_path: Path) -> None:
    write_text(tmp_path / "feed.csv", "\n".join((HEADER, *GOOD)) + "\n")
    done = called("replay", tmp_path / "feed.csv", tmp_path / "lost.csv", DATABASE_URL=emptied)
    assert (done.code, "lost.csv: cannot be read" in done.err) == (2, True)
    assert rows(store, "fix") == 12


def test_rubbish_under_a_good_name_is_kept_whole(store: Connection, emptied: str, tmp_path: Path) -> None:
    for name, rubbish in (("a.ndjson", b"\0\1 no json\nat all\n"), ("b.csv", b"\xff\xff\n1,2\n"), ("c.ufms", b"\n")):
        (tmp_path / name).write_bytes(rubbish)
        done = called("replay", tmp_path / name, DATABASE_URL=emptied)
        assert (done.code, "0 fixes" in done.err, "1 rejected" in done.err) == (0, True, True), name
        assert list_rejections(store, 1)[0].rejection.payload == rubbish
        assert name in list_rejections(store, 1)[0].rejection.where


def test_an_empty_file_is_no_fault(store: Connection, emptied: str, tmp_path: Path) -> None:
    (tmp_path / "feed.csv").touch()
    assert called("replay", tmp_path / "feed.csv", DATABASE_URL=emptied).code == 0
    assert rows(store, "batch") == 0


def test_a_store_in_a_folder_needs_no_setting(tmp_path: Path) -> None:
    write_text(tmp_path / "feed.csv", "\n".join((HEADER, *GOOD, GOOD[0])) + "\n")
    done = hanhtrinh("--data", "store", "replay", "feed.csv", cwd=tmp_path)
    assert done.code == 0
    assert "13 fixes (12 new, 1 duplicates)" in done.err
    again = hanhtrinh("--data", "store", "counts", cwd=tmp_path)
    assert (again.code, again.out) == (0, done.out)
    assert again.err.startswith("1 vehicle-days wait for `hanhtrinh check`")
    (row,) = (line for line in again.out.splitlines() if "12C12345" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == ["12C12345", "12", "1", "0", ""]
