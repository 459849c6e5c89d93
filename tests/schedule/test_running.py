"""The scheduler over a real store: caught up, once each, two at a time, stopped and killed."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from cli.schedule.running import Pass, run_due
from cli.schedule.settings import read_schedule
from journey.localtime import DAY_S, ZONE, name_week
from journey.settings import Settings
from storage.database import connect
from storage.server.locks import SCHEDULE, held
from tests.casefolder import LAW
from tests.cli.command import COMMAND, Done, environment, refused
from tests.delivery.sample import write as write_delivery
from tests.lists.sample import WEEK, A, B, C, Office, drive, office

WEEK_S = 7 * DAY_S


@pytest.fixture(scope="module")
def store(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Office:
    made = office(module_database, tmp_path_factory.mktemp("office"))
    made.take_in(drive(A, 1, "100"))
    return made


@pytest.fixture
def department(store: Office) -> Iterator[Office]:
    """Nothing is published and nothing was run."""
    yield store
    with connect(store.url) as connection:
        connection.execute("SET session_replication_role = replica")  # the tables refuse it else
        connection.execute("TRUNCATE delivery, job_run, list_stamp, list_entry, list_file, list")


def since(weeks_ago: int) -> str:
    """A week of which as many have closed by now as there are between (grace of 5 days)."""
    return name_week(int(time.time()) - weeks_ago * WEEK_S - 5 * DAY_S)


def settings(folder: Path, first: str, **jobs: dict[str, Any]) -> Path:
    lines = [f'since = "{first}"', "retry_s = 0.001"]
    for job, values in jobs.items():
        lines.append(f"[{job}]")
        lines += [f"{name} = {orjson.dumps(value, default=str).decode()}" for name, value in values.items()]
    path = folder / "schedule.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def weekly(folder: Path) -> dict[str, Any]:
    return {"at": "00:00", "folder": folder / "lists"}


def run(office: Office, file: Path) -> Done:
    return office.run("schedule", "run", "--once", "--settings", file)


def rows(office: Office, query: str) -> list[tuple[Any, ...]]:
    with connect(office.url) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


RUNS = "SELECT job, slot, outcome FROM job_run ORDER BY id"
LISTS = "SELECT week, amendment FROM list ORDER BY position"


def test_missed_weeks_are_caught_up_once(department: Office, tmp_path: Path) -> None:
    first = since(3)
    file = settings(tmp_path, first, publish=weekly(tmp_path))
    done = run(department, file)
    assert done.code == 0, done
    lists = rows(department, LISTS)
    assert (len(lists), lists[0]) == (3, (first, 0))
    assert rows(department, RUNS) == [("publish", week, "done") for week, _ in lists]
    assert (tmp_path / "lists" / f"danh-sach-{first}.manifest.sig").is_file()
    written = sorted((path.stat().st_mtime_ns, path.name) for path in (tmp_path / "lists").glob(f"danh-sach-{first}.*"))
    assert written[-1][1] == f"danh-sach-{first}.manifest.json"  # where it lies all lies, and nothing is left to write
    again = run(department, file)
    assert (again.code, again.out) == (0, "")
    assert rows(department, LISTS) == lists


def test_a_scheduler_that_died_before_its_record_does_no_harm(department: Office, tmp_path: Path) -> None:
    """Published, killed, not on record, its files not written: the next writes the same files and records it."""
    file = settings(tmp_path, since(1), publish=weekly(tmp_path))
    assert run(department, file).code == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "lists").iterdir()}
    for path in (tmp_path / "lists").iterdir():
        path.unlink()
    with connect(department.url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("TRUNCATE job_run")
    done = run(department, file)
    assert "was published already" in done.out
    assert {path.name: path.read_bytes() for path in (tmp_path / "lists").iterdir()} == before
    assert len(rows(department, LISTS)) == 1


def test_two_schedulers_at_once_make_one_list(department: Office, tmp_path: Path) -> None:
    """Two processes' worth of passes, again and again from several threads: one list a week, one record a week."""
    file = settings(tmp_path, since(3), publish=weekly(tmp_path))
    schedule = read_schedule(file)
    given = Settings(database_url=department.url, list_key=department.settings["LIST_KEY"])  # type: ignore[arg-type]
    passes: list[Pass] = []
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        passes.extend([run_due(department.url, LAW, given, schedule) for _ in range(3)])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(len(one.done) for one in passes) == 3
    assert len(passes) == 12
    assert len(set(rows(department, LISTS))) == len(rows(department, LISTS)) == 3
    assert [outcome for *_, outcome in rows(department, RUNS)] == ["done"] * 3


def test_one_that_finds_another_at_work_does_nothing(department: Office, tmp_path: Path) -> None:
    file = settings(tmp_path, since(1), publish=weekly(tmp_path))
    with held(department.url, SCHEDULE) as lock:
        assert lock is not None
        lock.require()
        done = run(department, file)
        with held(department.url, SCHEDULE) as second:
            assert second is None
    assert (done.code, done.out) == (0, "")
    assert "another scheduler is at work" in done.err
    assert rows(department, RUNS) == []
    assert run(department, file).code == 0


def test_amendments_proposals_upkeep_and_delivery(department: Office, tmp_path: Path) -> None:
    """An old list, late data for it, a month with a proposal: one pass does it all, and the next nothing."""
    assert department.publish().code == 0
    department.take_in([row for day in (2, 3, 4) for row in drive(B, day, "100")])
    (tmp_path / "drop").mkdir()
    recipients = write_delivery(tmp_path / "d.toml", {"channel": "drop", "folder": tmp_path / "drop"})
    file = settings(
        tmp_path, "2025-W10", amend=weekly(tmp_path), keep={"at": "00:00"},
        proposals={"at": "00:00", "day": 2, "folder": tmp_path / "proposals"}, deliver={"settings": recipients},
    )  # fmt: skip
    done = run(department, file)
    assert done.code == 0, done
    assert f"amendment 01/{datetime.now(ZONE).year} of 2025-W10" in done.out
    assert "hourly sums brought up to date" in done.out
    assert rows(department, LISTS) == [(WEEK, 0), (WEEK, 1)]
    months = [slot for job, slot, _ in rows(department, RUNS) if job == "proposals"]
    now = datetime.now(ZONE)
    assert (months[0], len(months)) == ("2025-03", (now.year - 2025) * 12 + now.month - 3 - (now.day < 2))
    assert (tmp_path / "proposals" / "de-xuat-2025-03.csv").read_bytes().count(b"\n") >= 3
    made = {path.name: path.read_bytes() for path in (tmp_path / "proposals").iterdir()}
    of_month = ("de-xuat-2025-03.pdf", "chat-luong-du-lieu-2025-03.pdf", "chat-luong-du-lieu-2025-03.xlsx",
                "tram-can-2025-03.pdf", "tram-can-2025-03.xlsx", "thong-ke-2025-03.csv", "thong-ke-2025-03.pdf",
                "thong-ke-2025-03.xlsx")  # fmt: skip
    assert {*of_month, "thong-ke-2025-Q1.pdf", "thong-ke-2025.xlsx"} <= made.keys()
    assert all(made[name].startswith(b"%PDF-") == name.endswith(".pdf") for name in made)
    assert "Quá tốc độ" in made["thong-ke-2025-03.csv"].decode("utf-8-sig")
    assert {path.name for path in (tmp_path / "drop").iterdir()} >= {f"danh-sach-{WEEK}-sua-doi-1.manifest.json"}
    again = run(department, file)
    assert (again.code, again.out, again.err) == (0, "", "")
    # Killed before the job was on record, it writes the same once more: what was made of the month is kept.
    with connect(department.url) as connection:
        connection.execute("SET session_replication_role = replica")  # the log refuses it else
        connection.execute("DELETE FROM job_run WHERE job = 'proposals' AND slot = '2025-03'")
    (tmp_path / "proposals" / "thong-ke-2025-03.pdf").unlink()
    once_more = run(department, file)
    assert (once_more.code, "papers of 2025-03: made already" in once_more.out) == (0, True), once_more
    assert {path.name: path.read_bytes() for path in (tmp_path / "proposals").iterdir()} == made


def test_what_cannot_be_done_now_is_on_record_and_done_later(department: Office, tmp_path: Path) -> None:
    assert department.publish().code == 0
    department.take_in(drive(C, 5, "100"), check=False)
    file = settings(tmp_path, since(1), amend=weekly(tmp_path))
    done = run(department, file)
    assert done.code == 1
    assert "vehicle-days of 2025-W10 and the days beside it wait to be judged" in done.err
    assert [outcome for *_, outcome in rows(department, RUNS)] == ["failed"]
    shown = department.done("schedule", "show", "--settings", file).out
    assert "failed" in shown
    assert "open\tfrom" in shown
    department.done("check")
    done = run(department, file)
    assert done.code == 0, done
    assert [outcome for *_, outcome in rows(department, RUNS)] == ["failed", "done"]
    assert rows(department, LISTS) == [(WEEK, 0), (WEEK, 1)]


def test_stopped_by_sigterm_after_the_job_under_way(department: Office, tmp_path: Path) -> None:
    """It runs on after its work is done, ends well when told to, and leaves nothing half done."""
    file = settings(tmp_path, since(2), publish=weekly(tmp_path))
    process = subprocess.Popen(
        [COMMAND, "schedule", "run", "--settings", file], cwd=tmp_path, stderr=subprocess.PIPE, text=True,
        env=environment(DATABASE_URL=department.url, LIST_KEY=department.settings["LIST_KEY"]),
    )  # fmt: skip
    assert process.stderr is not None
    with process.stderr:
        first = process.stderr.readline()  # the first job is done
        assert "publish" in first
        process.send_signal(signal.SIGTERM)
        process.stderr.read()
    assert process.wait(60) == 0
    lists = rows(department, LISTS)
    assert 1 <= len(lists) <= 2
    assert rows(department, RUNS) == [("publish", week, "done") for week, _ in lists]
    assert run(department, file).code == 0
    assert len(rows(department, LISTS)) == 2


def test_killed_in_the_middle(department: Office, tmp_path: Path) -> None:
    file = settings(tmp_path, since(3), publish=weekly(tmp_path))
    process = subprocess.Popen(
        [COMMAND, "schedule", "run", "--settings", file], cwd=tmp_path, stderr=subprocess.PIPE, text=True,
        env=environment(DATABASE_URL=department.url, LIST_KEY=department.settings["LIST_KEY"]),
    )  # fmt: skip
    assert process.stderr is not None
    with process.stderr:
        assert "publish" in process.stderr.readline()
        process.send_signal(signal.SIGKILL)
        process.wait()
    while "another scheduler is at work" in (done := run(department, file)).err:
        pass  # the database has not noticed yet that the process is gone
    assert done.code == 0, done
    lists = rows(department, LISTS)
    assert len(set(lists)) == len(lists) == 3
    assert sorted(rows(department, RUNS)) == sorted(("publish", week, "done") for week, _ in lists)


def test_without_a_key_nothing_is_published_unless_the_settings_say_so(department: Office, tmp_path: Path) -> None:
    keyless = Office(department.url, department.folder)
    done = run(keyless, settings(tmp_path, since(1), publish=weekly(tmp_path)))
    assert done.code == 1
    assert "no key signs this list" in done.err
    assert run(keyless, settings(tmp_path, since(1), publish=weekly(tmp_path) | {"unsigned": True})).code == 0


@pytest.mark.parametrize(("text", "said"), [
    ("", "since: is missing; write it"), ('since = "2026-10"', "since: "),
    ('since = "2026-W10"\n[publish]\nat = "6:00"\nfolder = "x"', 'publish.at: write a local time like "06:00"'),
    ('since = "2026-W10"\n[publsh]\nat = "06:00"', "publsh: no such setting here"),
    ('since = "2026-W10"\n[proposals]\nat = "06:00"\nday = 31\nfolder = "x"', "proposals.day: "),
    ("since = ", "no TOML"),
])  # fmt: skip
def test_mistakes_in_the_settings_are_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    nobody = Office("postgresql://nobody@127.0.0.1:1/none", tmp_path)
    refused(nobody.run("schedule", "run", "--settings", tmp_path / "s.toml"), said)


def test_the_example_is_a_settings_file(tmp_path: Path) -> None:
    nobody = Office("postgresql://nobody@127.0.0.1:1/none", tmp_path)
    (tmp_path / "s.toml").write_text(nobody.done("schedule", "run", "--example").out, encoding="utf-8")
    schedule = read_schedule(tmp_path / "s.toml")
    assert all((schedule.publish, schedule.amend, schedule.proposals, schedule.keep, schedule.deliver))
