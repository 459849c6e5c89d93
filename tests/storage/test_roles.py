"""Each role can do its work, and nothing besides: the work is done under it, and what it may not do is tried."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from cli.checking.windows import check
from cli.root import code_version
from journey.casework import Step
from journey.localtime import DAY_S, midnight, name_week
from journey.model import Notice, Reason, Rejection
from storage.access import issue, sender_of
from storage.audit.chain import verify
from storage.audit.log import By
from storage.cases.attachments import attach, content_of
from storage.cases.reading import publishable, steps_of
from storage.cases.shares import case_shares
from storage.cases.steps import take_step
from storage.commit import commit_batch, source_offset
from storage.connections import pause, resume, say_alive
from storage.database import Connection, connect, scalar, transaction
from storage.pages.desk import operator_findings
from storage.people.accounts import change_password
from storage.people.disclosure import name_visible
from storage.people.sessions import log_in, log_out, session_of
from storage.people.signon import Identity, bind, come_back, set_out, sign_on
from storage.people.tokens import issue_token, token_owner
from storage.registry import load_registry, registry_version
from storage.rejections import mark_redriven, take_open
from storage.roles import ROLES, apply_roles
from storage.windows import touch_again
from tests.casefolder import LAW
from tests.cli.command import called
from tests.people.samples import NOW, PASSWORD, person
from tests.storage.samples import NOON, fix, frame, stretch, weighing
from tests.whatif.sample import case, fixes, take_in

pytestmark = pytest.mark.native_server

START = midnight(date(2025, 3, 3))
INGEST, CHECK, API, READER = ROLES
# Relations in which no role has a right, each with why.
NOBODYS: set[str] = set()


@pytest.fixture
def owner(database: str) -> Iterator[Connection]:
    with connect(database) as connection:
        take_in(connection, case(fixes(START, 600, "140") + fixes(START + 660, 5 * 3600)))
        issue(connection, "OP1")
        connection.commit()
        apply_roles(connection)
        yield connection


def as_role(url: str, role: str) -> str:
    return make_conninfo(url, options=f"-c role={role}")


def test_ingest_takes_in_all_that_can_arrive(owner: Connection, database: str) -> None:
    secret = issue(owner, "OP1")
    owner.commit()
    rubbish = Rejection("north", "message", Reason.UNDECODABLE, "rubbish", b"\xff", NOON)
    notice = Notice("driver", "790123456789", {"name": "A"})
    with connect(as_role(database, INGEST)) as connection:
        assert scalar(connection, "SELECT current_user") == INGEST
        connection.commit()
        registry_version(connection)
        load_registry(connection)
        connection.commit()
        sent = {"weighings": [weighing()], "rejections": [rubbish], "notices": [notice], "received": NOON}
        first = commit_batch(
            connection, stretch("s", 0, 1, frame([fix("29B00001"), fix("29B00001", NOON + 9)]), **sent)
        )
        assert (first.inserted, first.weighings, first.notices, first.rejections) == (2, 1, 1, 1)
        copies = [fix("29B00001", speed_dkmh=1), fix("29B00001", speed_dkmh=2), fix("29B00001", NOON + 9, scaled=True)]
        again = commit_batch(connection, stretch("s", 1, 2, frame(copies), **sent))
        assert (again.inserted, again.duplicates, again.weighings) == (0, 3, 0)
        assert source_offset(connection, "s") == 2
        say_alive(connection, "north", 1, begins=True)
        pause(connection, "north", "why")
        resume(connection, "north")
        with transaction(connection):
            assert [one.id for one in take_open(connection, [1])] == [1]
            mark_redriven(connection, {1: "stored"})
        assert sender_of(connection, secret) == "OP1"


def test_an_outage_makes_days_wait_under_ingest(owner: Connection, database: str) -> None:
    with connect(as_role(database, INGEST)) as connection:
        say_alive(connection, "north", 1, begins=True)
        owner.execute("UPDATE connection SET alive_at = alive_at - interval '1 hour'")
        owner.commit()
        say_alive(connection, "north", 1)
        assert scalar(connection, "SELECT count(*) FROM outage") == 1


def test_check_judges_and_exports(owner: Connection, database: str, tmp_path: Path) -> None:
    url = as_role(database, CHECK)
    with connect(url) as connection:
        first = check(connection, LAW, code_version())
        assert first.added > 0
        with transaction(connection):
            touch_again(connection, None)
    commit_batch(owner, stretch("late", 0, 1, frame([fix(time=START + 30, speed_dkmh=10, lon=106.7, lat=15.0)])))
    with connect(url) as connection:
        assert check(connection, LAW, code_version()).withdrawn > 0
    lists = {}
    for name, as_who in (("owner", database), ("check", url)):
        arguments = ("export", "--week", "2025-W10", "--folder", tmp_path / name, "--made-at", "1764000000")
        done = called(*arguments, DATABASE_URL=as_who)
        assert (done.code, done.err) == (0, "")
        lists[name] = {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
    assert lists["owner"] == lists["check"]
    owner.execute("UPDATE finding SET content = 'another' WHERE withdrawn_at IS NULL")
    owner.commit()
    for week in ("2025-W10", "2025-W11"):
        done = called("list", "publish", "--week", week, "--folder", tmp_path, "--unsigned", DATABASE_URL=url)
        assert done.code == 0, done
    assert called("check", "--all", DATABASE_URL=url).code == 0
    done = called("list", "amend", "--week", "2025-W10", "--folder", tmp_path, "--unsigned", DATABASE_URL=url)
    assert (done.code, len(done.out.splitlines())) == (0, 6), done
    finding = str(scalar(owner, "SELECT id FROM finding WHERE withdrawn_at IS NULL LIMIT 1"))
    for command in (
        ("quality", "--month", "2025-03"),
        ("rollup", "--month", "2025-03"),
        ("check", "--week", "2025-W10", "--law-at", "2024-12-31"),
        ("explain", finding),
    ):
        done = called(*command, DATABASE_URL=url)
        assert done.code == 0, done


def test_api_does_what_people_do_at_the_desk(owner: Connection, database: str) -> None:
    check(owner, LAW, code_version())
    owner.commit()
    lan, minh = person(owner, "lan", "inspector"), person(owner, "minh", "supervisor")
    own = person(owner, "own", "operator", "OP1")
    bind(owner, lan, "https://a.example", None, "lan@a.example")
    _, secret = issue_token(owner, lan, ["read"], "report", NOW, 1)
    owner.commit()
    with connect(as_role(database, API)) as connection:
        assert log_in(connection, "lan", "wrong", "198.51.100.1", NOW) is None
        session = log_in(connection, "lan", PASSWORD, "198.51.100.1", NOW)
        assert session is not None
        assert session_of(connection, session.token, NOW + 100) is not None
        assert log_out(connection, session.token)
        assert change_password(connection, lan, PASSWORD, "another long password")
        assert token_owner(connection, secret, NOW) is not None
        begun = set_out(connection, "/", NOW)
        assert come_back(connection, begun.word, NOW) == begun
        assert sign_on(connection, Identity("https://a.example", "7f3c", "lan@a.example"), "198.51.100.1", NOW)
        connection.commit()
        finding = operator_findings(connection, "OP1", 0, 2**33, 1).findings[0]
        for who, step in ((lan, Step.OPEN), (lan, Step.SEND), (own, Step.DISPUTE)):
            take_step(connection, By(who, ""), finding.id, step, "why", NOW)
        kept = attach(connection, By(own, ""), finding.id, "a.pdf", b"%PDF-1.7 %%EOF", NOW)
        take_step(connection, By(minh, ""), finding.id, Step.UPHOLD, "why", NOW)
        assert content_of(connection, finding.id, kept.id, lan) is not None
        assert len(steps_of(connection, finding.id, own)) == 4
        assert finding.driver is not None
        assert name_visible(connection, finding.driver, lan)
        assert case_shares(connection, 0, NOW + 1)[0].upheld == 1
        assert publishable(connection, [finding.id], NOW) == {finding.id}
        assert verify(connection).fault is None
        connection.commit()
    with connect(as_role(database, CHECK)) as connection:
        assert publishable(connection, [finding.id], NOW) == {finding.id}


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (INGEST, "SELECT FROM finding"),
        (INGEST, "INSERT INTO finding (id) VALUES ('x')"),
        (INGEST, "INSERT INTO list (position) VALUES (1)"),
        (INGEST, "DELETE FROM fix"),
        (INGEST, "DELETE FROM rejection"),
        (INGEST, "UPDATE fix SET vehicle_id = 1"),
        (INGEST, "UPDATE vehicle_day SET checked = 0"),
        (INGEST, "UPDATE deployment SET closed_before = 0"),
        (INGEST, "UPDATE rejection SET payload = ''"),
        (INGEST, "UPDATE vehicle_day SET checked = touched"),
        (INGEST, "SELECT mosquitto FROM access_key"),
        (INGEST, "UPDATE registration SET operator = 'OP2'"),
        (INGEST, "CREATE TABLE x (a int)"),
        (CHECK, "UPDATE fix SET speed_dkmh = 0"),
        (CHECK, "INSERT INTO fix (vehicle_id) VALUES (1)"),
        (CHECK, "DELETE FROM finding"),
        (CHECK, "UPDATE finding SET body = '{}'"),
        (CHECK, "UPDATE vehicle SET plate = 'X'"),
        (CHECK, "UPDATE run SET law_version = ''"),
        (CHECK, "UPDATE list SET week = ''"),
        (CHECK, "DELETE FROM list_entry"),
        (CHECK, "SELECT FROM access_key"),
        (CHECK, "SELECT FROM rejection"),
        (CHECK, "SELECT FROM notice"),
        (CHECK, "SELECT FROM person"),
        (CHECK, "SELECT FROM audit"),
        (CHECK, "SELECT operator FROM finding_case"),
        (CHECK, "UPDATE finding_case SET state = 'confirmed'"),
        (API, "UPDATE audit SET reason = ''"),
        (API, "DELETE FROM audit"),
        (API, "TRUNCATE audit"),
        (API, "DELETE FROM case_step"),
        (API, "UPDATE case_step SET note = ''"),
        (API, "DELETE FROM attachment"),
        (API, "UPDATE attachment SET content = ''"),
        (API, "DELETE FROM finding_case"),
        (API, "UPDATE finding_case SET finding = 'x'"),
        (API, "INSERT INTO person (login) VALUES ('x')"),
        (API, "INSERT INTO sign_on (person_id, issuer, subject) VALUES (1, 'x', 'x')"),
        (API, "UPDATE sign_on SET person_id = 1"),
        (API, "DELETE FROM sign_on"),
        (CHECK, "SELECT FROM sign_on"),
        (READER, "SELECT FROM sign_on_begun"),
        (API, "UPDATE person SET role = 'administrator'"),
        (API, "UPDATE person SET disabled_at = NULL"),
        (API, "DELETE FROM person"),
        (API, "INSERT INTO api_token (label) VALUES ('x')"),
        (API, "UPDATE api_token SET scopes = ARRAY['write']"),
        (API, "UPDATE session SET person_id = 1"),
        (API, "UPDATE finding SET body = '{}'"),
        (API, "UPDATE fix SET speed_dkmh = 0"),
        (API, "SELECT FROM access_key"),
        (API, "SELECT payload FROM rejection"),
        (API, "SELECT body FROM notice"),
        (API, "UPDATE registration SET operator = 'OP2'"),
        (API, "CREATE TABLE x (a int)"),
        (INGEST, "SELECT FROM person"),
        (INGEST, "SELECT FROM audit"),
        (INGEST, "SELECT FROM finding_case"),
        (READER, "SELECT sender FROM access_key"),
        (READER, "SELECT name FROM driver"),
        (READER, "SELECT licence FROM driver"),
        (READER, "SELECT body FROM finding"),
        (READER, "SELECT payload FROM rejection"),
        (READER, "SELECT body FROM notice"),
        (READER, "SELECT nextval('touch')"),
        (READER, "UPDATE finding_unnamed SET reason = ''"),
        (READER, "CREATE TABLE x (a int)"),
    ],
)  # fmt: skip
def test_what_is_not_its_work_is_refused(owner: Connection, database: str, role: str, statement: str) -> None:
    with connect(as_role(database, role)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_a_reader_writes_nowhere_and_reads_nothing_of_a_person(owner: Connection, database: str) -> None:
    relations = owner.execute(
        "SELECT oid, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') "
        "AND NOT relispartition"
    ).fetchall()
    for oid, name in relations:
        for right in ("INSERT", "UPDATE", "REFERENCES"):
            assert not scalar(owner, "SELECT has_any_column_privilege(%s, %s::oid, %s)", (READER, oid, right)), name
        for right in ("DELETE", "TRUNCATE", "TRIGGER"):
            assert not scalar(owner, "SELECT has_table_privilege(%s, %s::oid, %s)", (READER, oid, right)), name
    with connect(as_role(database, READER)) as connection:
        readable = []
        for _, name in relations:
            try:
                with transaction(connection):
                    connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(name))).fetchall()
                readable.append(name)
            except psycopg.errors.InsufficientPrivilege:
                pass
        assert sorted({name for _, name in relations} - set(readable)) == [
            "access_key", "api_token", "attachment", "audit", "case_step", "delivery", "driver", "finding",
            "finding_case", "finding_place", "finding_road", "job_run", "list_entry", "list_file", "list_stamp",
            "login_attempt", "month_paper", "notice", "person", "rejection", "road_match", "session",
            "sign_on", "sign_on_begun", "station_review_wait"]  # fmt: skip


def test_check_publishes_delivers_and_rates_by_the_calendar(owner: Connection, database: str, tmp_path: Path) -> None:
    """Upkeep makes partitions, which is the owner's: it is refused, on record, and stops nothing else."""
    week = name_week(int(time.time()) - 12 * DAY_S)
    (tmp_path / "delivery.toml").write_text(
        f'[[recipient]]\nname = "x"\nchannel = "drop"\nsince = 2025-01-01\nfolder = "{tmp_path}"\n', encoding="utf-8"
    )
    (tmp_path / "schedule.toml").write_text(
        f'since = "{week}"\n[publish]\nat = "00:00"\nunsigned = true\nfolder = "{tmp_path}/lists"\n'
        f'[keep]\nat = "00:00"\n[deliver]\nsettings = "{tmp_path}/delivery.toml"\n', encoding="utf-8",
    )  # fmt: skip
    done = called("schedule", "run", "--once", "--settings", tmp_path / "schedule.toml",
                  DATABASE_URL=as_role(database, CHECK))  # fmt: skip
    assert f"publish {week}: list 01/" in done.out
    assert "to x: " in done.out
    assert (tmp_path / f"danh-sach-{week}.manifest.json").is_file()
    assert [(job, outcome) for job, outcome in owner.execute("SELECT job, outcome FROM job_run ORDER BY id")] == [
        ("keep", "failed"), ("publish", "done")]  # fmt: skip
    assert called("risk", DATABASE_URL=as_role(database, CHECK)).code == 0


def test_a_command_beyond_a_role_says_so(owner: Connection, database: str) -> None:
    done = called("access", "issue", "OP1", DATABASE_URL=as_role(database, CHECK))
    assert (done.code, done.out) == (1, "")
    assert done.err == ("hanhtrinh: the database refuses it to this user: permission denied for table access_key; "
                        "run it as the owner, or see `hanhtrinh db roles`\n")  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_each_role_can_ask_how_the_store_stands(owner: Connection, database: str, role: str) -> None:
    for command in ("status", "vacuum-plan", "migrate"):
        done = called("db", command, DATABASE_URL=as_role(database, role))
        assert (done.code, done.err) == (0, "")


def test_no_licence_and_no_name_is_anywhere_a_reader_looks(owner: Connection, database: str) -> None:
    owner.execute("UPDATE driver SET name = 'Nguyễn Văn A'")
    rubbish = Rejection("n", "m", Reason.UNDECODABLE, "790123456789 is no licence", b"790123456789", NOON)
    owner.commit()
    commit_batch(owner, stretch("s", 0, 1, rejections=[rubbish], notices=[Notice("driver", "790123456789", {})]))
    check(owner, LAW, code_version())
    licences = [text for (text,) in owner.execute("SELECT licence FROM driver")]
    assert licences
    with connect(as_role(database, READER)) as connection:
        names = [name for (name,) in connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') "
            "AND has_table_privilege(oid, 'SELECT')")]  # fmt: skip
        every = [connection.execute(sql.SQL("SELECT t FROM {} t").format(sql.Identifier(name))) for name in names]
        seen = "\n".join(str(row) for rows in every for row in rows)
    assert "12C12345" in seen
    for secret in (*licences, "Nguyễn Văn A"):
        assert secret not in seen


def test_every_relation_is_somebodys(owner: Connection) -> None:
    """A new table gets its lines in roles.sql, or stands among NOBODYS."""
    unnamed = owner.execute(
        """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')
           AND NOT relispartition
           AND NOT EXISTS (SELECT FROM unnest(%s::text[]) AS r (name)
                           WHERE has_any_column_privilege(r.name, pg_class.oid, 'SELECT'))""",
        (list(ROLES),),
    ).fetchall()
    assert {name for (name,) in unnamed} == NOBODYS


def test_applied_again_it_takes_away_what_does_not_stand_there(owner: Connection, database: str) -> None:
    owner.execute("GRANT ALL ON finding, access_key TO hanhtrinh_reader")
    owner.execute("GRANT UPDATE (body) ON finding TO hanhtrinh_check")
    owner.execute("GRANT CREATE ON SCHEMA public TO hanhtrinh_reader")
    owner.commit()
    done = called("db", "roles", "--apply", DATABASE_URL=database)
    assert (done.code, done.err) == (0, "")
    for query in (
        "SELECT has_any_column_privilege('hanhtrinh_reader', 'access_key', 'SELECT')",
        "SELECT has_column_privilege('hanhtrinh_check', 'finding', 'body', 'UPDATE')",
        "SELECT has_schema_privilege('hanhtrinh_reader', 'public', 'CREATE')",
    ):
        assert scalar(owner, query) is False
    assert scalar(owner, "SELECT bool_or(rolcanlogin) FROM pg_roles WHERE rolname = ANY(%s)", (list(ROLES),)) is False


def test_printing_changes_nothing_and_needs_no_store() -> None:
    done = called("db", "roles", DATABASE_URL="postgresql://nobody@localhost:1/none")
    assert done.code == 0
    assert "GRANT SELECT ON driver_unnamed, finding_unnamed, rejection_unnamed TO hanhtrinh_reader;" in done.out


def test_a_store_that_lacks_a_migration_tells_a_role_who_can_help(owner: Connection, database: str) -> None:
    owner.execute("DELETE FROM migration WHERE number = (SELECT max(number) FROM migration)")
    owner.commit()
    done = called("check", DATABASE_URL=as_role(database, CHECK))
    assert done.code == 1
    assert "this user may not add it: run `hanhtrinh db migrate` as the owner of its tables" in done.err
    refused = called("db", "roles", "--apply", DATABASE_URL=as_role(database, READER))
    assert refused.code == 1
