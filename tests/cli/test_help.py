"""Every command says in its help what it does and how it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.main import app
from tests.cli.command import called, hanhtrinh

COMMANDS = ["evaluate", "import", "replay", "ingest", "counts", "check", "export", "explain", "quality", "fleet",
            "demo"]  # fmt: skip


def test_the_commands_are_those_listed(tmp_path: Path) -> None:
    assert [one.name or str(getattr(one.callback, "__name__", "")) for one in app.registered_commands] == COMMANDS
    done = hanhtrinh("--help", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    for command in COMMANDS:
        assert f" {command} " in done.out


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(command: str) -> None:
    done = called(command, "--help")
    assert (done.code, done.err) == (0, "")
    assert f"Usage: hanhtrinh {command}" in done.out
    assert f"Example: hanhtrinh {command}" in done.out


def test_no_command_shows_the_help(tmp_path: Path) -> None:
    done = called()
    assert "Usage: hanhtrinh" in done.out
    assert all(f" {command} " in done.out for command in COMMANDS)
