"""A store with a judged week of a fleet, a published list, a case under way, and people to look at it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from cli.fleet import FleetSpec, generate, write
from journey.casework import Step
from journey.model import Finding
from storage.audit.log import By
from storage.cases.steps import take_step
from storage.database import connect
from storage.findings import load_findings
from tests.cli.command import called
from tests.people.samples import person

SPEC = FleetSpec(vehicles=20, days=7, split_feeds=True, scale=True)


class Desk(NamedTuple):
    """findings: one of each rule. operator: that of the one of speeding, for whom the login `operator` is."""

    url: str
    findings: dict[str, Finding]
    operator: str


def filled(database: str, folder: Path) -> dict[str, Finding]:
    """Fill an empty store; one finding of each rule."""
    write(generate(SPEC), folder)
    files = [*sorted(folder.glob("feed.*")), folder / "weighings.ndjson"]
    commands: tuple[tuple[Any, ...], ...] = (
        ("import", folder), ("replay", *files), ("check",),
        ("list", "publish", "--week", "2026-W10", "--unsigned", "--folder", folder / "lists"),
    )  # fmt: skip
    for command in commands:
        done = called(*command, DATABASE_URL=database)
        assert done.code == 0, done
    with connect(database) as connection:
        found = {one.rule: one for one in load_findings(connection, SPEC.begin, SPEC.end)}
        operator = found["speeding"].operator
        assert operator is not None
        for login, role in (("inspector", "inspector"), ("supervisor", "supervisor")):
            person(connection, login, role)
        person(connection, "operator", "operator", operator)
        by = By(person(connection, "opener", "inspector"), "test")
        for step in (Step.OPEN, Step.SEND):
            take_step(connection, by, found["daily_driving"].id, step, None, SPEC.end + 60)
        connection.commit()
    return found
