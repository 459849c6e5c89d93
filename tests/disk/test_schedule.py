"""What the scheduler does at a full disk, for real: it says so, leaves no half file, tries again, and succeeds."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.brokers.process import wait_until
from tests.cli.command import COMMAND, Done, environment, hanhtrinh
from tests.disk.small import Ballast, mounted
from tests.lists.sample import LICENCES, Office, drive, office
from tests.schedule.test_running import LISTS, RUNS, rows, settings, since, weekly

pytestmark = pytest.mark.operations
A, B, _ = LICENCES
WAIT_S = 120
WEEKS = 6  # so that a month with its proposals has ended among them
FULL = "No space left on device; make room"
DATABASE_FULL = "the schedule waits for the store: a disk of the database is full"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk", 16) as folder:
        yield folder


@pytest.fixture
def roomy(tmp_path: Path) -> Iterator[Path]:
    """Large enough for the files of a proof."""
    with mounted(tmp_path / "roomy", 128) as folder:
        yield folder


@pytest.fixture
def department(database: str, tmp_path: Path) -> Office:
    (tmp_path / "office").mkdir()
    made = office(database, tmp_path / "office")
    made.take_in(drive(A, 1, "100"))
    return made


def once(office: Office, file: Path, cwd: Path) -> Done:
    """A scheduler of its own: the temporary folder is looked for when a process begins."""
    given = {"DATABASE_URL": office.url, **office.settings, "LOG_FORM": "json"}
    return hanhtrinh("schedule", "run", "--once", "--settings", file, cwd=cwd, **given)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def told(done: Done) -> list[str]:
    """Messages of the log: each line of it is an object."""
    return [json.loads(line)["message"] for line in done.err.splitlines() if line.startswith("{")]


@pytest.mark.parametrize("left_kib", [0, 40, 140])
def test_lists_and_proposals_wait_for_room(department: Office, disk: Path, tmp_path: Path, left_kib: int) -> None:
    """A list, an amendment and a month's papers, their folder full before the first file, or in the middle."""
    assert department.publish().code == 0
    department.take_in(drive(B, 2, "100"))
    ballast = Ballast(disk)
    jobs = {
        "publish": weekly(disk),
        "amend": weekly(disk),
        "proposals": {"at": "00:00", "day": 1, "folder": disk / "proposals"},
    }
    file = settings(tmp_path, since(WEEKS), **jobs)
    (disk / "lists").mkdir()
    (disk / "proposals").mkdir()
    ballast.fill(left_kib)
    done = once(department, file, tmp_path)
    assert (done.code, "Traceback" in done.err) == (1, False), done
    failed = rows(department, "SELECT job, detail FROM job_run WHERE outcome = 'failed'")
    assert {job for job, _ in failed} == (set(jobs) if not left_kib else {job for job, _ in failed} | {"proposals"})
    for job, detail in failed:
        assert FULL in detail
        assert any(message.startswith(job) and FULL in message for message in told(done))
    half = files(disk / "lists")
    assert not [name for name in (*half, *files(disk / "proposals")) if name.endswith(".part")]
    shown = department.done("schedule", "show", "--settings", file).out
    assert len(re.findall("\topen\t", shown)) == len(failed)

    ballast.drop()
    time.sleep(0.01)  # retry_s
    done = once(department, file, tmp_path)
    assert done.code == 0, done
    whole = files(disk / "lists")
    assert half.items() <= whole.items(), "what was written before the disk was full was whole"
    assert rows(department, "SELECT count(*) FROM list") == [(2 + WEEKS,)]
    manifests = [name for name in whole if name.endswith(".manifest.json")]
    assert len(manifests) == 2 + WEEKS
    assert {name.replace(".json", ".sig") for name in manifests} <= whole.keys()
    papers = {path.name: path for path in (disk / "proposals").iterdir()}
    assert {path.suffix for path in papers.values()} == {".csv", ".ndjson", ".pdf", ".xlsx", ".sha256"}
    sums = [
        line.split() for path in papers.values() if path.suffix == ".sha256" for line in path.read_text().splitlines()
    ]
    assert {name for _, name in sums} == {name for name in papers if not name.endswith(".sha256")}
    assert all(sha256(papers[name].read_bytes()).hexdigest() == stated for stated, name in sums)
    verified = department.run("list", "verify", disk / "lists")
    assert verified.code == 0, verified
    again = once(department, file, tmp_path)
    assert (again.code, again.out) == (0, "")


def test_a_proof_whose_temporary_folder_is_full_is_made_when_there_is_room(
    department: Office, roomy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = roomy
    monkeypatch.setenv("TMPDIR", str(disk))
    ballast = Ballast(disk)
    ballast.fill(64)
    file = settings(tmp_path, since(1), prove={"at": "00:00"})
    done = once(department, file, tmp_path)
    assert (done.code, "Traceback" in done.err) == (1, False), done
    assert [path.name for path in disk.iterdir()] == ["ballast"]
    ((detail,),) = rows(department, "SELECT detail FROM job_run")
    assert FULL in detail
    assert rows(department, "SELECT count(*) FROM proof") == [(0,)]
    ballast.drop()
    judge = [COMMAND, "check", "--follow", "--every", "0.5", "--port", "0"]
    environ = environment(DATABASE_URL=department.url)
    with (tmp_path / "check.log").open("wb") as log:
        following = subprocess.Popen(judge, env=environ, stdout=log, stderr=log)
    try:
        done = once(department, file, tmp_path)
        assert done.code == 0, done
        assert ": passed: planted = found" in done.out
    finally:
        following.terminate()
        following.wait(60)


def test_a_running_scheduler_waits_for_room_in_the_database(
    small: tuple[str, Ballast],
    tmp_path: Path,
) -> None:
    """The list that found no room is in neither the store nor the folder; once there is room it is published whole."""
    url, ballast = small
    (tmp_path / "office").mkdir()
    department = office(url, tmp_path / "office")
    department.take_in(drive(A, 1, "100"))
    file = settings(tmp_path, since(3), publish=weekly(tmp_path))
    ballast.fill()
    log = tmp_path / "schedule.log"
    environ = environment(DATABASE_URL=url, LIST_KEY=department.settings["LIST_KEY"], LOG_FORM="json")
    with log.open("wb") as written:
        process = subprocess.Popen([COMMAND, "schedule", "run", "--settings", file], cwd=tmp_path, env=environ,
                                   stdout=written, stderr=written)  # fmt: skip
    try:
        until(lambda: DATABASE_FULL in log.read_text(), "it to say so")
        assert process.poll() is None
        before = rows(department, LISTS)
        assert not [path for path in (tmp_path / "lists").glob("*") if not path.name.startswith("danh-sach-")]
        assert len(list((tmp_path / "lists").glob("*.manifest.json"))) == len(before) < 3
        ballast.drop()
        until(lambda: len(rows(department, RUNS)) == 3, "all weeks to be published")
    finally:
        process.terminate()
    assert process.wait(60) == 0
    assert len(rows(department, LISTS)) == 3
    assert "Traceback" not in log.read_text()
    assert department.run("list", "verify", tmp_path / "lists").code == 0


def until(true: Callable[[], bool], what: str) -> None:
    wait_until(true, what, WAIT_S)
