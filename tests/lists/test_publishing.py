"""A list is published once, in its time, whole, and stays: by the command, by the tables, and by two at once."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import psycopg
import pytest

from cli.lists.publishing import SNAPSHOT, Terms, publish, publish_in_snapshot
from journey.localtime import DAY_S, name_week, parse_week
from storage.database import Connection, connect, scalar, transaction
from storage.lists.published import entries_of, every_published, files_of, standing
from tests.casefolder import LAW
from tests.cli.command import refused
from tests.lists.sample import CLOSED, START, TABLES, WEEK, A, B, Office, drive, office, rows_of

TERMS = Terms(grace_days=5, key=None)


@pytest.fixture
def judged(database: str, tmp_path: Path) -> Office:
    made = office(database, tmp_path)
    made.take_in(drive(A, 1, "100") + drive(B, 2, "100"))
    return made


def cover(office: Office, sheet: str = "Tổng hợp") -> str:
    book = openpyxl.load_workbook(office.lists / f"danh-sach-{WEEK}.xlsx")
    return "\n".join(str(cell) for row in book[sheet].iter_rows(values_only=True) for cell in row if cell is not None)


def test_a_list_is_numbered_and_says_when_its_week_was_closed(judged: Office) -> None:
    done = judged.publish()
    assert done.code == 0, done
    assert "published 01/2025 (list of 2025-W10)" in done.err
    names = {Path(line).name for line in done.out.splitlines()}
    assert names == set(judged.bytes_of_lists())
    assert f"danh-sach-{WEEK}.xlsx" in names
    assert "Danh sách số 01/2025. Tuần 10 năm 2025" in cover(judged)
    said = cover(judged, "Ghi chú")
    assert "Tuần được khóa sổ lúc 00:00:00 ngày 15/03/2025: 5 ngày sau khi tuần kết thúc" in said
    with connect(judged.url) as connection:
        (one,) = every_published(connection)
        assert (one.position, one.title, one.week, one.amendment, one.made_at) == (1, "01/2025", WEEK, 0, CLOSED)
        assert one.touched == one.checked > 0
        assert {entry.change for entry in entries_of(connection, 1)} == {"listed"}
        bodies = connection.execute("SELECT id, content, body::text FROM finding WHERE grade = 'certain'").fetchall()
        assert {(one.finding, one.content, one.body) for one in standing(connection, WEEK).values()} == set(bodies)
        assert len(bodies) == 2


def test_published_again_it_is_the_same_bytes_and_nothing_new(judged: Office) -> None:
    assert judged.publish().code == 0
    files, rows = judged.bytes_of_lists(), rows_of(judged.url)
    for path in judged.lists.iterdir():
        path.unlink()
    again = judged.publish(CLOSED + DAY_S)
    assert again.code == 0
    assert "2025-W10 was published as 01/2025 on 2025-03-15 00:00:00+07" in again.err
    assert "nothing has changed since" in again.err
    assert (judged.bytes_of_lists(), rows_of(judged.url)) == (files, rows)
    judged.take_in(drive(B, 2, "50"))
    later = judged.publish(CLOSED + DAY_S)
    assert "1 findings differ by now: run `hanhtrinh list amend --week 2025-W10`" in later.err
    assert (judged.bytes_of_lists(), rows_of(judged.url)) == (files, rows)


def test_the_same_records_give_the_same_bytes(judged: Office, empty_database: str, tmp_path: Path) -> None:
    assert judged.publish().code == 0
    other = office(empty_database, _folder(tmp_path))
    other.settings = judged.settings
    other.take_in(drive(A, 1, "100") + drive(B, 2, "100"))
    assert other.publish().code == 0
    assert other.bytes_of_lists() == judged.bytes_of_lists()


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "other"
    folder.mkdir()
    return folder


def test_a_week_is_open_until_its_grace_is_over(judged: Office) -> None:
    refused(judged.publish(CLOSED - 1), "2025-W10 is open until 2025-03-15 00:00:00+07: 5 days after its end")
    judged.settings["LIST_GRACE_DAYS"] = "6"
    refused(judged.publish(CLOSED), "open until 2025-03-16 00:00:00+07: 6 days")
    judged.settings["LIST_GRACE_DAYS"] = "0"
    refused(judged.publish(START + 7 * DAY_S - 1), "open until 2025-03-10 00:00:00+07: 0 days")
    week = name_week(int(time.time()))
    refused(judged.run("list", "publish", "--week", week, "--folder", judged.lists), f"{week} is open until")
    refused(judged.publish(int(time.time()) + 3600), "lies ahead")
    assert not judged.lists.exists()
    assert judged.publish(START + 7 * DAY_S).code == 0


def test_a_week_that_waits_to_be_judged_is_refused_or_says_so(judged: Office) -> None:
    judged.take_in(drive(A, 6, "50"), check=False)
    refused(judged.publish(), "1 vehicle-days of 2025-W10 and the days beside it wait to be judged", "--anyway")
    assert not judged.lists.exists()
    done = judged.publish(CLOSED, "--anyway")
    assert done.code == 0, done
    assert "CHƯA ĐẦY ĐỦ: khi lập còn 1 ngày-xe của kỳ này chưa được xét" in cover(judged)
    with connect(judged.url) as connection:
        assert scalar(connection, "SELECT waiting FROM list") == 1


def test_other_weeks_may_wait(judged: Office) -> None:
    judged.take_in(drive(A, 8, "50"), check=False)
    assert judged.publish().code == 0
    assert "CHƯA ĐẦY ĐỦ" not in cover(judged)


def test_findings_of_another_rulebook_are_refused_or_named(judged: Office) -> None:
    judged.settings["METHOD"] = "method-practice"
    refused(judged.publish(), "which is not the rulebook of today: run `hanhtrinh check --all` first")
    assert judged.publish(CLOSED, "--anyway").code == 0
    assert "LƯU Ý: có phát hiện được xét theo bộ quy tắc" in cover(judged)


def test_numbers_run_by_the_year_of_publication(judged: Office) -> None:
    weeks = {"2025-W51": (2025, 12, 30), "2025-W52": (2026, 1, 5), "2026-W01": (2026, 1, 12), "2026-W02": (2026, 1, 20)}
    for week, day in weeks.items():
        made_at = int(datetime(*day, tzinfo=UTC).timestamp())
        judged.done("list", "publish", "--week", week, "--folder", judged.lists, "--made-at", str(made_at))
    shown = [line.split("\t")[:3] for line in judged.done("list", "show").out.splitlines()]
    assert shown == [["01/2025", "2025-W51", "list"], ["01/2026", "2025-W52", "list"], ["02/2026", "2026-W01", "list"],
                     ["03/2026", "2026-W02", "list"]]  # fmt: skip
    refused(judged.publish(), f"--made-at {CLOSED}: lies before 03/2026 was published")


def test_a_wrong_week_and_a_missing_key_are_refused(judged: Office) -> None:
    refused(judged.run("list", "publish", "--week", "2025-W60"), "--week '2025-W60' is no ISO week")
    refused(judged.run("list", "amend", "--week", "W10"), "--week 'W10' is no ISO week")
    judged.settings = {}
    refused(judged.publish(), "no key signs this list: set HANHTRINH_LIST_KEY", "or give --unsigned")
    assert judged.publish(CLOSED, "--unsigned").code == 0
    assert not [name for name in judged.bytes_of_lists() if name.endswith(".sig")]


@pytest.mark.parametrize("table", TABLES)
def test_nothing_that_was_published_can_be_changed(judged: Office, table: str) -> None:
    assert judged.publish().code == 0
    rows = rows_of(judged.url)
    with connect(judged.url) as connection:  # as the owner of the tables, who may do anything else
        for statement in ("UPDATE {} SET position = position", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
            with pytest.raises(psycopg.errors.RestrictViolation, match=f"{table} is append-only"):
                connection.execute(statement.format(table).encode())
            connection.rollback()
    assert rows_of(judged.url) == rows


def test_what_was_tampered_with_in_the_store_is_not_written(judged: Office) -> None:
    assert judged.publish().code == 0
    files = judged.bytes_of_lists()
    with connect(judged.url) as connection:  # who may do so must mean it
        connection.execute("ALTER TABLE list_file DISABLE TRIGGER list_file_append_only")
        connection.execute("UPDATE list_file SET content = content || 'x' WHERE name LIKE '%.csv'")
    done = judged.publish()
    assert (done.code, done.out) == (1, "")
    assert "the store's files of 01/2025 (2025-W10) are not those of its manifest" in done.err
    assert judged.bytes_of_lists() == files


def test_two_publishers_at_once_make_one_list(judged: Office, second: Connection, database: str) -> None:
    """The second has looked before the first committed, and waits at its row."""
    with connect(database) as first, connect(database) as watcher:
        outcome = []
        thread = threading.Thread(target=lambda: outcome.append(publish(second, LAW, WEEK, _terms())))
        with transaction(first):
            first.execute(SNAPSHOT)
            published, new = publish_in_snapshot(first, LAW, WEEK, _terms(1))
            thread.start()
            _until_blocked(watcher, second)
        thread.join(60)
        assert new
        assert [(one.title, one.made_at, fresh) for one, fresh in outcome] == [("01/2025", published.made_at, False)]
        assert len(every_published(watcher)) == 1
        assert len(files_of(watcher, published)) == 6


def _terms(later_s: int = 0) -> Terms:
    return Terms(5, None, made_at=CLOSED + later_s)


def _until_blocked(watcher: Connection, blocked: Connection) -> None:
    limit = time.monotonic() + 60
    query = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s"
    while not scalar(watcher, query, (blocked.info.backend_pid,)):
        watcher.rollback()
        assert time.monotonic() < limit, "the second publisher never waited"
        time.sleep(0.02)
    watcher.rollback()


def test_publishers_of_several_weeks_at_once_make_one_chain(judged: Office, database: str) -> None:
    weeks = [f"2025-W{number}" for number in (10, 11, 12, 13)]
    gate = threading.Barrier(2 * len(weeks))
    made_at = parse_week(weeks[-1])[1] + 5 * DAY_S
    results: list[tuple[str, bool]] = []

    def run(week: str) -> None:
        with connect(database) as connection:
            gate.wait(60)
            results.append((week, publish(connection, LAW, week, Terms(5, None, made_at=made_at))[1]))

    threads = [threading.Thread(target=run, args=(week,)) for week in weeks * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(week for week, new in results if new) == weeks
    assert len(results) == 2 * len(weeks)
    with connect(database) as connection:
        every = every_published(connection)
    assert [(one.position, one.number) for one in every] == [(n, n) for n in (1, 2, 3, 4)]
    assert [one.previous for one in every] == [None, *(one.manifest_hash for one in every[:-1])]


def test_an_empty_week_is_a_list(judged: Office) -> None:
    assert judged.run("list", "publish", "--week", "2019-W01", "--folder", judged.lists).code == 0
    with connect(judged.url) as connection:
        assert entries_of(connection, 1) == []


def test_a_restored_store_goes_on_with_the_chain(judged: Office, empty_database: str, tmp_path: Path) -> None:
    assert judged.publish().code == 0
    files, rows = judged.bytes_of_lists(), rows_of(judged.url)
    judged.done("db", "backup", tmp_path / "store.dump")
    judged.url = empty_database
    judged.done("db", "restore", tmp_path / "store.dump")
    assert rows_of(judged.url) == rows
    judged.take_in(drive(B, 2, "50"))
    assert judged.publish().code == 0
    assert judged.bytes_of_lists() == files
    assert judged.amend(CLOSED + DAY_S).code == 0
    assert judged.run("list", "verify", judged.lists).code == 0
