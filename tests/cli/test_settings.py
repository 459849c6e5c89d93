"""Settings from outside: a wrong one is named, a server that is not there is no traceback, no password is shown."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.cli.command import called, hanhtrinh, refused
from tests.cli.samples import write, write_folder


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def test_a_server_that_is_not_there(closed_port: int, tmp_path: Path) -> None:
    url = f"postgresql://someone:topsecret@127.0.0.1:{closed_port}/journeys"
    done = hanhtrinh("check", cwd=tmp_path, DATABASE_URL=url)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(
        f"hanhtrinh: no connection to database journeys on 127.0.0.1, port {closed_port}: "
        "is the server running, and are host and port right?"
    )
    assert "topsecret" not in done.err
    assert "Traceback" not in done.err
    assert list(tmp_path.iterdir()) == []  # no store of its own was begun instead


@pytest.mark.parametrize("command", [("replay", "feed.csv"), ("import", "."), ("counts",), ("export", "--week",
                                     "2026-W12"), ("explain", "abc")])  # fmt: skip
def test_every_command_on_the_store_says_so(command: tuple[str, ...], closed_port: int) -> None:
    done = called(*command, DATABASE_URL=f"postgresql://someone:topsecret@127.0.0.1:{closed_port}/journeys")
    assert (done.code, done.out) == (1, "")
    assert "is the server running" in done.err
    assert "topsecret" not in done.err


def test_an_url_that_cannot_be_read_is_not_repeated() -> None:
    done = called("counts", DATABASE_URL="postgresql://someone:topsecret@[::1/journeys")
    assert (done.code, done.out) == (1, "")
    assert "the database URL cannot be read: write it like postgresql://" in done.err
    assert "topsecret" not in done.err


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("BATCH_FIXES", "0", "setting HANHTRINH_BATCH_FIXES: Input should be greater than or equal to 1"),
        ("BATCH_FIXES", "many", "setting HANHTRINH_BATCH_FIXES: Input should be a valid integer"),
        ("BATCH_FIXES", "1000001", "setting HANHTRINH_BATCH_FIXES: Input should be less than or equal to 1000000"),
        ("LOG_LEVEL", "loud", "setting HANHTRINH_LOG_LEVEL: String should match pattern"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, said: str) -> None:
    refused(called("counts", **{name: value}), said)


def test_a_wrong_setting_stops_the_installed_command(tmp_path: Path) -> None:
    refused(hanhtrinh("counts", cwd=tmp_path, BATCH_FIXES="0"), "setting HANHTRINH_BATCH_FIXES:")


def test_settings_may_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / ".env", "HANHTRINH_BATCH_FIXES=-5\n")
    refused(called("counts"), "setting HANHTRINH_BATCH_FIXES:")


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("nonsense", "nonsense.yaml: cannot be read: No such file or directory"),
        ("nowhere/own.yaml", "nowhere/own.yaml: cannot be read: No such file or directory"),
    ],
)
def test_a_method_that_is_not_there_is_named(emptied: str, method: str, said: str) -> None:
    refused(called("check", DATABASE_URL=emptied, METHOD=method), said)


def test_a_broken_method_stops_replay_and_check(emptied: str, tmp_path: Path) -> None:
    write_folder(tmp_path)
    shipped = Path(__file__).parents[2] / "rules" / "law" / "method.yaml"
    text = shipped.read_text(encoding="utf-8")
    write(tmp_path / "own.yaml", text.replace("applies_from: 2000-01-01", "applies_from: 2000-13-01"))
    for command in (("check",), ("replay", tmp_path / "positions.csv")):
        done = called(*command, DATABASE_URL=emptied, METHOD=str(tmp_path / "own.yaml"))
        refused(done, "own.yaml: applies_from: '2000-13-01' is no date; write it as YYYY-MM-DD")
    write(tmp_path / "own.yaml", text)
    done = called("replay", tmp_path / "positions.csv", DATABASE_URL=emptied, METHOD=str(tmp_path / "own.yaml"))
    assert (done.code, "12 fixes (12 new" in done.err) == (0, True)


def test_a_data_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    write(tmp_path / "file", "")
    done = called("--data", tmp_path / "file" / "store", "counts")
    assert done.code == 1
    assert "Traceback" not in done.err
    assert str(tmp_path / "file") in done.err
