"""The boards: committed as made, read only, and every query of them answered with rows by both kinds of store."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from dashboards.boards import JSON, every_board
from dashboards.parts import METRICS, STORE, rendered
from storage.database import Connection, connect
from storage.migrate import migrate
from storage.roles import apply_roles
from tests.operations.filled import SHOWN, fill_boards
from tests.operations.grafana import Range, expanded, panels
from tests.operations.picture import draw

BOARDS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(JSON.glob("*.json"))}
READER = "hanhtrinh_reader"
TOLD = ["enforcement", "fleet", "operator", "pipeline", "quality"]
ASCII_TITLES = {"Xe"}  # Vietnamese without a mark


def test_the_committed_json_is_what_the_source_makes() -> None:
    made = {path: rendered(board) for path, board in every_board()}
    assert {path: path.read_text(encoding="utf-8") for path in JSON.glob("*.json")} == made, (
        "run `python -m dashboards` and commit what it writes"
    )
    assert sorted(BOARDS) == ["enforcement", "fleet", "operator", "pipeline", "quality", "stations"]


def variables_of(connection: Connection, board: dict[str, Any], timescale: bool) -> dict[str, Any]:
    """The values that Grafana would have at first: of several all, of one the first."""
    values: dict[str, Any] = {}
    for one in board["templating"]["list"]:
        rows = connection.execute(expanded(one["query"], SHOWN, timescale, {}).encode()).fetchall()
        assert rows, (board["title"], one["name"])
        values[one["name"]] = [row[0] for row in rows] if one.get("multi") else rows[0][0]
    return values


def unanswered(connection: Connection, timescale: bool) -> list[str]:
    """Panels over the store whose query fails, or gives no row with something in it."""
    bad = []
    for board in BOARDS.values():
        values = variables_of(connection, board, timescale)
        for panel in panels(board, STORE.uid or ""):
            for target in panel["targets"]:
                sql = expanded(target["rawSql"], SHOWN, timescale, values)
                try:
                    cursor = connection.execute(sql.encode())
                    rows = cursor.fetchall()
                except psycopg.Error as error:
                    connection.rollback()
                    bad.append(f"{board['title']}: {panel['title']}: {error}")
                    continue
                names = [column.name for column in cursor.description or ()]
                if not any(value is not None for row in rows for value in row):
                    bad.append(f"{board['title']}: {panel['title']}: no rows")
                elif (target["format"] == "time_series") != (names[0] == "time"):
                    bad.append(f"{board['title']}: {panel['title']}: columns {names}")
                elif missing := set(overridden(panel)) - set(names):
                    bad.append(f"{board['title']}: {panel['title']}: shown but not asked for: {missing}")
    return bad


def overridden(panel: dict[str, Any]) -> list[str]:
    return [one["matcher"]["options"] for one in panel["fieldConfig"]["overrides"]]


@pytest.mark.native_server
def test_every_query_is_answered_by_postgresql_to_the_reader(connection: Connection, database: str) -> None:
    fill_boards(connection)
    apply_roles(connection)
    with connect(make_conninfo(database, options=f"-c role={READER} -c default_transaction_read_only=on")) as reader:
        assert unanswered(reader, timescale=False) == []


def test_every_query_is_answered_by_timescaledb(timescale_database: str) -> None:
    with connect(timescale_database) as connection:
        migrate(connection)
        fill_boards(connection)
        connection.execute("SET default_transaction_read_only = on")
        assert unanswered(connection, timescale=True) == []


def test_the_desk_is_where_the_database_says(connection: Connection) -> None:
    (sql,) = {one["query"] for board in BOARDS.values() for one in board["templating"]["list"] if one["name"] == "desk"}
    assert connection.execute(sql.encode()).fetchone() == ("http://127.0.0.1:8000",)
    connection.execute("SELECT set_config('hanhtrinh.desk', 'https://desk.example.vn', false)")
    assert connection.execute(sql.encode()).fetchone() == ("https://desk.example.vn",)


def test_names_of_panels_and_boards_are_unlike_and_told_in_vietnamese() -> None:
    for name, board in BOARDS.items():
        titles = [panel["title"] for panel in board["panels"]]
        assert len(set(titles)) == len(titles), name
        assert any(ord(letter) > 127 for letter in board["title"] + "".join(titles))
        assert board["uid"] == f"hanhtrinh-{name}"
        assert board["timezone"] == "Asia/Ho_Chi_Minh"
        assert {panel["datasource"]["uid"] for panel in board["panels"]} <= {STORE.uid, METRICS.uid}
        assert [panel["id"] for panel in board["panels"]] == list(range(1, len(titles) + 1))
        assert [title for title in titles if title.isascii() and title not in ASCII_TITLES] == [], name


@pytest.mark.parametrize("name", TOLD)
def test_every_panel_says_what_it_shows_and_in_which_unit(name: str) -> None:
    for panel in BOARDS[name]["panels"]:
        assert len(panel.get("description", "")) > 10, panel["title"]
        assert not panel["description"].isascii(), panel["title"]
        assert panel["fieldConfig"]["defaults"].get("unit"), panel["title"]


def test_every_board_with_something_to_say_of_the_proof_says_it() -> None:
    titles = [panel["title"] for panel in BOARDS["pipeline"]["panels"]]
    assert len([title for title in titles if title.startswith("Tự kiểm tra")]) == 4


@pytest.mark.parametrize(
    ("sql", "timescale", "says"),
    [
        ("WHERE $__timeFilter(t.at)", False, "WHERE t.at BETWEEN '1970-01-01T00:00:00Z' AND '1970-01-02T00:00:00Z'"),
        ("SELECT $__timeGroup(at, '1h'), 1", False, 'SELECT floor(extract(epoch from at)/3600)*3600 AS "time", 1'),
        ("SELECT $__timeGroup(at, '5m') x", True, "SELECT time_bucket('300.000s',at) x"),
        ("$__timeFrom() $__unixEpochNanoTo()", False, "'1970-01-01T00:00:00Z' 86400000000000"),
        ("IN ($many) = '$one' ${one:percentencode}", False, "IN ('a','b''c') = 'd''e' d''e"),
    ],
)
def test_macros_are_expanded_as_grafana_does(sql: str, timescale: bool, says: str) -> None:
    assert expanded(sql, Range(0, 86_400), timescale, {"many": ["a", "b'c"], "one": "d'e"}) == says


def test_an_unknown_macro_or_variable_is_told() -> None:
    with pytest.raises(ValueError, match="no macro"):
        expanded("$__unixEpochFrom()", Range(0, 1), False, {})
    with pytest.raises(KeyError):
        expanded("'$nobody'", Range(0, 1), False, {})


@pytest.mark.parametrize("name", ["fleet", "enforcement"])
def test_the_picture_of_a_board_shows_every_panel_over_the_store(connection: Connection, name: str) -> None:
    fill_boards(connection)
    drawn = ElementTree.fromstring(draw(connection, BOARDS[name], SHOWN))  # noqa: S314
    texts = {"".join(one.itertext()) for one in drawn.iter("{http://www.w3.org/2000/svg}text")}
    assert {panel["title"] for panel in panels(BOARDS[name], STORE.uid or "")} <= texts
    assert drawn.findall(".//{http://www.w3.org/2000/svg}polyline")
