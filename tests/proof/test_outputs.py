"""A proof leaves nothing in the store but its result: whatever is put out says the same after it as before it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from psycopg import sql

from cli.proof.fleet import OPERATOR, PROVINCE, fleet_of
from cli.proof.running import prove
from dashboards.parts import STORE
from journey.settings import Settings
from storage.database import Connection, connect
from storage.proofs import PASSED, Proof
from storage.proofstore import proof_url
from storage.server.programs import client
from tests.api.desk import browser, log_in, page_questions
from tests.api.filled import DATE, MONTH, NOW, WEEK, first_finding, token_of
from tests.api.running import running
from tests.api.walking import V1, questions
from tests.casefolder import LAW
from tests.cli.command import called
from tests.operations.filled import SHOWN, fill_boards
from tests.operations.grafana import expanded, panels
from tests.operations.test_dashboards import BOARDS, variables_of
from tests.people.samples import person

pytestmark = pytest.mark.native_server  # the engine of the TimescaleDB tests holds one database
RESULTS = {"proof", "proof_rule"}
MOVING = {"metrics", "take_step"}  # another answer each time
COMMANDS: list[tuple[str, ...]] = [
    ("counts",), ("quality", "--month", MONTH), ("reconcile",), ("risk",), ("rollup", "--month", MONTH),
    ("connections", "list"), ("rejections", "list"), ("access", "list"), ("cases", "list"), ("list", "show"),
]  # fmt: skip


@pytest.fixture(scope="module")
def store(module_database: str) -> str:
    with connect(module_database) as connection:
        fill_boards(connection)
        person(connection, "thanhtra", "inspector")
        connection.commit()
    return module_database


@pytest.fixture(scope="module")
def app(store: str) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """A client of the API and one of the desk, both an inspector's."""
    with connect(store) as connection:
        secret = token_of(connection, "reads", "inspector", None)
        connection.commit()
    with (
        running(store, clock=lambda: NOW) as base,
        httpx.Client(base_url=base, headers={"Authorization": f"Bearer {secret}"}, timeout=60) as api,
        browser(base) as desk,
    ):
        log_in(desk, "thanhtra")
        yield api, desk


@pytest.fixture(scope="module")
def walked(store: str, app: tuple[httpx.Client, httpx.Client], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Everything that is put out before a proof, the proof, and the same after it."""
    folder = tmp_path_factory.mktemp("walk")
    before, tables = outputs(store, app, folder / "before"), contents(store)
    proof = prove(store, LAW, Settings(), None, judge=True)
    changed = {name for name, rows in contents(store).items() if rows != tables[name]}
    dump = dumped(store, folder / "store.dump")  # now: a look-up of it, which a test below asks, is on record for good
    return before, proof, changed, outputs(store, app, folder / "after"), dump


def dumped(url: str, file: Path) -> str:
    """A backup of the store as SQL, every row of it."""
    done = called("db", "backup", file, DATABASE_URL=url)
    assert done.code == 0, done
    with connect(url) as connection:
        program = client("pg_restore", connection.info.server_version // 10_000)
    return subprocess.run([program, "--file=-", file], capture_output=True, text=True, check=True).stdout


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of the store."""
    with connect(url) as connection:
        names = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition "
            "AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        return {name: sorted(connection.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name))))
                for (name,) in names}  # fmt: skip


def outputs(url: str, app: tuple[httpx.Client, httpx.Client], folder: Path) -> dict[str, str]:
    with connect(url) as connection:
        finding = first_finding(connection, "OP1")
        said = boards(connection)
    api, desk = app
    for route, asked in questions("OP1", finding).items():
        for number, one in enumerate(asked):
            if route not in MOVING:
                said[f"api {route} {number}"] = one.asked(api).text
    for page, pages in page_questions("OP1", finding).items():
        for number, question in enumerate(pages):
            if question.form is None:
                said[f"desk {page} {number}"] = question.asked(desk).text
    for command in COMMANDS:
        done = called(*command, DATABASE_URL=url)
        assert done.code in (0, 1), (command, done)
        said[" ".join(command)] = done.out
    day, made = DATE.isoformat(), ("--made-at", str(NOW))
    folder.mkdir()
    report = ("report", "over-limit", "--operator", "OP1", "--from", day, "--to", day)
    files: list[tuple[str | Path, ...]] = [
        ("export", "--week", WEEK, "--folder", folder),
        ("statistics", "--month", MONTH, "--out", folder / "statistics.csv"),
        ("rollup", "--month", MONTH, "--out", folder / "rollup.csv"),
        (*report, "--out", folder / "report.csv"),
    ]
    for one_file in files:
        done = called(*one_file, *made, DATABASE_URL=url)
        assert done.code == 0, (one_file, done)
    for path in sorted(folder.iterdir()):
        said[path.name] = path.read_bytes().decode("latin-1")
    return said


def boards(connection: Connection) -> dict[str, str]:
    """What every panel over the store shows, but those of the proof itself."""
    said = {}
    for name, board in BOARDS.items():
        values = variables_of(connection, board, timescale=False)
        for panel in panels(board, STORE.uid or ""):
            for target in panel["targets"]:
                if "proof" not in target["rawSql"]:
                    query = expanded(target["rawSql"], SHOWN, False, values)
                    said[f"board {name} {panel['title']}"] = str(connection.execute(query.encode()).fetchall())
    connection.rollback()
    return said


def test_the_proof_passed_and_was_large_enough_to_be_seen(walked: Any, store: str) -> None:
    proof: Proof = walked[1]
    assert (proof.outcome, proof.way, proof.waiting) == (PASSED, "files", 0), proof
    assert proof.all.planted == proof.all.found > 30
    assert {"speeding", "continuous_driving", "daily_driving", "weekly_driving", "double_login", "moving_silence",
            "overload_axle", "overload_gross", "overload_payload"} == set(proof.rules)  # fmt: skip
    with connect(proof_url(store)) as there:
        ((plates,),) = there.execute("SELECT count(*) FROM vehicle WHERE plate LIKE '00%'").fetchall()
    assert plates >= 14


def test_no_row_of_the_store_is_the_proofs_but_its_result(walked: Any) -> None:
    assert walked[2] == RESULTS


def test_every_output_is_what_it_was(walked: Any) -> None:
    before, _, _, after, _ = walked
    assert set(before) == set(after)
    assert len(before) > 100
    assert [name for name in before if before[name] != after[name]] == []


def test_nothing_that_is_put_out_names_the_proof(walked: Any) -> None:
    fleet = fleet_of(NOW)
    names = [OPERATOR, *fleet.plates, *fleet.written, *fleet.licences]
    assert all(plate.startswith(PROVINCE) for plate in fleet.plates)
    assert [(where, name) for where, text in walked[3].items() for name in names if name in text] == []


def test_it_is_not_found_where_one_looks_for_it(walked: Any, app: tuple[httpx.Client, httpx.Client]) -> None:
    fleet = fleet_of(walked[1].began_at)
    api, _ = app
    for asked in (OPERATOR, fleet.plates[0], fleet.licences[0]):
        found = api.get(f"{V1}/search", params={"q": asked})
        nobody = api.get(f"{V1}/search", params={"q": "39Z99998"})
        assert found.status_code == nobody.status_code == 200
        assert {name: rows for name, rows in found.json().items() if isinstance(rows, list)} == {
            name: rows for name, rows in nobody.json().items() if isinstance(rows, list)
        }
    assert api.get(f"{V1}/operators/{OPERATOR}").status_code == 404
    assert api.get(f"{V1}/vehicles/{fleet.plates[0]}").status_code == 404


def test_a_backup_holds_nothing_of_it_but_its_result(walked: Any) -> None:
    """The dump names neither its operator nor any of its vehicles and drivers."""
    text = walked[4]
    fleet = fleet_of(walked[1].began_at)
    names = [OPERATOR, *fleet.plates, *fleet.written, *fleet.licences]
    assert [name for name in names if name in text] == []
    assert walked[1].detail in text
