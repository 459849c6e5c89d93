"""What goes wrong on the way is on record and tried again; nothing is lost, and nothing goes out twice unsaid."""

from __future__ import annotations

import email
import signal
import subprocess
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cli.delivery.running import deliver as deliver_now
from cli.delivery.settings import Retry, read_delivery
from storage.database import connect
from storage.errors import AlreadyDelivered
from storage.lists.deliveries import DELIVERED, Sending, begin, end
from tests.cli.command import COMMAND, environment, refused
from tests.delivery.sample import NAMES, deliver, details, log, write
from tests.delivery.servers import USER, Mailbox, Receiver, Sftp
from tests.lists.sample import Office


def of_sftp(rig: Sftp, secret: Path, **more: Any) -> dict[str, Any]:
    return {"channel": "sftp", "host": "127.0.0.1", "port": rig.port, "user": USER, "host_key": rig.host_key,
            "password_file": secret} | more  # fmt: skip


def of_mail(rig: Mailbox, **more: Any) -> dict[str, Any]:
    return {"channel": "email", "host": "127.0.0.1", "port": rig.port, "tls": "none", "sender": "l@example.vn",
            "to": ["a@example.vn", "b@example.vn"]} | more  # fmt: skip


def of_http(rig: Receiver, **more: Any) -> dict[str, Any]:
    return {"channel": "http", "url": f"http://127.0.0.1:{rig.port}/"} | more


def steps(office: Office) -> list[tuple[int, int, str]]:
    return [(position, attempt, step) for position, _, attempt, step in log(office)]


def test_a_server_that_is_down_is_tried_again_and_nothing_is_lost(sender: Office, tmp_path: Path, secret: Path) -> None:
    rig = Sftp(tmp_path / "server")
    rig.folder.mkdir()
    with rig.up():
        pass  # has a port now, and is down
    settings = write(tmp_path / "d.toml", of_sftp(rig, secret))
    done = deliver(sender, settings)
    assert done.code == 1
    assert "not delivered: 01/2025 (danh-sach-2025-W10) to sftp: attempt 1: 127.0.0.1:" in done.err
    assert steps(sender) == [(1, 1, "begun"), (1, 1, "failed")]  # the second is not tried where nobody answers
    with rig.up():
        waits = deliver(sender, settings)  # the amendment could go, but not before its list
        assert (waits.code, waits.out) == (1, "")
        assert "2 deliveries wait for their next attempt" in waits.err
        assert deliver(sender, settings, "--now").code == 0
    assert sorted(path.name for path in rig.folder.iterdir()) == sorted([*NAMES, "verify.py"])
    delivered = [(position, attempt) for position, attempt, step in steps(sender) if step == "delivered"]
    assert delivered == [(1, 2), (2, 1)]


def test_one_recipient_that_is_down_holds_up_no_other(sender: Office, tmp_path: Path, secret: Path) -> None:
    rig = Sftp(tmp_path)
    with rig.up():
        pass
    (tmp_path / "drop").mkdir()
    settings = write(tmp_path / "d.toml", of_sftp(rig, secret), {"channel": "drop", "folder": tmp_path / "drop"})
    assert deliver(sender, settings).code == 1
    assert [one for one in log(sender) if one[3] == "delivered"] == [
        (1, "drop", 1, "delivered"),
        (2, "drop", 1, "delivered"),
    ]


def test_a_line_that_breaks_in_the_middle(sender: Office, tmp_path: Path, secret: Path) -> None:
    """What arrived whole stays; half a file never has the name of a file; the manifest is not there before the rest."""
    rig = Sftp(tmp_path / "server")
    rig.folder.mkdir()
    rig.cut_after = 2
    with rig.up():
        settings = write(tmp_path / "d.toml", of_sftp(rig, secret))
        assert deliver(sender, settings).code == 1
        there = {path.name: path.read_bytes() for path in rig.folder.iterdir() if not path.name.endswith(".part")}
        assert there.items() <= sender.bytes_of_lists().items()
        assert "danh-sach-2025-W10.manifest.json" not in there
        rig.cut_after = None
        assert deliver(sender, settings, "--now").code == 0
    assert {path.name: path.read_bytes() for path in rig.folder.iterdir()} == sender.bytes_of_lists()


def test_another_host_key_is_refused(sender: Office, tmp_path: Path, secret: Path) -> None:
    rig, other = Sftp(tmp_path / "server"), Sftp(tmp_path)
    rig.folder.mkdir()
    with rig.up():
        settings = write(tmp_path / "d.toml", of_sftp(rig, secret, host_key=other.host_key))
        done = deliver(sender, settings)
    assert done.code == 1
    assert "its host key is not the one in the settings: nothing was sent" in done.err
    assert list(rig.folder.iterdir()) == []
    assert rig.writes == 0


def test_a_folder_that_is_missing_is_named_and_the_next_list_tried(
    sender: Office, tmp_path: Path, secret: Path
) -> None:
    rig = Sftp(tmp_path / "server")
    rig.folder.mkdir()
    with rig.up():
        done = deliver(sender, write(tmp_path / "d.toml", of_sftp(rig, secret, folder="nowhere")))
    assert done.code == 1
    assert "nowhere" in done.err
    assert steps(sender) == [(1, 1, "begun"), (1, 1, "failed")]  # its amendment is not tried before it
    done = deliver(sender, write(tmp_path / "d.toml", {"channel": "drop", "folder": tmp_path / "unmounted"}))
    assert "is no folder; is the share mounted?" in done.err
    assert not (tmp_path / "unmounted").exists()


def test_slow_servers_are_given_up_in_time(sender: Office, tmp_path: Path, secret: Path) -> None:
    sftp, mail, http = Sftp(tmp_path / "server"), Mailbox(), Receiver()
    sftp.folder.mkdir()
    with ExitStack() as stack:
        for rig in (sftp, mail, http):
            rig.gate.shut()
            stack.enter_context(rig.up())
            stack.callback(rig.gate.open)
        settings = write(tmp_path / "d.toml", of_sftp(sftp, secret, timeout_s=1), of_mail(mail, timeout_s=1),
                         of_http(http, timeout_s=1))  # fmt: skip
        done = deliver(sender, settings)
        assert done.code == 1
        for rig in (sftp, mail, http):
            rig.gate.wait_for_somebody()
    said = details(sender, "failed")
    assert [text.partition(": ")[2] for text in said] == [
        "not done within 1 s", "no answer (Connection unexpectedly closed: timed out); it may have taken what was sent",
        "no answer within 1 s; it may have taken the list",
    ]  # fmt: skip


def test_where_one_address_is_refused_nobody_gets_it(sender: Office, tmp_path: Path) -> None:
    rig = Mailbox()
    rig.refused = {"b@example.vn"}
    with rig.up():
        settings = write(tmp_path / "d.toml", of_mail(rig))
        done = deliver(sender, settings)
        assert done.code == 1
        assert "refuses b@example.vn, so that nobody was sent it: 550 5.1.1 nobody of that name" in done.err
        assert rig.messages == []
        rig.refused, rig.answer = set(), "451 4.3.0 come again"
        assert "did not take the message: 451 4.3.0 come again" in deliver(sender, settings, "--now").err
        rig.answer = "250 ok"
        assert deliver(sender, settings, "--now").code == 0
    ids = [email.message_from_bytes(one.content or b"")["Message-ID"] for one in rig.messages]  # type: ignore[arg-type]
    assert len(ids) == 3
    assert ids[0] == ids[1] != ids[2]


def test_a_message_that_is_too_large_is_not_sent(sender: Office, tmp_path: Path) -> None:
    rig = Mailbox(size=4096)
    with rig.up():
        done = deliver(sender, write(tmp_path / "d.toml", of_mail(rig)))
    assert "takes messages up to 4096 bytes" in done.err
    assert "send fewer files (only)" in done.err
    assert rig.messages == []


def test_an_answer_that_is_no_success_is_a_failure_and_the_key_stays(sender: Office, tmp_path: Path) -> None:
    rig = Receiver()
    rig.answers = [500, 307, 401]
    with rig.up():
        settings = write(tmp_path / "d.toml", of_http(rig, since="2025-03-16"))
        for code in (500, 307, 401):
            assert f"answered {code}" in deliver(sender, settings, "--now").err
        assert deliver(sender, settings, "--now").code == 0
    assert len({headers["idempotency-key"] for headers, _ in rig.posts}) == 1
    assert [step for *_, step in log(sender)] == [*["begun", "failed"] * 3, "begun", "delivered"]


@pytest.mark.parametrize("channel", ["sftp", "email", "http"])
def test_killed_in_the_middle(sender: Office, tmp_path: Path, secret: Path, channel: str) -> None:
    """kill -9 while the other side has it in hand: begun on record, made again under the same key and names."""
    sftp, mail, http = Sftp(tmp_path / "server"), Mailbox(), Receiver()
    sftp.folder.mkdir()
    rigs = {"sftp": sftp, "email": mail, "http": http}
    rig = rigs[channel]
    with rig.up():
        recipient = {
            "sftp": lambda: of_sftp(sftp, secret),
            "email": lambda: of_mail(mail),
            "http": lambda: of_http(http),
        }
        settings = write(tmp_path / "d.toml", recipient[channel]())
        rig.gate.shut()
        process = subprocess.Popen([COMMAND, "list", "deliver", "--once", "--settings", settings], cwd=tmp_path,
                                   env=environment(DATABASE_URL=sender.url), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)  # fmt: skip
        rig.gate.wait_for_somebody()
        process.send_signal(signal.SIGKILL)
        process.wait()
        rig.gate.open()
        assert steps(sender) == [(1, 1, "begun")]
        stand = sender.done("list", "deliver", "--dry-run", "--settings", settings).out
        assert "under way, or its process was killed; it may have arrived" in stand
        done = deliver(sender, settings)
    assert done.code == 0, done
    doubtful = "attempt 1 has no known end: the receiver may have it twice" in details(sender, "delivered")[0]
    assert doubtful == (channel != "sftp")
    assert steps(sender) == [
        (1, 1, "begun"),
        (1, 2, "begun"),
        (1, 2, "delivered"),
        (2, 1, "begun"),
        (2, 1, "delivered"),
    ]
    if channel == "sftp":
        there = {path.name: path.read_bytes() for path in sftp.folder.iterdir() if not path.name.endswith(".part")}
        assert there == sender.bytes_of_lists()
    elif channel == "http":
        keys = [headers["idempotency-key"] for headers, _ in http.posts]
        assert (len(keys), keys[0], len(set(keys))) == (3, keys[1], 2)
        assert http.posts[0][1] == http.posts[1][1]
    else:
        assert (len(mail.messages), mail.messages[0].content) == (3, mail.messages[1].content)


def test_killed_between_the_last_file_and_its_record(sender: Office, tmp_path: Path) -> None:
    """A folder: all lies there, and the record of it is missing. Nothing is written anew."""
    folder = tmp_path
    (folder / "drop").mkdir()
    settings = write(folder / "d.toml", {"channel": "drop", "folder": folder / "drop"})
    for name, content in sender.bytes_of_lists().items():
        (folder / "drop" / name).write_bytes(content)
    before = {path.name: path.stat().st_ino for path in (folder / "drop").iterdir()}
    assert deliver(sender, settings).code == 0
    assert {path.name: path.stat().st_ino for path in (folder / "drop").iterdir()} == before
    assert "9 files, 0 written" in details(sender, "delivered")[0]


def test_two_at_once_send_once(sender: Office, tmp_path: Path) -> None:
    rig = Receiver()
    with rig.up():
        delivery = read_delivery(write(tmp_path / "d.toml", of_http(rig)))
        rig.gate.shut()
        first = threading.Thread(target=deliver_now, args=(sender.url, delivery))
        first.start()
        rig.gate.wait_for_somebody()
        second = deliver_now(sender.url, delivery)
        assert second.busy
        rig.gate.open()
        first.join()
    assert len(rig.posts) == 2
    assert steps(sender) == [(1, 1, "begun"), (1, 1, "delivered"), (2, 1, "begun"), (2, 1, "delivered")]


def test_the_log_is_only_added_to_and_knows_one_success(sender: Office) -> None:
    sending = Sending(1, "x", "drop", "k")
    with connect(sender.url) as connection:
        for number in (1, 2):
            assert begin(connection, sending) == number
        end(connection, sending, 1, DELIVERED, "first\0")
        connection.commit()
        with pytest.raises(AlreadyDelivered):
            end(connection, sending, 2, DELIVERED, "second")
        connection.rollback()
        for statement in ("UPDATE delivery SET detail = ''", "DELETE FROM delivery", "TRUNCATE delivery"):
            with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
                connection.execute(statement)  # type: ignore[arg-type]
            connection.rollback()


def test_deliveries_are_listed(sender: Office, tmp_path: Path) -> None:
    rig = Receiver()
    rig.answers = [201, 503]
    with rig.up():
        settings = write(
            tmp_path / "d.toml", of_http(rig), {"channel": "drop", "folder": tmp_path, "since": "2999-01-01"}
        )
        assert deliver(sender, settings).code == 1
    lines = [line.split("\t") for line in sender.done("list", "deliveries", "--settings", settings).out.splitlines()]
    assert [(line[0], line[2], line[4]) for line in lines] == [
        ("01/2025", "http", "delivered"),
        ("02/2025", "http", "open"),
    ]
    assert lines[1][-1].startswith("1 attempts failed, next from 20")
    assert "answered 503" in lines[1][-1]
    assert len(sender.done("list", "deliveries").out.splitlines()) == 2


def test_attempts_grow_apart() -> None:
    assert [Retry().wait_s(number) for number in (1, 2, 3, 9, 10, 1000)] == [60, 120, 240, 15_360, 21_600, 21_600]


@pytest.mark.parametrize(("row", "said"), [
    ({"channel": "fax"}, "channel: there are drop, sftp, email, http"),
    ({"channel": "drop"}, "recipient drop: folder: is missing; write it"),
    ({"channel": "drop", "folder": "x", "since": "soon"}, "no TOML"),
    ({"channel": "email", "host": "mail.vn", "tls": "none", "sender": "a@b.vn", "to": ["c@d.vn"]}, "in the clear"),
    ({"channel": "email", "host": "mail.vn", "sender": "a@b.vn", "to": ["c@d.vn\nBcc: x@y.vn"]}, "to.0"),
    ({"channel": "email", "host": "mail.vn", "sender": "a@b.vn", "to": ["c@d.vn"], "password": "geheim"},
     "secrets stand in a file"),
    ({"channel": "http", "url": "http://example.vn/"}, "http sends in the clear; write https"),
    ({"channel": "http", "url": "https://u:p@example.vn/"}, "use token_file"),
    ({"channel": "sftp", "host": "h", "user": "u", "host_key": "ssh-ed25519 AAAA"}, "name either password_file"),
])  # fmt: skip
def test_mistakes_in_the_settings_are_told(tmp_path: Path, row: dict[str, Any], said: str) -> None:
    done = Office("postgresql://nobody@127.0.0.1:1/none", tmp_path).run(
        "list", "deliver", "--once", "--settings", write(tmp_path / "d.toml", row)
    )
    refused(done, said)
    assert "geheim" not in done.err


def test_a_secret_that_others_may_read_is_not_used(sender: Office, tmp_path: Path, secret: Path) -> None:
    rig = Receiver()
    secret.chmod(0o644)
    with rig.up():
        done = deliver(sender, write(tmp_path / "d.toml", of_http(rig, token_file=secret)))
    assert "others may read this secret: chmod 600 it" in done.err
    assert rig.posts == []


def test_the_example_is_a_settings_file(tmp_path: Path) -> None:
    made = Office("postgresql://nobody@127.0.0.1:1/none", tmp_path)
    (tmp_path / "example.toml").write_text(made.done("list", "deliver", "--example").out, encoding="utf-8")
    delivery = read_delivery(tmp_path / "example.toml")
    assert [one.channel for one in delivery.recipients] == ["drop", "sftp", "email", "http"]
