"""A proof by the processes of production, and what it says where they do not do what they should."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import make_conninfo

from cli.fleet import FleetSpec, generate
from cli.fleet.answers import Result
from cli.proof import running
from cli.proof.fleet import OPERATOR
from cli.proof.running import judgement, prove
from ingest.sources.http import Settings as Http
from journey.localtime import name_week
from journey.settings import Settings
from storage.access import sender_of
from storage.database import connect, transaction
from storage.proofs import FAILED, OUTAGE, PASSED, last_proofs
from storage.proofstore import empty_proof, make_proof_store, proof_url
from storage.roles import apply_roles
from storage.server.locks import PROOF, held
from tests.brokers.process import free_port
from tests.casefolder import LAW
from tests.chaos.process import COMMAND, Ingest
from tests.cli.command import called

pytestmark = pytest.mark.native_server


@pytest.fixture(scope="module")
def address(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running ingest, of which one connection is the proof's and another is not."""
    make_proof_store(module_database)
    folder, port = tmp_path_factory.mktemp("ingest"), free_port()
    connections = [Http(name="proof", transport="http", port=port, proof=True),
                   Http(name="real", transport="http", port=free_port())]  # fmt: skip
    with Ingest(folder, module_database, connections) as ingest:
        ingest.wait_ready()
        yield f"http://127.0.0.1:{port}"
        metrics = ingest.get("/metrics")[1]
        assert 'connection="real"' in metrics
        assert OPERATOR not in metrics
        assert 'connection="proof"' not in metrics
        assert ingest.stop() == 0


@pytest.fixture
def following(module_database: str, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (tmp_path / "check.log").open("wb") as log:
        process = subprocess.Popen([COMMAND, "check", "--follow", "--every", "0.5", "--port", str(free_port())],
                                   env={**os.environ, "HANHTRINH_DATABASE_URL": module_database}, stdout=log,
                                   stderr=log)  # fmt: skip
    yield process
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def test_sent_to_the_ingest_and_judged_by_the_check_that_run(
    module_database: str, address: str, following: subprocess.Popen[bytes]
) -> None:
    done = called("prove", "run", "--to", address, "--wait", "8", DATABASE_URL=module_database)
    assert done.code == 0, done
    assert "passed: planted = found" in done.out
    shown = called("prove", "status", DATABASE_URL=module_database)
    assert (shown.code, shown.out) == (0, done.out)
    with connect(module_database) as connection, transaction(connection):
        (one,) = last_proofs(connection, 1)
        assert (one.outcome, one.way, one.stored) == (PASSED, "http", one.sent)
        assert connection.execute("SELECT count(*) FROM fix").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM intake").fetchone() == (0,)


def test_the_scheduler_proves_once_a_day(
    module_database: str, address: str, following: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    file = tmp_path / "schedule.toml"
    file.write_text(f'since = "{name_week(int(time.time()))}"\n[prove]\nat = "00:00"\naddress = "{address}"\n')
    done = called("schedule", "run", "--once", "--settings", file, DATABASE_URL=module_database)
    assert done.code == 0, done
    assert ": passed: planted = found = " in done.out
    again = called("schedule", "run", "--once", "--settings", file, DATABASE_URL=module_database)
    assert (again.code, again.out) == (0, "")


def test_the_roles_of_the_processes_are_enough(module_database: str) -> None:
    """As the owner sets it up, and as the scheduler and the processes then run."""
    with connect(module_database) as connection:
        apply_roles(connection)
    assert called("prove", "setup", DATABASE_URL=module_database).code == 0
    as_check = make_conninfo(module_database, options="-c role=hanhtrinh_check")
    assert prove(as_check, LAW, Settings(), None, judge=True).outcome == PASSED
    with connect(make_conninfo(proof_url(module_database), options="-c role=hanhtrinh_ingest")) as connection:
        assert sender_of(connection, "unknown") is None
        connection.execute("INSERT INTO vehicle (plate) VALUES ('00C00001')")
        connection.rollback()


def test_where_nobody_judges_it_says_so(module_database: str, address: str) -> None:
    done = called("prove", "run", "--to", address, "--wait", "0.1", DATABASE_URL=module_database)
    assert done.code == 3, done
    assert "by an outage of our own" in done.out
    assert "vehicle-days are not judged: is `hanhtrinh check --follow` running" in done.out
    assert called("prove", "status", DATABASE_URL=module_database).code == 3


def test_where_nobody_takes_it_in_it_says_so(module_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.proof.sending._TRIES_S", 1.0)
    one = prove(module_database, LAW, Settings(), f"http://127.0.0.1:{free_port()}", judge=True, wait_s=60)
    assert one.outcome == OUTAGE
    assert "the ingest did not take everything in: http://127.0.0.1" in one.detail
    assert one.stored == 0


@pytest.mark.parametrize("what", ["missing", "extra"])
def test_a_difference_is_a_failure_and_is_shown(
    module_database: str, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def other(now: int) -> Any:
        fleet = generate(FleetSpec(vehicles=14, operators=1, operator=OPERATOR, provinces=("00",), noise=False))
        answers = fleet.answers[1:] if what == "extra" else [*fleet.answers, fleet.answers[0]]
        return replace(fleet, answers=answers)

    monkeypatch.setattr(running, "fleet_of", other)
    one = prove(module_database, LAW, Settings(), None, judge=True)
    assert one.outcome == FAILED
    assert [each["what"] for each in one.differences] == [what]
    assert one.all.planted - one.all.found == (what == "missing")
    assert one.all.extra == (what == "extra")
    shown = called("prove", "status", DATABASE_URL=module_database)
    assert shown.code == 1
    assert f"{what}: rule" in shown.out
    json.dumps(one.differences)


def test_only_the_proofs_database_is_ever_emptied(module_database: str) -> None:
    with connect(module_database) as connection, pytest.raises(ValueError, match="only the proof's own"):
        empty_proof(connection)


def test_two_at_once_are_refused(module_database: str) -> None:
    with held(module_database, PROOF) as lock:
        assert lock is not None
        refused = called("prove", "run", DATABASE_URL=module_database)
    assert refused.code == 2
    assert "another self-proof is under way" in refused.err


def test_what_a_killed_proof_left_is_gone_with_the_next(module_database: str) -> None:
    make_proof_store(module_database)
    process = subprocess.Popen(
        [COMMAND, "prove", "run", "--judge"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HANHTRINH_DATABASE_URL": module_database},
    )
    with connect(proof_url(module_database)) as there:
        until = time.monotonic() + 90
        while there.execute("SELECT count(*) FROM fix").fetchone() == (0,) and time.monotonic() < until:
            there.commit()
            time.sleep(0.05)
    process.kill()
    process.wait()
    one = prove(module_database, LAW, Settings(), None, judge=True)
    assert (one.outcome, one.stored) == (PASSED, one.sent)


ANSWER: Any = {"rule": "speeding"}


@pytest.mark.parametrize(
    ("result", "unstored", "unjudged", "why", "outcome"),
    [
        (Result([], [], []), 0, 0, "", PASSED),
        (Result([], [ANSWER], []), 0, 0, "", FAILED),
        (Result([], [], [ANSWER]), 0, 0, "", FAILED),
        (Result([], [ANSWER], []), 0, 3, "", OUTAGE),
        (Result([], [ANSWER], []), 9, 0, "", OUTAGE),
        (Result([], [], []), 0, 3, "", OUTAGE),
        (Result([], [], []), 5, 0, "no answer", OUTAGE),
        (Result([], [ANSWER], [ANSWER]), 9, 3, "no answer", FAILED),  # an outage never adds a finding
    ],
)
def test_only_what_is_missing_can_be_an_outages_doing(
    result: Result, unstored: int, unjudged: int, why: str, outcome: str
) -> None:
    assert judgement(result, unstored, unjudged, why)[0] == outcome
