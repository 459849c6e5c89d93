"""The commands by name, and where each is written. A command's module is loaded when the command is asked for.

All of them together take seconds to load; the help of the whole program needs them all, a command only its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

# name: module, and the function or the group in it
COMMANDS = {
    "evaluate": "cli.evaluate:evaluate",
    "import": "cli.intake:import_reference",
    "replay": "cli.intake:replay",
    "ingest": "cli.ingest:ingest",
    "reconcile": "cli.reconcile:reconcile",
    "counts": "cli.intake:show_counts",
    "check": "cli.check:check",
    "export": "cli.export:export",
    "rollup": "cli.rollup:rollup",
    "report": "cli.report:report",
    "statistics": "cli.statistics:statistics",
    "risk": "cli.risk:risk",
    "explain": "cli.explain:explain",
    "evidence": "cli.evidence:evidence",
    "quality": "cli.quality:quality",
    "serve": "cli.serve:serve",
    "init": "cli.init:init",
    "doctor": "cli.doctor:doctor",
    "fleet": "cli.fleet_command:fleet",
    "demo": "cli.demo:demo",
    "list": "cli.lists:app",
    "schedule": "cli.schedule.commands:app",
    "prove": "cli.proof.commands:app",
    "law": "cli.law:app",
    "areas": "cli.areas:app",
    "access": "cli.access:app",
    "connections": "cli.connections:app",
    "rejections": "cli.rejections:app",
    "db": "cli.db:app",
    "people": "cli.people:app",
    "audit": "cli.audit:app",
    "cases": "cli.cases:app",
    "roads": "cli.roads.commands:app",
    "station": "cli.stations:app",
}


class _Loaded(Mapping[str, object]):
    """COMMANDS, each made when it is looked up."""

    def __getitem__(self, name: str) -> object:
        module, attribute = COMMANDS[name].split(":")
        found = getattr(import_module(module), attribute)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False)
            alone.command(name)(found)
            found = alone
        return typer.main.get_command(found)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class Commands(TyperGroup):
    """The group of all commands."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Loaded()  # type: ignore[assignment]  # nothing is added to it
