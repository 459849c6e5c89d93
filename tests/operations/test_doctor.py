"""`hanhtrinh doctor` and `init`: what is well is said, what is broken is said with what to do, nothing is changed."""

from __future__ import annotations

import os
import re
import socket
import stat
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from cli.doctor.examining import State
from cli.doctor.machine import ending
from cli.init import settings_text
from cli.schedule.settings import read_schedule
from ingest.configuration import read
from journey.localtime import name_week
from journey.settings import Settings
from storage.database import Connection
from storage.roles import apply_roles
from storage.runs import Run, save_run
from storage.upkeep.parts import make_parts, parts
from tests.brokers import certificates as made
from tests.brokers import unique
from tests.brokers.certificates import Certificates
from tests.brokers.kafka import Kafka
from tests.cli.command import Done, called, environment, hanhtrinh, refused


def lines(done: Done) -> dict[str, str]:
    """What was said, by what was looked at."""
    return {line[5:].split(":", 1)[0]: line for line in done.out.splitlines()}


def http(port: int, tls: made.Pair) -> str:
    return f"""
[[connection]]
name = "http"
transport = "http"
host = "127.0.0.1"
port = {port}
[connection.tls]
cert_file = "{tls.certificate}"
key_file = "{tls.key}"
"""


def mqtt(port: int, ca: Path) -> str:
    return f"""
[[connection]]
name = "mqtt"
transport = "mqtt"
host = "127.0.0.1"
port = {port}
topics = ["tracking/{{sender}}/fix"]
[connection.tls]
ca_file = "{ca}"
"""


@pytest.mark.native_server
def test_a_server_that_is_well(connection: Connection, database: str) -> None:
    apply_roles(connection)
    done = called("doctor", DATABASE_URL=database)
    said = lines(done)
    for what in ("Python", "time zone", "database", "clock", "schema", "roles", "check", "law"):
        assert said[what].startswith("ok  "), said
    assert "0 vehicle-days wait" in said["check"]
    assert "none missing" in said["schema"]
    assert done.code == (1 if "BAD" in done.out else 0)


def test_a_database_without_our_tables_is_told_and_left_alone(empty_database: str) -> None:
    done = called("doctor", DATABASE_URL=empty_database)
    assert done.code == 1
    assert lines(done)["schema"].startswith("BAD  schema: missing: 0001_base.sql")
    assert "hanhtrinh db migrate" in lines(done)["schema"]
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("SELECT to_regclass('migration')").fetchone() == (None,)


def test_a_store_of_a_newer_program_is_told(connection: Connection, database: str) -> None:
    connection.execute(
        "INSERT INTO migration (number, name, hash) SELECT max(number) + 1, '9999_next.sql', 'x' FROM migration"
    )
    connection.commit()
    said = lines(called("doctor", DATABASE_URL=database))["schema"]
    assert said.startswith("BAD ")
    assert "different versions" in said


def test_a_server_that_is_away() -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        url = f"postgresql://u:topsecret@127.0.0.1:{one.getsockname()[1]}/x"
        done = called("doctor", DATABASE_URL=url)
    assert done.code == 1
    assert "is the server running" in lines(done)["database"]
    assert "topsecret" not in done.out + done.err


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    done = called("doctor", DATA_FOLDER=str(tmp_path / "data"))
    assert "an empty store will be made" in lines(done)["data folder"]
    assert list(tmp_path.iterdir()) == []


def test_a_disk_folder_and_a_data_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = called("doctor", DATA_FOLDER=str(tmp_path / "file"), DISK_FOLDER=str(tmp_path / "nowhere"))
    assert done.code == 1
    assert "is no folder" in lines(done)["data folder"]
    assert f"BAD  disk: {tmp_path / 'nowhere'} is not there" in done.out


def test_a_backup_that_is_old_and_none_at_all_are_told(tmp_path: Path) -> None:
    def said() -> str:
        return called("doctor", DATA_FOLDER=str(tmp_path / "data"), BACKUP_FOLDER=str(tmp_path)).out

    assert f"BAD  backup: {tmp_path} holds none" in said()
    for name in ("a.dump", "a.dump.json"):
        (tmp_path / name).write_bytes(b"")
    assert f"ok   backup: {tmp_path}: the newest is of " in said()
    os.utime(tmp_path / "a.dump.json", (1_770_000_000, 1_770_000_000))
    assert f"note backup: {tmp_path}: the newest is of 2026-02-02" in said()


def test_brokers_and_certificates_of_the_settings_file(
    tmp_path: Path, certificates: Certificates, tls_server: int
) -> None:
    """One that answers and is trusted, one that a stranger signed for, one that is not there; a port that is taken."""
    with socket.socket() as closed, socket.create_server(("127.0.0.1", 0)) as taken:
        closed.bind(("127.0.0.1", 0))
        file = tmp_path / "ingest.toml"
        parts = (
            mqtt(tls_server, certificates.authority.certificate),
            mqtt(tls_server, certificates.strange.certificate).replace('"mqtt"', '"strange"', 1),
            mqtt(closed.getsockname()[1], certificates.authority.certificate).replace('"mqtt"', '"away"', 1),
            http(taken.getsockname()[1], certificates.server),
        )
        file.write_text("".join(parts), encoding="utf-8")
        assert len(read(file).connections) == 4
        done = called("doctor", "--ingest", file, DATA_FOLDER=str(tmp_path / "data"))
    said = lines(done)
    assert done.code == 1
    assert said["broker of mqtt"].endswith("answers")
    assert "is not to be trusted" in said["broker of strange"]
    assert "is it running" in said["broker of away"]
    assert said["listener of http"].startswith("note")
    assert re.search(rf"BAD  certificate: of 127.0.0.1:{tls_server}: it ends .*runbooks/certificate.md", done.out)
    assert f"certificate: {certificates.server.certificate}: it ends" in done.out


def test_settings_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    done = called("doctor", "--ingest", tmp_path / "none.toml", DATA_FOLDER=str(tmp_path / "data"))
    assert done.code == 1
    assert "cannot be read" in lines(done)["ingest"]


@pytest.mark.parametrize(("days", "state"), [(30, State.GOOD), (20, State.WARNING), (2, State.BAD), (-1, State.BAD)])
def test_a_certificate_is_seen_by_what_is_left_of_it(days: int, state: State) -> None:
    assert ending("x", time.time() + days * 86_400).state is state


def test_init_writes_files_that_work_and_overwrites_none(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    done = called("init", folder)
    assert (done.code, done.err) == (0, "")
    assert sorted(path.name for path in folder.iterdir()) == [".env", "ingest.toml", "schedule.toml"]
    assert stat.S_IMODE(os.stat(folder / ".env").st_mode) == 0o600
    assert read_schedule(folder / "schedule.toml").since == name_week(int(time.time()))
    assert f"cd {folder} && hanhtrinh doctor" in done.out
    (folder / "ingest.toml").unlink()
    (folder / "schedule.toml").unlink()
    (folder / ".env").write_text("mine")
    refused(called("init", folder), "is there already")
    assert [path.read_text() for path in folder.iterdir()] == ["mine"]


def test_what_init_says_to_run_next_can_be_run_as_it_stands(tmp_path: Path) -> None:
    """From a checkout no path leads to the program: it is called by its place."""
    done = hanhtrinh("init", "my settings", cwd=tmp_path)
    (line,) = (line for line in done.out.splitlines() if line.startswith("  cd "))
    plain = {**environment(), "PATH": "/usr/bin:/bin"}
    run = subprocess.run(["sh", "-c", line], cwd=tmp_path, env=plain, capture_output=True, text=True, check=False)
    assert run.returncode == 1  # nothing of the examples is there
    assert "ok   Python" in run.stdout


def test_what_init_wrote_is_examined_and_every_line_that_is_bad_says_what_to_do(tmp_path: Path) -> None:
    """A newcomer's second command, in the folder of the first: all that is wrong at once, each with its name."""
    assert hanhtrinh("init", cwd=tmp_path).code == 0
    done = hanhtrinh("doctor", "--ingest", "ingest.toml", "--schedule", "schedule.toml", cwd=tmp_path)
    assert (done.code, done.err) == (1, "")
    bad = [line for line in done.out.splitlines() if line.startswith("BAD ")]
    for name in ("mqtt", "kafka", "national", "http"):
        assert [line for line in bad if f"connection {name}: " in line], name
    assert [line for line in bad if "delivery.toml: cannot be read" in line]
    assert all(re.search(r"\. [a-z`].{10}", line) for line in bad), bad
    assert sorted(path.name for path in tmp_path.iterdir()) == [".env", "ingest.toml", "schedule.toml"]


def test_every_setting_stands_in_the_file_with_what_holds_without_it(tmp_path: Path) -> None:
    written = dict(re.findall(r"^#HANHTRINH_(\w+)=(.*)$", settings_text(), re.MULTILINE))
    assert sorted(written) == sorted(name.upper() for name in Settings.model_fields)
    file = tmp_path / "all.env"
    file.write_text("".join(f"HANHTRINH_{name}={value}\n" for name, value in written.items() if value))
    assert Settings(_env_file=file) == Settings(_env_file=None)
    assert max(map(len, settings_text().splitlines())) <= 120


def test_secrets_come_as_files(tmp_path: Path, database: str) -> None:
    (tmp_path / "hanhtrinh_database_url").write_text(database + "\n")
    done = called("counts", SECRETS_FOLDER=str(tmp_path), DATA_FOLDER=str(tmp_path / "data"))
    assert (done.code, done.err) == (0, ""), done
    assert not (tmp_path / "data").exists()


def test_programs_that_judged_side_by_side_are_told(connection: Connection, database: str) -> None:
    for number, code in enumerate(("0.1.0+rules.old", "0.1.0+rules.new")):
        save_run(connection, Run(f"run-{number}", int(time.time()) - 60, {}, 0, "law-1", "method", code))
        connection.commit()
        told = lines(called("doctor", DATABASE_URL=database))["runs"]
        assert told.startswith(("ok  ", "note")[number])
    assert "0.1.0+rules.old" in told
    assert "0.1.0+rules.new" in told
    connection.execute("UPDATE run SET made_at = made_at - interval '2 days' WHERE id = 'run-0'")
    connection.commit()
    assert lines(called("doctor", DATABASE_URL=database))["runs"].startswith("ok  ")


@pytest.mark.native_server
def test_partitions_that_are_missing_are_told_until_they_are_made(connection: Connection, database: str) -> None:
    make_parts(connection, 0, 1)
    told = lines(called("doctor", DATABASE_URL=database))
    if not told["partitions"].startswith("note"):
        connection.execute("DROP TABLE " + parts(connection, "fix")[-1].name)  # type: ignore[arg-type]
        connection.commit()
        told = lines(called("doctor", DATABASE_URL=database))
    assert told["partitions"].startswith("note")
    assert "`hanhtrinh db keep` makes them" in told["partitions"]
    assert called("db", "keep", DATABASE_URL=database).code == 0
    assert lines(called("doctor", DATABASE_URL=database))["partitions"].startswith("ok  ")


def test_topics_of_kafka_with_one_partition_or_none_at_all_are_told(kafka: Kafka, tmp_path: Path) -> None:
    base, file = unique("tracking"), tmp_path / "ingest.toml"
    file.write_text(
        f"""[[connection]]
name = "kafka"
transport = "kafka"
servers = ["{kafka.address}"]
topics = ["{base}.{{sender}}"]
""",
        encoding="utf-8",
    )

    def told() -> str:
        return lines(called("doctor", "--ingest", file, DATA_FOLDER=str(tmp_path / "data")))["topics of kafka"]

    assert told().startswith("BAD ")
    kafka.create_topic(f"{base}.OP1", 1)
    assert told().startswith("note")
    assert f"{base}.OP1: 1 partition" in told()
    kafka.create_topic(f"{base}.OP2", 12)
    assert f"{base}.OP2" not in told()
