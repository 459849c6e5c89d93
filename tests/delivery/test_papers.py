"""Papers of a month go out by the same ways as lists: to whom they are for, once, whole, and on record."""

from __future__ import annotations

import email
import subprocess
from email.policy import default
from pathlib import Path

import pytest

from storage.database import connect, transaction
from storage.lists.papers import keep_papers, papers_of
from tests.delivery.sample import deliver, details, log, write
from tests.delivery.servers import Mailbox
from tests.lists.sample import Office

FILES = {"de-xuat-2025-03.csv": b"a,b\n", "thong-ke-2025-03.pdf": b"%PDF", "thong-ke-2025-03.xlsx": b"PK"}
ALL = [*FILES, "bao-cao-2025-03.sha256"]


@pytest.fixture
def month(sender: Office) -> Office:
    with connect(sender.url) as connection, transaction(connection):
        keep_papers(connection, "2025-03", FILES)
    return sender


def of_months(office: Office) -> list[tuple[str, str, int, str]]:
    with connect(office.url) as connection:
        return connection.execute(
            "SELECT month, recipient, attempt, step FROM delivery WHERE month IS NOT NULL ORDER BY id"
        ).fetchall()


def test_to_whom_they_are_for_once_with_their_sums(month: Office, tmp_path: Path) -> None:
    for name in ("papers", "both", "lists"):
        (tmp_path / name).mkdir()
    settings = write(
        tmp_path / "d.toml",
        {"name": "papers", "channel": "drop", "folder": tmp_path / "papers", "what": ["papers"]},
        {"name": "both", "channel": "drop", "folder": tmp_path / "both", "what": ["lists", "papers"]},
        {"name": "lists", "channel": "drop", "folder": tmp_path / "lists"},
    )
    dry = month.run("list", "deliver", "--dry-run", "--settings", settings)
    assert "2025-03\tbao-cao-2025-03\tpapers\tdrop\tnot tried yet" in dry.out
    done = deliver(month, settings)
    assert (done.code, len(done.out.splitlines())) == (0, 1 + 3 + 2), done
    assert sorted(path.name for path in (tmp_path / "papers").iterdir()) == sorted(ALL)
    assert set(ALL) < {path.name for path in (tmp_path / "both").iterdir()}
    assert not set(ALL) & {path.name for path in (tmp_path / "lists").iterdir()}
    for name, content in FILES.items():
        assert (tmp_path / "papers" / name).read_bytes() == content
    check = ["sha256sum", "-c", "--strict", "bao-cao-2025-03.sha256"]
    assert subprocess.run(check, cwd=tmp_path / "papers", check=False, capture_output=True).returncode == 0
    assert of_months(month) == [("2025-03", name, 1, step) for name in ("papers", "both")
                                for step in ("begun", "delivered")]  # fmt: skip
    rows = log(month)
    assert (deliver(month, settings).out, log(month)) == ("", rows)
    shown = month.run("list", "deliveries", "--settings", settings).out
    assert "2025-03\tbao-cao-2025-03\tpapers\tdrop\tdelivered" in shown


def test_what_fails_is_on_record_and_tried_again(month: Office, tmp_path: Path) -> None:
    settings = write(tmp_path / "d.toml", {"channel": "drop", "folder": tmp_path / "share", "what": ["papers"]})
    done = deliver(month, settings)
    assert (done.code, done.out) == (1, "")
    assert "is the share mounted?" in details(month, "failed")[0]
    assert deliver(month, settings).code == 1  # not due yet
    (tmp_path / "share").mkdir()
    assert deliver(month, settings, "--now").code == 0
    assert of_months(month) == [("2025-03", "drop", 1, "begun"), ("2025-03", "drop", 1, "failed"),
                                ("2025-03", "drop", 2, "begun"), ("2025-03", "drop", 2, "delivered")]  # fmt: skip


def test_a_letter_says_what_they_are(month: Office, tmp_path: Path) -> None:
    rig = Mailbox()
    with rig.up():
        settings = write(tmp_path / "d.toml", {
            "channel": "email", "host": "127.0.0.1", "port": rig.port, "tls": "none", "sender": "l@example.vn",
            "to": ["a@example.vn"], "what": ["papers"], "only": [".xlsx"],
        })  # fmt: skip
        assert deliver(month, settings).code == 0, details(month, "failed")
    (one,) = rig.messages
    letter = email.message_from_bytes(one.content or b"", policy=default)  # type: ignore[arg-type]
    assert letter["Subject"] == "Báo cáo tháng 2025-03"
    body = letter.get_body()  # type: ignore[attr-defined]
    assert "sha256sum -c --ignore-missing bao-cao-2025-03.sha256" in body.get_content()
    names = [part.get_filename() for part in letter.iter_attachments()]  # type: ignore[attr-defined]
    assert names == ["thong-ke-2025-03.xlsx", "bao-cao-2025-03.sha256"]


def test_what_is_kept_is_kept_once_and_as_it_was(month: Office) -> None:
    with connect(month.url) as connection:
        assert list(papers_of(connection, "2025-03")) == ALL
        assert papers_of(connection, "2025-04") == {}
        connection.rollback()
        with pytest.raises(Exception, match="duplicate key"), transaction(connection):
            keep_papers(connection, "2025-03", {"de-xuat-2025-03.csv": b"other"})
        with pytest.raises(Exception, match="append-only"), transaction(connection):
            connection.execute("DELETE FROM month_paper")
