"""Processes of two versions on one store: refused clearly, nothing migrated behind anybody's back, nothing lost."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ingest.sources.http import Settings as Http
from storage.access import issue
from storage.database import connect, scalar
from storage.migrate import load_migrations
from storage.registry import save_registry
from tests.brokers.process import HOST, Server, free_port, wait_until
from tests.chaos.process import Ingest
from tests.cli.command import COMMAND, called, environment
from tests.live.records import REGISTRY, many_each
from tests.versions.program import Program

WAIT_S = 60
LAST = load_migrations()[-1].name


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return Program(tmp_path_factory.mktemp("newer"))


@pytest.fixture
def store(database: str) -> str:
    with connect(database) as connection:
        save_registry(connection, REGISTRY)
        connection.commit()
    return database


def level(url: str) -> int:
    with connect(url) as connection:
        return int(scalar(connection, "SELECT max(number) FROM migration"))


class Following:
    """A process of this version that goes on until it is told to stop."""

    def __init__(self, folder: Path, url: str, *arguments: str, port: int | None = None) -> None:
        folder.mkdir()
        self.url = f"http://{HOST}:{port}"
        self.server = Server([str(COMMAND), *arguments], folder, self.ready, environment(DATABASE_URL=url))
        if port is None:
            self.server._ready = lambda: True
        self.server.start()

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/ready").status_code == 200
        except httpx.TransportError:
            return False

    def ended(self) -> str:
        """Its exit status 1 is waited for; gives what it said last."""
        wait_until(lambda: not self.server.running, f"{self.url} to end", WAIT_S)
        process = self.server._process
        assert isinstance(process, subprocess.Popen)
        assert process.returncode == 1, self.server.log.read_text()
        return self.server.log.read_text().strip().splitlines()[-1]


@pytest.fixture
def started(tmp_path: Path, store: str) -> Iterator[dict[str, Following]]:
    """check with two workers, serve and the scheduler."""
    check, api = free_port(), free_port()
    plan = tmp_path / "schedule.toml"
    plan.write_text(f'since = "2099-W01"\n[publish]\nat = "06:00"\nfolder = "{tmp_path}"\n')
    found: dict[str, Following] = {}
    try:
        found["check"] = Following(tmp_path / "check", store, "check", "--follow", "--workers", "2", "--every", "0.2",
                                   "--port", str(check), port=check)  # fmt: skip
        found["serve"] = Following(tmp_path / "serve", store, "serve", "--port", str(api), port=api)
        found["schedule"] = Following(tmp_path / "schedule", store, "schedule", "run", "--settings", str(plan))
        yield found
    finally:
        for one in found.values():
            one.server.stop()


def test_a_migration_under_running_processes(
    started: dict[str, Following], store: str, newer: Program, tmp_path: Path
) -> None:
    before = level(store)
    with connect(store) as connection:
        token = issue(connection, "OP1")
        connection.commit()
    port = free_port()
    ingest = Ingest(tmp_path / "ingest", store, [Http(name="http", transport="http", port=port)])
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    first, second = many_each(0, 20, 10)

    def post(payload: bytes) -> int:
        try:
            return httpx.post(f"http://{HOST}:{port}/v1/fixes", content=payload, headers=headers).status_code
        except httpx.TransportError:
            return 0

    with ingest:
        ingest.wait_ready()
        assert post(first) == 200
        # The new version is told to wait, whichever of its commands is the first; the store stays as it is.
        for arguments in (["counts"], ["db", "migrate"]):
            done = newer.run(*arguments, DATABASE_URL=store)
            assert (done.code, done.out) == (1, ""), done
            assert f"lacks {newer.next_migration}, and " in done.err
            for name in ("hanhtrinh check", "hanhtrinh ingest", "hanhtrinh serve"):
                assert name in done.err
            assert "stop them, then run `hanhtrinh db migrate`" in done.err
            assert "Traceback" not in done.err
        assert level(store) == before
        assert (
            newer.run("db", "migrate", "--dry-run", DATABASE_URL=store).out
            == f"{newer.next_migration}: would be applied\n"
        )

        # Who migrates all the same stops those of the version before: none of them writes another row.
        done = newer.run("db", "migrate", "--beside-others", DATABASE_URL=store)
        assert (done.code, done.out) == (0, f"{newer.next_migration}: applied\n"), done
        assert post(second) != 200
        wait_until(lambda: not ingest.runs, "ingest to end", WAIT_S)
        assert ingest.stop() == 1
        said = f"the database was brought to {newer.next_migration} while this process ran, which knows {LAST}"
        assert said in ingest.text().strip().splitlines()[-1]
        assert "Traceback" not in ingest.text()
    for name in ("check", "schedule"):
        assert said in started[name].ended()
    serve = started["serve"]
    wait_until(lambda: not serve.ready(), "serve to notice", WAIT_S)
    for path in ("/ready", "/api/v1/me", "/login", "/"):
        answer = httpx.get(f"{serve.url}{path}")
        assert (answer.status_code, said in answer.text.replace("&#39;", "'")) == (503, True), (path, answer.text)
    assert httpx.get(f"{serve.url}/health").status_code == 200
    with connect(store) as connection:
        assert scalar(connection, "SELECT count(*) FROM fix") == 10

    # They do not start again either, and no other command of this version does anything.
    again = Ingest(tmp_path / "ingest", store, [Http(name="http", transport="http", port=port)])
    for done in (called("counts", DATABASE_URL=store), called("check", DATABASE_URL=store),
                 called("ingest", "--settings", str(again.file), DATABASE_URL=store),
                 called("db", "migrate", DATABASE_URL=store)):  # fmt: skip
        assert done.code == 1
        assert f"the database is at migration {newer.next_migration}, this program knows {before}" in done.err
    # What was not acknowledged is sent again, to the new version.
    with Server([*newer.command, "ingest", "--settings", str(again.file)], again.file.parent, again.ready,
                newer.environment(DATABASE_URL=store)).running_for():  # fmt: skip
        assert post(second) == 200
    with connect(store) as connection:
        assert scalar(connection, "SELECT count(*) FROM fix") == 20


def test_a_store_that_nobody_works_on_is_brought_up_to_date_and_that_is_said(store: str, newer: Program) -> None:
    before = level(store)
    with connect(store, "psql"):  # a stranger is nobody of ours
        done = newer.run("counts", DATABASE_URL=store)
    assert done.code == 0, done
    assert f"hanhtrinh: the schema was brought from migration {before} to {before + 1}" in done.err
    assert level(store) == before + 1
    assert newer.run("counts", DATABASE_URL=store).err == ""
