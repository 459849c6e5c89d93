"""`hanhtrinh doctor` of the self-proof: its database, who may write there, the last result, who runs it each day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import yaml
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cli.doctor.examining import State
from cli.doctor.proof import OLD_S, result
from ingest.sources.http import Settings as Http
from storage.database import connect
from storage.proofs import FAILED, OUTAGE, PASSED, Proof, add_proof
from storage.proofstore import SUFFIX, make_proof_store, proof_url
from storage.roles import apply_roles
from tests.brokers.process import HOST, free_port
from tests.chaos.process import Ingest
from tests.cli.command import called
from tests.delivery.sample import write as write_delivery
from tests.operations.test_alerts import ALERTS
from tests.operations.test_doctor import lines

pytestmark = pytest.mark.native_server
NOW = 1_800_000_000


@pytest.fixture
def proved(database: str) -> Iterator[str]:
    """URL of a store with a proof's database and with roles."""
    with connect(database) as connection:
        apply_roles(connection)
    make_proof_store(database, rights=True)
    yield database
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name_of(database)} WITH (FORCE)".encode())


def name_of(url: str) -> str:
    return str(conninfo_to_dict(url)["dbname"]) + SUFFIX


def proof(outcome: str, ended_at: int = NOW, detail: str = "as it went") -> Proof:
    return Proof(ended_at - 60, ended_at, outcome, "http", "2026-W10", 10, 10, 0, 1.0, 2.0, "law", "method", "code",
                 detail, [], {})  # fmt: skip


def test_one_that_was_never_set_up_is_told_and_nothing_is_made(database: str) -> None:
    said = lines(called("doctor", DATABASE_URL=database))
    assert said["proof's database"].startswith("note")
    assert "`hanhtrinh prove setup`" in said["proof's database"]
    assert "none was ever run" in said["self-proof"]
    with connect(database) as connection:
        found = connection.execute("SELECT FROM pg_database WHERE datname = %s", (name_of(database),)).fetchall()
    assert found == []


def test_of_a_store_that_lacks_our_tables_it_says_nothing(empty_database: str) -> None:
    assert not {"proof's database", "self-proof"} & lines(called("doctor", DATABASE_URL=empty_database)).keys()


def test_a_database_that_is_well_and_a_proof_that_passed(proved: str) -> None:
    with connect(proved) as connection:
        add_proof(connection, proof(PASSED, detail="planted = found = 37, extra = 0"))
    said = lines(called("doctor", DATABASE_URL=proved))
    assert said["proof's database"].startswith("ok  ")
    assert said["self-proof"].startswith("ok  ")
    assert "planted = found = 37" in said["self-proof"]


def test_rights_and_migrations_that_lack_are_told_and_setup_mends_them(proved: str) -> None:
    """As after an update of the program whose new table nobody gave rights to, and before it was brought up to date."""
    with psycopg.connect(proof_url(proved)) as there:
        there.execute("CREATE TABLE new_table ()")
        there.execute("REVOKE ALL ON fix FROM hanhtrinh_ingest")
    said = lines(called("doctor", DATABASE_URL=proved))["proof's database"]
    assert said.startswith("BAD  proof's database: hanhtrinh_check, hanhtrinh_ingest may not write there")
    assert called("prove", "setup", DATABASE_URL=proved).code == 0
    assert lines(called("doctor", DATABASE_URL=proved))["proof's database"].startswith("ok  ")
    with psycopg.connect(proof_url(proved)) as there:
        there.execute("DELETE FROM migration WHERE number = (SELECT max(number) FROM migration)")
    said = lines(called("doctor", DATABASE_URL=proved))["proof's database"]
    assert said.startswith("BAD ")
    assert "lacks migrations" in said


@pytest.mark.parametrize("role", ["ingest", "check", "api", "reader"])
def test_a_role_of_least_privilege_is_told_what_it_may_see(proved: str, role: str) -> None:
    """Whatever the role may read, doctor ends well; that the proof's database has no place for it is told."""
    with psycopg.connect(proved, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name_of(proved)} CONNECTION LIMIT 0".encode())
        connection.execute(f"CREATE ROLE somebody LOGIN PASSWORD 'x' IN ROLE hanhtrinh_{role}".encode())
    try:
        done = called("doctor", DATABASE_URL=make_conninfo(proved, user="somebody", password="x"))  # noqa: S106
        assert done.err == "", done
        said = lines(done)
        assert said["database"].startswith("ok  ")
        assert said.get("rights", "note").startswith("note")
        if role in {"check", "reader"}:
            assert said["proof's database"].startswith("BAD "), said
            assert done.code == 1
        else:
            assert "may not read what proofs gave" in said["self-proof"]
    finally:
        with psycopg.connect(proved, autocommit=True) as connection:
            connection.execute("DROP ROLE somebody")


@pytest.mark.parametrize(
    ("last", "conclusive", "state", "said"),
    [
        (None, None, State.WARNING, "none was ever run"),
        (proof(OUTAGE), None, State.WARNING, "none has come to its end: as it went"),
        (proof(PASSED), proof(PASSED), State.GOOD, "passed 2027-01-15"),
        (proof(PASSED, NOW - OLD_S - 60), proof(PASSED, NOW - OLD_S - 60), State.WARNING, "36 h ago"),
        (proof(OUTAGE), proof(PASSED, NOW - 3600), State.WARNING, "after it as it went"),
        (proof(OUTAGE), proof(FAILED, NOW - 3600), State.BAD, "failed"),
        (proof(FAILED), proof(FAILED), State.BAD, "failed"),
    ],
)
def test_a_result_is_seen_by_what_it_is_and_how_old(
    last: Proof | None, conclusive: Proof | None, state: State, said: str
) -> None:
    told = result(last, conclusive, NOW)
    assert (told.state, said in told.said) == (state, True), told
    assert bool(told.mend) == (state is not State.GOOD)


def test_the_age_is_that_of_the_alert() -> None:
    (expr,) = (alert["expr"] for alert in ALERTS if alert["alert"] == "SelfProofNotRun")
    assert expr.endswith(f"> {OLD_S}")


def told_of(tmp_path: Path, text: str, *more: str | Path) -> dict[str, str]:
    (tmp_path / "schedule.toml").write_text(f'since = "2026-W10"\n{text}')
    done = called("doctor", "--schedule", tmp_path / "schedule.toml", *more, DATA_FOLDER=str(tmp_path / "data"))
    return lines(done)


def test_a_schedule_without_a_proof_or_past_ingest_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = told_of(tmp_path, f'[publish]\nat = "06:00"\nfolder = "{tmp_path / "file" / "lists"}"')
    assert said["schedule"].endswith("publish, since 2026-W10")
    assert "no table [prove]" in said["proof's run"]
    assert said["folder of lists"].startswith("BAD ")
    said = told_of(tmp_path, f'[prove]\nat = "03:30"\n[publish]\nat = "06:00"\nfolder = "{tmp_path / "lists"}"')
    assert "as recorded files, past the ingest that runs" in said["proof's run"]
    assert said["folder of lists"].startswith("ok  ")
    assert told_of(tmp_path, "since = 1")["schedule"].startswith("BAD ")


def test_a_delivery_that_cannot_be_read_stops_the_schedule_and_is_told(tmp_path: Path) -> None:
    said = told_of(tmp_path, f'[deliver]\nsettings = "{tmp_path / "none.toml"}"')
    assert said["delivery"].startswith("BAD ")
    assert "take out [deliver]" in said["delivery"]
    (tmp_path / "drop").mkdir()
    recipients = write_delivery(tmp_path / "d.toml", {"channel": "drop", "folder": tmp_path / "drop"})
    assert told_of(tmp_path, f'[deliver]\nsettings = "{recipients}"')["delivery"].endswith("1 recipients")


def test_an_address_is_asked_and_held_against_the_settings_of_ingest(proved: str, tmp_path: Path) -> None:
    port, other = free_port(), free_port()
    both = [
        Http(name="proof", transport="http", port=port, proof=True),
        Http(name="real", transport="http", port=other),
    ]
    with Ingest(tmp_path / "ingest", proved, both) as ingest:
        ingest.wait_ready()

        def told(at: int) -> str:
            text = f'[prove]\nat = "03:30"\naddress = "http://{HOST}:{at}"'
            return told_of(tmp_path, text, "--ingest", ingest.file)["proof's run"]

        assert told(port).endswith("which answers")
        assert "that is connection real, which is not the proof's" in told(other)
        assert ingest.stop() == 0
    assert told(port).startswith("BAD ")
    assert "is ingest running" in told(port)
    ingest.file.write_text(ingest.file.read_text().replace("proof = true", ""))
    assert "have no connection with proof = true" in told(port)


def test_deploy_has_the_schedule_that_doctor_wants() -> None:
    """The command that the page of installing prints looks at the very files of the containers."""
    compose = yaml.safe_load((Path(__file__).parents[2] / "docker-compose.yml").read_bytes())
    targets = [volume.split(":")[1] for volume in compose["services"]["scheduler"]["volumes"]]
    page = (Path(__file__).parents[2] / "docs" / "install.md").read_text(encoding="utf-8")
    assert "scheduler doctor --schedule /etc/hanhtrinh/schedule.toml" in page
    assert "/etc/hanhtrinh/schedule.toml" in targets
