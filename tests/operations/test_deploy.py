"""The files of deploy/ run by the real programs: proxy, broker, database users, scheduler."""

from __future__ import annotations

import os
import re
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from storage.access import CONSUMER, issue
from storage.database import Connection, connect, scalar
from storage.registry import save_registry
from storage.roles import apply_roles
from storage.server.programs import client
from tests.brokers.certificates import Certificates
from tests.brokers.process import HOST, Server, accepts, free_port, program
from tests.cli.command import COMMAND, called, environment
from tests.live.records import REGISTRY, many_each
from tests.operations.system import System, running

DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.fixture
def proxied(database: str, certificates: Certificates, tmp_path: Path) -> Iterator[tuple[System, httpx.Client]]:
    """The processes behind Caddy with our Caddyfile but for addresses and files."""
    with connect(database) as connection:
        save_registry(connection, REGISTRY)
    with running(tmp_path, database, certificates, behind_tls_proxy=True) as system:
        secure, plain = free_port(), free_port()
        text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
        text = text.replace("/run/secrets/tls_certificate", str(certificates.server.certificate))
        text = text.replace("/run/secrets/tls_key", str(certificates.server.key))
        text = (
            text.replace("8443", str(secure)).replace(":8080 {", f":{plain} {{").replace("port 8080", f"port {plain}")
        )
        text = text.replace("ingest:8080", f"{HOST}:{system.rig.port}").replace(
            "api:8000", f"{HOST}:{system.ports['api']}"
        )
        (tmp_path / "Caddyfile").write_text(text, encoding="utf-8")
        arguments = [program("caddy"), "run", "--config", str(tmp_path / "Caddyfile"), "--adapter", "caddyfile"]
        homes = {"XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
        caddy = Server(arguments, tmp_path, lambda: accepts(secure) and accepts(plain), homes)
        caddy.start()
        try:
            context = ssl.create_default_context(cafile=certificates.authority.certificate)
            with httpx.Client(base_url=f"https://localhost:{secure}", verify=context) as asked:
                redirected = httpx.get(f"http://localhost:{plain}/api/v1/me")
                assert redirected.status_code == 308
                assert redirected.headers["location"].startswith("https://")
                yield system, asked
        finally:
            caddy.stop()


@pytest.mark.operations
def test_the_proxy_lets_people_and_senders_in_and_keeps_the_rest_inside(proxied: tuple[System, httpx.Client]) -> None:
    system, asked = proxied
    assert asked.get("/api/v1/openapi.json").status_code == 200
    for path in ("/metrics", "/health", "/ready", "//metrics", "/%6detrics", "/METRICS", "/x/../metrics"):
        answer = asked.get(path)
        assert answer.status_code != 200, path
        assert "hanhtrinh_api" not in answer.text
    token, *_ = system.rig.tokens
    (payload,) = many_each(0, 10, 10)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    sent = asked.post("/v1/fixes", content=payload, headers=headers)
    assert sent.json()["accepted"] is True
    assert asked.post("/v1/fixes", content=payload).status_code == 401
    # As much as docs/provider.md allows goes through, and no more.
    (payload,) = many_each(10, 20, 10)
    large = httpx.Timeout(60)
    sent = asked.post("/v1/fixes", content=payload.ljust((16 << 20) - 1), headers=headers, timeout=large)
    assert (sent.status_code, sent.json()["accepted"]) == (200, True)
    assert asked.post("/v1/fixes", content=payload.ljust(17 << 20), headers=headers, timeout=large).status_code == 413


@pytest.mark.brokers
def test_mosquitto_takes_our_settings_and_the_files_that_access_writes(
    database: str, certificates: Certificates, tmp_path: Path
) -> None:
    with connect(database) as connection:
        save_registry(connection, REGISTRY)
        secrets = {name: issue(connection, name) for name in ("OP1", CONSUMER)}
        connection.commit()
    access = tmp_path / "access"
    assert called("access", "mosquitto", access, DATABASE_URL=database).code == 0
    (tmp_path / "data").mkdir()
    plain, secure = free_port(), free_port()
    text = (DEPLOY / "mosquitto" / "mosquitto.conf").read_text(encoding="utf-8")
    for before, after in (("/access/mqtt", str(access)), ("/mosquitto/data", str(tmp_path / "data")),
                          ("1883", str(plain)), ("8883", str(secure)),
                          ("/run/secrets/tls_certificate", str(certificates.server.certificate)),
                          ("/run/secrets/tls_key", str(certificates.server.key))):  # fmt: skip
        text = text.replace(before, after)
    (tmp_path / "mosquitto.conf").write_text(f"user root\n{text}", encoding="utf-8")
    broker = Server([program("mosquitto"), "-c", str(tmp_path / "mosquitto.conf")], tmp_path, lambda: accepts(secure))
    broker.start()
    try:

        def published(topic: str, user: str, password: str) -> int:
            line = [program("mosquitto_pub"), "-h", "localhost", "-p", str(secure), "-q", "1", "-m", "x", "-t", topic,
                    "-u", user, "-P", password, "--cafile", str(certificates.authority.certificate)]  # fmt: skip
            return subprocess.run(line, capture_output=True, timeout=20, check=False).returncode

        assert accepts(plain)
        assert published("tracking/OP1/fix", "OP1", secrets["OP1"]) == 0
        assert published("tracking/OP1/fix", "OP1", "wrong") != 0
    finally:
        broker.stop()


@pytest.mark.native_server
def test_login_users_of_the_store_have_the_rights_of_their_roles_and_no_more(
    connection: Connection, database: str, tmp_path: Path
) -> None:
    server = conninfo_to_dict(database)
    passwords = {"store_ingest_password": "a'b", "store_check_password": 'c"d', "store_api_password": "e$f",
                 "grafana_store_password": "g h"}  # fmt: skip
    for name, password in passwords.items():
        (tmp_path / name).write_text(password)
    psql = client("psql", connection.info.server_version // 10_000)
    environ = {
        **os.environ, "PATH": f"{psql.parent}:{os.environ['PATH']}", "SECRETS_FOLDER": str(tmp_path),
        "POSTGRES_USER": str(server["user"]), "POSTGRES_DB": str(server["dbname"]), "PGHOST": str(server["host"]),
        "HANHTRINH_HOST": "desk.example.vn", **({"PGPORT": str(server["port"])} if "port" in server else {}),
    }  # fmt: skip
    script = (DEPLOY / "store" / "10-users.sh").read_text(encoding="utf-8")
    # Roles belong to the server, not to a database: those of other tests may be there already.
    script = re.sub(r"CREATE ROLE (hanhtrinh_\w+) NOLOGIN;", r"SELECT 1;", script)
    apply_roles(connection)
    for name in ("ingest", "check", "api", "grafana"):
        connection.execute(f'DROP ROLE IF EXISTS "{name}"'.encode())
    connection.commit()
    try:
        done = subprocess.run(["sh", "-c", script], env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        reader = make_conninfo(database, user="grafana", password="g h")  # noqa: S106
        with psycopg.connect(reader) as grafana:
            assert grafana.execute("SELECT count(*) FROM finding_unnamed").fetchone() == (0,)
            assert grafana.execute("SELECT current_setting('hanhtrinh.desk')").fetchone() == (
                "https://desk.example.vn",
            )
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                grafana.execute("SELECT body FROM finding")
        with psycopg.connect(reader) as grafana, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            grafana.execute("CREATE TEMPORARY TABLE x (a int)")
        with connect(make_conninfo(database, user="ingest", password="a'b")) as ingest:  # noqa: S106
            assert scalar(ingest, "SELECT count(*) FROM fix") == 0
    finally:
        connection.rollback()
        for name in ("ingest", "check", "api", "grafana"):
            connection.execute(f'DROP ROLE IF EXISTS "{name}"'.encode())
        connection.commit()


def backed_up(folder: Path, database: str) -> subprocess.CompletedProcess[str]:
    environ = environment(DATABASE_URL=database) | {
        "BACKUP_ONCE": "1", "BACKUP_FOLDER": str(folder), "BACKUP_KEEP": "2",
        "PATH": f"{COMMAND.parent}:{os.environ['PATH']}",
    }  # fmt: skip
    line = ["sh", DEPLOY / "backup.sh"]
    return subprocess.run(line, env=environ, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.native_server
def test_backups_are_kept_as_many_as_are_wanted_and_a_failure_takes_none(database: str, tmp_path: Path) -> None:
    for day in (1, 2):
        for name in (f"hanhtrinh-2025-01-0{day}-010000.dump", f"hanhtrinh-2025-01-0{day}-010000.dump.json"):
            (tmp_path / name).touch()
    failed = backed_up(tmp_path, "postgresql://nobody@127.0.0.1:1/none")
    assert failed.returncode == 1
    assert "backup: failed" in failed.stderr
    assert len(list(tmp_path.glob("*.dump"))) == 2
    done = backed_up(tmp_path, database)
    assert done.returncode == 0, done.stderr
    kept = sorted(path.name for path in tmp_path.glob("*.dump"))
    assert len(kept) == 2
    assert kept[0] == "hanhtrinh-2025-01-02-010000.dump"
    assert not (tmp_path / "hanhtrinh-2025-01-01-010000.dump.json").exists()
