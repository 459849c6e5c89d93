"""What the scheduler logs, job by job, well and not: an object a line where asked for, no secret, name or plate."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from cli.proof.fleet import fleet_of
from storage.proofstore import make_proof_store
from tests.brokers.process import free_port, wait_until
from tests.cli.command import COMMAND, environment
from tests.delivery.sample import details
from tests.delivery.sample import write as write_delivery
from tests.delivery.servers import Receiver
from tests.lists.sample import LICENCES, Office, drive, office
from tests.schedule.test_running import settings as write_settings
from tests.schedule.test_running import since, weekly

pytestmark = pytest.mark.native_server
NAME, TOKEN, PASSWORD, LOGIN = "Trần Thị Lan", "tok_0123456789abcdef", "geheim-9876", "store-password-5"
WAIT_S = 120
A, B, _ = LICENCES


@pytest.fixture
def department(database: str, tmp_path: Path) -> Office:
    """With a list, a driver whose name is on file, late data for an amendment, and a URL with a password in it."""
    (tmp_path / "office").mkdir()
    made = office(make_conninfo(database, password=LOGIN), tmp_path / "office")
    made.take_in(drive(A, 1, "100"))
    assert made.publish().code == 0
    made.take_in(drive(B, 2, "100"))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE driver SET name = %s", (NAME,))
    make_proof_store(database)
    return made


def secret(path: Path, value: str) -> Path:
    path.write_text(value)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("form", ["json", "text"])
def test_real_jobs_log_no_secret_and_nobody(department: Office, tmp_path: Path, form: str) -> None:
    """At the level debug: every job, deliveries that fail by every fault, a receiver that quotes, a store that goes."""
    receiver = Receiver()
    receiver.said = f"refused: {NAME}, {LICENCES[A]}, {A}, Bearer {TOKEN}".encode()
    receiver.answers = [422] * 1000
    token, password = secret(tmp_path / "token", TOKEN), secret(tmp_path / "password", PASSWORD)
    with receiver.up():
        recipients = write_delivery(
            tmp_path / "delivery.toml",
            {"channel": "http", "url": f"http://127.0.0.1:{receiver.port}/", "token_file": token},
            {"channel": "http", "name": "away", "url": f"http://127.0.0.1:{free_port()}/", "token_file": token},
            {"channel": "email", "host": "127.0.0.1", "port": free_port(), "tls": "none", "sender": "l@example.vn",
             "to": ["a@example.vn"], "user": "lists", "password_file": password},
            {"channel": "drop", "folder": tmp_path / "unmounted"},
            first_s=0.5,
        )  # fmt: skip
        file = write_settings(
            tmp_path, since(6), publish=weekly(tmp_path), amend=weekly(tmp_path), keep={"at": "00:00"},
            proposals={"at": "00:00", "day": 1, "folder": tmp_path / "proposals"},
            prove={"at": "00:00", "wait_min": 0.01}, deliver={"settings": recipients, "every_s": 0.5},
        )  # fmt: skip
        log = tmp_path / "schedule.log"
        environ = environment(DATABASE_URL=department.url, LIST_KEY=department.settings["LIST_KEY"], LOG_FORM=form,
                              LOG_LEVEL="debug")  # fmt: skip
        line = [COMMAND, "schedule", "run", "--settings", file]
        with log.open("wb") as written:
            process = subprocess.Popen(line, cwd=tmp_path, env=environ, stdout=written, stderr=written)
        try:
            for said in ("publish 20", "amend 20", "proposals 20", "keep 20", "prove 20", "to http: attempt",
                         "to away: attempt", "to email: attempt", "to drop: attempt"):  # fmt: skip
                wait_until(lambda said=said: said in log.read_text(), said, WAIT_S)  # type: ignore[misc]
            wait_until(lambda: _went_away(department.url, log), "the store to be missed", WAIT_S)
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    text = log.read_text()
    key = "".join(Path(department.settings["LIST_KEY"]).read_text().splitlines()[1:-1])
    fleet = fleet_of(int(time.time()))
    hidden = [NAME, TOKEN, PASSWORD, LOGIN, key, *LICENCES, *LICENCES.values(), "12C-000.01", *fleet.plates,
              *fleet.written, *fleet.licences]  # fmt: skip
    assert [one for one in hidden if one in text] == []
    if form == "json":
        lines = [json.loads(line) for line in text.splitlines()]
        assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)
        assert {"info", "warning"} <= {line["level"] for line in lines}
    # What the receiver said is kept, where those may read it who may.
    assert any(NAME in detail for detail in details(department, "failed"))


def _went_away(url: str, log: Path) -> bool:
    """Whether the scheduler has told of a connection that was ended under it; each call ends them again."""
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                      "WHERE datname = current_database() AND pid <> pg_backend_pid()")  # fmt: skip
    time.sleep(0.2)
    return "the schedule waits for the store" in log.read_text()


def test_a_refusal_of_the_database_is_told_without_the_rows_that_it_quotes(department: Office, tmp_path: Path) -> None:
    """A job that fails over a row: the reason is told, the row is not, in either form."""
    with psycopg.connect(department.url, autocommit=True) as connection:
        connection.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                           "RAISE EXCEPTION 'not today' USING ERRCODE = 'insufficient_privilege', "
                           f"DETAIL = 'Failing row contains ({NAME}, {A}).'; END $$".encode())  # fmt: skip
        connection.execute("CREATE TRIGGER refuse BEFORE INSERT ON list FOR EACH ROW EXECUTE FUNCTION refuse()")
    file = write_settings(tmp_path, since(1), publish=weekly(tmp_path))
    for form in ("json", "text"):
        line = [COMMAND, "schedule", "run", "--once", "--settings", file]
        environ = environment(DATABASE_URL=department.url, LIST_KEY=department.settings["LIST_KEY"], LOG_FORM=form)
        done = subprocess.run(line, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 1, done
        assert "not today" in done.stderr
        assert NAME not in done.stderr
        assert A not in done.stderr
