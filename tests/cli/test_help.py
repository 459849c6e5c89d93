"""Every command says in its help what it does and how it is called."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from cli.main import app
from tests.cli.command import called, hanhtrinh

COMMANDS = [
    "evaluate",
    "import",
    "replay",
    "ingest",
    "reconcile",
    "counts",
    "check",
    "export",
    "rollup",
    "report",
    "statistics",
    "risk",
    "explain",
    "evidence",
    "quality",
    "serve",
    "init",
    "doctor",
    "fleet",
    "demo",
]
GROUPS = {
    "access": ["issue", "revoke", "list", "mosquitto", "rabbitmq"],
    "connections": ["list", "resume"],
    "list": ["publish", "amend", "due", "show", "key", "verify", "deliver", "deliveries"],
    "schedule": ["run", "show"],
    "rejections": ["list", "show", "redrive", "prune"],
    "db": ["status", "migrate", "backup", "restore", "roles", "vacuum-plan"],
    "people": ["add", "list", "disable", "enable", "password", "token", "tokens", "revoke", "bind", "unbind"],
    "audit": ["verify", "anchor", "list"],
    "cases": ["list", "show", "shares"],
    "law": ["show", "diff", "check", "page"],
    "areas": ["import", "list"],
    "prove": ["setup", "run", "status"],
    "roads": ["import", "build", "show", "lint"],
    "station": ["faults", "join", "reviews", "origins", "month"],
}


def test_the_commands_are_those_listed(tmp_path: Path) -> None:
    known = get_command(app)
    assert isinstance(known, TyperGroup)
    assert [name for name, one in known.commands.items() if not isinstance(one, TyperGroup)] == COMMANDS
    assert all(one.name == name for name, one in known.commands.items())
    assert {name for name, one in known.commands.items() if isinstance(one, TyperGroup)} == {*GROUPS}
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


@pytest.mark.parametrize("group", GROUPS)
def test_help_of_a_group_shows_its_commands_and_each_an_example(group: str) -> None:
    done = called(group, "--help")
    assert (done.code, done.err) == (0, "")
    for command in GROUPS[group]:
        assert f" {command} " in done.out
        told = called(group, command, "--help")
        assert (told.code, told.err) == (0, "")
        assert f"Example: hanhtrinh {group} {command}" in " ".join(told.out.split())


def test_no_command_shows_the_help(tmp_path: Path) -> None:
    done = called()
    assert "Usage: hanhtrinh" in done.out
    assert all(f" {command} " in done.out for command in COMMANDS)
