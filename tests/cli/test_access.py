"""`hanhtrinh access`: the secret is shown once and kept nowhere, the files are whole, private and the same again."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from journey.registry import Operator, Provider, Registry
from storage.access import CONSUMER, sender_of
from storage.database import Connection, connect
from storage.registry import save_registry
from tests.cli.command import Done, called, refused

REGISTRY = Registry(operators=(Operator("OP1", "Company 1"), Operator("OP/2", "Company 2")),
                    providers=(Provider("NCC1", "Provider 1"),))  # fmt: skip


@pytest.fixture
def store(emptied: str) -> Iterator[Connection]:
    with connect(emptied) as connection:
        save_registry(connection, REGISTRY)
        yield connection


def access(url: str, *arguments: str | Path) -> Done:
    return called("access", *arguments, DATABASE_URL=url)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_secret_is_printed_once_and_the_one_before_is_void(store: Connection, emptied: str) -> None:
    first, second = (access(emptied, "issue", "NCC1") for _ in range(2))
    secrets = [done.out.removesuffix("\n") for done in (first, second)]
    assert all(done.code == 0 and len(secret) == 43 for done, secret in zip((first, second), secrets, strict=True))
    assert [sender_of(store, secret) for secret in secrets] == [None, "NCC1"]
    listed = access(emptied, "list")
    assert "NCC1" in listed.out
    assert "provider" in listed.out
    held = store.execute("SELECT access_key::text FROM access_key").fetchall()
    store.commit()
    for secret in secrets:
        assert secret not in listed.out + listed.err + first.err + second.err + str(held)


def test_a_secret_goes_to_a_private_file_instead(store: Connection, emptied: str, tmp_path: Path) -> None:
    path = tmp_path / "ncc1.secret"
    path.write_text("older", encoding="utf-8")
    path.chmod(0o644)
    done = access(emptied, "issue", "NCC1", "--out", path)
    assert (done.code, done.out) == (0, "")
    assert sender_of(store, path.read_text(encoding="utf-8").strip()) == "NCC1"
    assert mode(path) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_secret_that_cannot_be_written_is_not_made(store: Connection, emptied: str, tmp_path: Path) -> None:
    secret = access(emptied, "issue", "NCC1").out.strip()
    refused(access(emptied, "issue", "NCC1", "--out", tmp_path / "none" / "file"), "cannot be written")
    assert sender_of(store, secret) == "NCC1"


def test_mistakes_are_told(store: Connection, emptied: str, tmp_path: Path) -> None:
    refused(access(emptied, "issue", "NCC9"), "names no operator or provider 'NCC9'", "import")
    refused(access(emptied, "issue"), "name a sender, or --consumer")
    refused(access(emptied, "issue", "NCC1", "--consumer"), "name a sender, or --consumer")
    refused(access(emptied, "issue", CONSUMER), "--consumer")
    refused(access(emptied, "revoke", "NCC1"), "'NCC1' holds no secret", "access list")
    for form in (
        "tracking/#",
        "{sender}{sender}",
        "a/{sender}x/#",
        "+/{sender}",
        "a/#/{sender}",
        "{sender}/#/x",
        "a/{sender}/x+",
    ):
        refused(access(emptied, "mosquitto", tmp_path, "--topic", form), "--topic", "{sender}")
    refused(access(emptied, "rabbitmq", tmp_path, "--exchange", "tracking"), "--exchange", "{sender}")
    refused(access(emptied, "rabbitmq", tmp_path, "--queue", "amq.x"), "--queue")
    assert list(tmp_path.iterdir()) == []


def test_nobody_takes_our_own_name(store: Connection, emptied: str, tmp_path: Path) -> None:
    ours = access(emptied, "issue", "--consumer")
    assert ours.code == 0
    save_registry(store, Registry(operators=(Operator(CONSUMER, "Company"),)))
    refused(access(emptied, "issue", "--consumer"), "name of our own account", "another id")
    refused(access(emptied, "mosquitto", tmp_path), "name of our own account", "another id")


def test_files_are_private_and_the_same_again(store: Connection, emptied: str, tmp_path: Path) -> None:
    for sender in ("OP1", "OP/2", "NCC1", "--consumer"):
        assert access(emptied, "issue", sender).code == 0
    contents = []
    for folder in (tmp_path / "a", tmp_path / "a", tmp_path / "b"):
        for broker in ("mosquitto", "rabbitmq"):
            done = access(emptied, broker, folder, *(["--exchange", "t.{sender}"] if broker == "rabbitmq" else []))
            assert done.code == 0, done
            assert ("OP/2: left out: '/'" in done.err) == (broker == "mosquitto")
        files = {path.name: path.read_bytes() for path in folder.iterdir()}
        assert sorted(files) == ["acl", "definitions.json", "mosquitto.conf", "passwd"]
        assert [mode(folder / name) for name in ("passwd", "definitions.json", "acl")] == [0o600] * 3
        contents.append({name: text.replace(str(folder).encode(), b"") for name, text in files.items()})
    assert contents[0] == contents[1] == contents[2]
    lines = contents[0]["acl"].decode().splitlines()
    assert lines[1:] == ["", "user NCC1", "topic write tracking/NCC1/#", "", "user OP1", "topic write tracking/OP1/#",
                         "", "user hanhtrinh", "topic read tracking/+/#"]  # fmt: skip
    written = json.loads(contents[0]["definitions.json"])
    rights = {one["user"]: (one["configure"], one["write"], one["read"]) for one in written["permissions"]}
    assert rights["NCC1"] == ("^$", "^t\\.NCC1$", "^$")
    assert rights["hanhtrinh"] == ("^$", "^$", "^hanhtrinh$")


def test_a_sender_that_left_the_registry_gets_no_account(store: Connection, emptied: str, tmp_path: Path) -> None:
    for sender in ("OP1", "NCC1"):
        access(emptied, "issue", sender)
    save_registry(store, Registry(operators=(Operator("OP1", "Company 1"),)), replace=True)
    done = access(emptied, "mosquitto", tmp_path)
    assert "NCC1: left out: the registry no longer names it" in done.err
    assert [line.split(":")[0] for line in (tmp_path / "passwd").read_text().splitlines()] == ["OP1"]
    assert "not in the registry" in access(emptied, "list").out
    access(emptied, "rabbitmq", tmp_path)
    users = json.loads((tmp_path / "definitions.json").read_text(encoding="utf-8"))["users"]
    assert {user["name"]: bool(user["password_hash"]) for user in users} == {"OP1": True, "NCC1": False}
