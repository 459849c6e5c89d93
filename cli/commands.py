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
    "import": "cli.intake.recorded:import_reference",
    "replay": "cli.intake.recorded:replay",
    "ingest": "cli.intake.ingest:ingest",
    "reconcile": "cli.intake.reconcile:reconcile",
    "counts": "cli.intake.recorded:show_counts",
    "check": "cli.checking.commands:check",
    "export": "cli.lists.export:export",
    "rollup": "cli.rollups.commands:rollup",
    "report": "cli.reports.commands:report",
    "statistics": "cli.statistics.commands:statistics",
    "risk": "cli.risk.commands:risk",
    "explain": "cli.explaining.explain:explain",
    "evidence": "cli.explaining.evidence:evidence",
    "quality": "cli.quality.commands:quality",
    "serve": "cli.serve:serve",
    "init": "cli.init:init",
    "doctor": "cli.doctor.commands:doctor",
    "fleet": "cli.fleet.commands:fleet",
    "demo": "cli.demo:demo",
    "list": "cli.lists.commands:app",
    "schedule": "cli.schedule.commands:app",
    "prove": "cli.proof.commands:app",
    "law": "cli.law.commands:app",
    "areas": "cli.areas.commands:app",
    "access": "cli.access.commands:app",
    "connections": "cli.intake.connections:app",
    "rejections": "cli.intake.rejections:app",
    "db": "cli.store.commands:app",
    "people": "cli.people.commands:app",
    "audit": "cli.audit:app",
    "cases": "cli.cases:app",
    "roads": "cli.roads.commands:app",
    "station": "cli.stations.commands:app",
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
