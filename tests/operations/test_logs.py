"""What the processes log: one JSON object a line where asked for, and nothing secret or of a person in it."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import psycopg
import pytest

from cli.logs import begin_logging, without_rows
from journey.settings import Settings
from storage.database import connect
from storage.registry import save_registry
from tests.brokers.certificates import Certificates
from tests.live.records import REGISTRY, many_each
from tests.operations.system import running, until

LICENCE, PLATE = "790123456789", "12C00001"


@pytest.mark.parametrize("form", ["json", "text"])
def test_real_runs_log_no_secret_and_nobody(
    form: str, database: str, tmp_path: Path, certificates: Certificates
) -> None:
    """At the level debug, with records, rubbish, refused callers, pages of a person and a store that goes away."""
    with connect(database) as connection:
        save_registry(connection, REGISTRY)
    with running(tmp_path, database, certificates, LOG_FORM=form, LOG_LEVEL="debug") as system:
        system.send([*many_each(0, 300, 10), b'{"vehicle": "12C00001", "driver": "790123456789"', b"\xff"])
        until(lambda: "hanhtrinh_check_windows_total 0.0" not in system.metrics("check"), "something is judged")
        for path in (f"/drivers/{LICENCE}/weeks/2025-W41", f"/vehicles/{PLATE}", f"/search?q={LICENCE}", "/nothing"):
            system.api.get(path)
        system.api.get("/me", headers={"Authorization": "Bearer ht_" + "x" * 43})
        with psycopg.connect(database, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                          "WHERE datname = current_database() AND pid <> pg_backend_pid()")  # fmt: skip
        system.send(many_each(300, 400, 10))
        texts = {name: path.read_text() for name, path in system.logs.items()}
        secrets = system.secrets
    for name, text in texts.items():
        assert text, name
        for hidden in (*secrets, "x" * 43, LICENCE, "Trần Thị Lan", PLATE, "12C-000.01"):
            assert hidden not in text, (name, hidden)
        if form == "json":
            lines = [json.loads(line) for line in text.splitlines()]
            assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)


def test_a_fault_is_one_line_without_what_the_database_quotes(
    database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    begin_logging(Settings(log_form="json"))
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO driver (licence) VALUES (%s)", (LICENCE,))
        try:
            connection.execute("INSERT INTO driver (licence) VALUES (%s)", (LICENCE,))
        except psycopg.errors.UniqueViolation:
            logging.getLogger("test").exception("it failed")
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["message"], told["level"]) == ("it failed", "error")
    assert "driver_licence_key" in told["fault"]
    assert LICENCE not in line


def test_data_are_left_out_to_the_end_of_the_fault() -> None:
    text = "duplicate key\nDETAIL:  Key (name)=(Lan\nTrần) already exists.\n\nDuring handling of it"
    said = without_rows(text)
    assert said.startswith("duplicate key\n(data left out)")
    assert said.endswith("\nDuring handling of it")
    assert "Lan" not in said
    assert "Trần" not in said
    assert without_rows("nothing to hide") == "nothing to hide"
