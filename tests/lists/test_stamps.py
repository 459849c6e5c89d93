"""Time stamps of lists by a real authority: had once, kept, written beside the manifest, verified three ways."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from cli.lists.stamping import NotStamped, request_stamp
from journey.localtime import DAY_S
from storage.database import connect
from tests.lists.authority import Authority
from tests.lists.sample import CLOSED, WEEK, A, B, Office, drive, office

STEM = f"danh-sach-{WEEK}"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "authority")


@pytest.fixture
def department(database: str, tmp_path: Path) -> Office:
    made = office(database, tmp_path)
    made.take_in(drive(A, 1, "100"))
    return made


def verified(made: Office, *more: str | Path) -> tuple[int, str]:
    done = made.run("list", "verify", made.lists, "--key", made.folder / "list.key.pub", *more)
    return done.code, done.out


def test_a_stamp_is_had_once_and_verified(department: Office, authority: Authority) -> None:
    with authority.up():
        assert department.publish(CLOSED, "--timestamp-url", authority.url).code == 0
        stamp, manifest = department.lists / f"{STEM}.manifest.tsr", department.lists / f"{STEM}.manifest.json"
        first, asked = stamp.read_bytes(), authority.asked
        assert department.publish(CLOSED, "--timestamp-url", authority.url).code == 0
        assert (stamp.read_bytes(), authority.asked) == (first, asked)
    assert authority.verifies(manifest, stamp)
    code, said = verified(department)
    assert code == 0
    assert "its time stamp names this manifest" in said
    assert "whether the stamp is an authority's was not verified here" in said
    code, said = verified(department, "--timestamp-ca", authority.root)
    assert code == 0
    assert "by an authority of the roots given" in said
    alone = subprocess.run([sys.executable, "-I", department.lists / "verify.py"], capture_output=True, text=True,
                           check=False, timeout=60)  # fmt: skip
    assert alone.returncode == 0
    assert "its time stamp names this manifest" in alone.stdout


def test_another_authoritys_stamp_is_a_fault(department: Office, authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    with authority.up():
        assert department.publish(CLOSED, "--timestamp-url", authority.url).code == 0
    code, said = verified(department, "--timestamp-ca", other.root)
    assert code == 1
    assert f"fault: {STEM}.manifest.tsr: the time stamp does not hold" in said


def test_a_stamp_of_something_else_and_a_changed_one_are_faults(department: Office, authority: Authority) -> None:
    path = department.lists / f"{STEM}.manifest.tsr"
    with authority.up():
        assert department.publish(CLOSED, "--timestamp-url", authority.url).code == 0
        good, foreign = path.read_bytes(), request_stamp(authority.url, b"something else")
    unread = "cannot be read as a time stamp"
    foreigner = "is a time stamp of something else than the manifest of 01/2025"
    for content, fault in ((foreign, foreigner), (good[:200], unread), (b"", unread)):
        path.write_bytes(content)
        code, said = verified(department)
        assert code == 1
        assert f"{path.name}: {fault}" in said
        code, _ = verified(department, "--timestamp-ca", authority.root)
        assert code == 1
    # Every byte of what is signed counts where the roots are given.
    unseen = 0
    for place in range(0, len(good), 97):
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        code, said = verified(department, "--timestamp-ca", authority.root)
        unseen += code == 0
    assert unseen <= 1  # the status before the token is not signed; its text may differ


def test_an_authority_that_is_away_stops_no_list(department: Office, authority: Authority) -> None:
    done = department.publish(CLOSED, "--timestamp-url", "http://127.0.0.1:1/tsr")
    assert done.code == 0
    assert "warning: no time stamp: http://127.0.0.1:1/tsr" in done.err
    assert not (department.lists / f"{STEM}.manifest.tsr").exists()
    department.take_in(drive(B, 2, "100"))
    assert department.amend(CLOSED + DAY_S).code == 0
    with authority.up():
        done = department.done("list", "stamp", "--folder", department.lists, "--timestamp-url", authority.url)
    assert "2 stamped by" in done.err
    assert {path.name for path in department.lists.glob("*.tsr")} == {
        f"{STEM}.manifest.tsr", f"{STEM}-sua-doi-1.manifest.tsr"
    }  # fmt: skip
    assert verified(department, "--timestamp-ca", authority.root)[0] == 0


def test_a_kept_stamp_is_never_changed(department: Office, authority: Authority) -> None:
    with authority.up():
        assert department.publish(CLOSED, "--timestamp-url", authority.url).code == 0
    with connect(department.url) as connection, pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute("UPDATE list_stamp SET response = ''")


def test_answers_that_are_none_are_refused(authority: Authority) -> None:
    with authority.up():
        other = request_stamp(authority.url, b"other")
        for answer in (b"", b"no DER", other):
            authority.answers.append(answer)
            with pytest.raises(NotStamped, match=r"and no time stamp|cannot be read|stamped something else"):
                request_stamp(authority.url, b"mine")
    with pytest.raises(NotStamped):
        request_stamp("http://", b"mine")
