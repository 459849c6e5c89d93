"""What is derived with as much as a finding needs is what is derived with all of registry and track, to the byte."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pytest

import cli.explaining.derivation
import cli.explaining.fixes
import rules.roads.limits
from api.evidence.package import package
from cli.explaining.gathering import gather
from cli.explaining.known import KeptRoads, Roads, read_roads
from cli.fleet import FleetSpec, generate, write
from cli.root import law_of
from journey.registry import Registry, Road
from journey.settings import Settings
from journey.track import Int
from rules.engine import Known, know
from rules.law import Law
from rules.quality import Usable
from rules.registered import Registered
from rules.roads.index import RoadIndex
from rules.roads.limits import Limits, limits_at
from storage.database import Connection, connect, transaction
from storage.evidence import kept_finding
from storage.findings import load_findings
from storage.registry import load_registry, save_registry
from tests.cli.command import called

SPEC = FleetSpec(vehicles=40, sampling_s=(20, 30), split_feeds=True)
OF_EACH_RULE = 2


def whole(connection: Connection, plates: Collection[str], operator: str | None, law: Law, roads: Roads) -> Known:
    """The registry as all of it is: the oracle."""
    return know(load_registry(connection), law)


def of_whole_tracks(usable: Usable, fixes: Int, registered: Registered, roads: RoadIndex | None, law: Law) -> Limits:
    """Limits at some fixes, looked up at every fix that was loaded."""
    every = limits_at(usable, np.arange(len(usable.time)), registered, roads, law)
    return Limits(fixes, every.limit_dkmh[fixes], every.road[fixes], every.source[fixes])


@pytest.mark.xdist_group("evidence")
def test_packages_are_those_of_the_whole_registry(
    module_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(generate(SPEC), tmp_path)
    files = [*sorted(tmp_path.glob("feed.*")), tmp_path / "weighings.ndjson"]
    commands: list[list[str | Path]] = [["import", tmp_path], ["replay", *files], ["check"]]
    for command in commands:
        done = called(*command, DATABASE_URL=module_database)
        assert done.code == 0, done
    law, kept_roads = law_of(Settings()), KeptRoads()
    with connect(module_database) as connection, transaction(connection):
        found = load_findings(connection, SPEC.begin, SPEC.end)
        by_rule = {
            rule: [one for one in found if one.rule == rule][:OF_EACH_RULE] for rule in {one.rule for one in found}
        }
        assert len(by_rule) == 9
        for one in (one for some in by_rule.values() for one in some):
            kept = kept_finding(connection, one.id)
            assert kept is not None
            narrow = gather(connection, kept, law, None, kept_roads)
            with monkeypatch.context() as patch:
                patch.setattr(cli.explaining.derivation, "known_around", whole)
                patch.setattr(cli.explaining.fixes, "limits_at", of_whole_tracks)
                patch.setattr(rules.roads.limits, "limits_at", of_whole_tracks)
                oracle = gather(connection, kept, law, None, read_roads)
            assert narrow.derived == "equal", one.rule
            assert package(narrow) == package(oracle), one.rule


def test_kept_roads_are_read_anew_when_the_registry_changes(database: str) -> None:
    roads = KeptRoads()

    def named(name: str) -> Registry:
        return Registry(roads=(Road("R1", name, None, False, None, False, 2, ((106.0, 21.0), (106.1, 21.0))),))

    def shown(connection: Connection) -> str | None:
        with transaction(connection):
            index = roads(connection)
        return None if index is None else index.roads[0].name

    with connect(database) as connection, connect(database) as other:
        assert shown(connection) is None
        save_registry(other, named("first"))
        assert shown(connection) == "first"
        with transaction(connection):
            assert roads(connection) is roads(connection)
        save_registry(other, named("second"))
        assert shown(connection) == "second"
