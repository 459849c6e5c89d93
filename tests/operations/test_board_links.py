"""Links of the boards, followed: each leads to a page of the desk, or to a board, that has what was pointed at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from dashboards.parts import STORE
from journey.localtime import ZONE
from storage.database import Connection, connect
from tests.api.desk import browser, log_in
from tests.api.filled import NOW
from tests.api.running import running
from tests.operations.filled import SHOWN, fill_boards
from tests.operations.grafana import expanded, panels
from tests.operations.test_dashboards import BOARDS, variables_of
from tests.people.samples import person

pytestmark = pytest.mark.native_server
DAYS_SHOWN = 30  # of findings, by a link
_PLACE = re.compile(r"\$\{(?P<name>[^}]+)\}")
_DATE = re.compile(r"__(from|to):date:YYYY-MM-DD")


@pytest.fixture(scope="module")
def store(module_database: str) -> Iterator[Connection]:
    with connect(module_database) as connection:
        fill_boards(connection)
        person(connection, "thanhtra", "inspector")
        connection.commit()
        yield connection


@pytest.fixture(scope="module")
def desk(store: Connection, module_database: str) -> Iterator[httpx.Client]:
    with running(module_database, clock=lambda: NOW) as base, browser(base) as client:
        log_in(client, "thanhtra")
        yield client


def filled(url: str, base: str, values: dict[str, Any], column: str, row: dict[str, Any]) -> str:
    """A link with everything in it that Grafana puts in. Raises KeyError for what it would leave standing."""

    def value(found: re.Match[str]) -> str:
        name = found["name"]
        if name == "desk":
            return base
        if name == "__url_time_range":
            return f"from={SHOWN.start * 1000}&to={SHOWN.end * 1000}"
        if name == "__value.raw":
            return str(row[column])
        if other := re.fullmatch(r'__data\.fields\["(.+)"\]', name):
            return str(row[other[1]])
        if edge := _DATE.fullmatch(name):
            instant = SHOWN.start if edge[1] == "from" else SHOWN.start + DAYS_SHOWN * 86_400
            return datetime.fromtimestamp(instant, ZONE).date().isoformat()
        one = values[name.removesuffix(":percentencode")]
        assert isinstance(one, str), f"{name}: several values in a link"
        return one

    return _PLACE.sub(value, url)


def links(board: dict[str, Any]) -> list[tuple[dict[str, Any], str, str]]:
    """Panel, column, address of each link of a panel."""
    return [
        (panel, override["matcher"]["options"], link["url"])
        for panel in panels(board, STORE.uid or "")
        for override in panel["fieldConfig"]["overrides"]
        for one in override["properties"]
        if one["id"] == "links"
        for link in one["value"]
    ]


def addresses(store: Connection, name: str, base: str) -> list[tuple[str, str, str]]:
    """Title of the panel, what stands in the cell, and the address, of every link of every row."""
    board, found = BOARDS[name], []
    values = variables_of(store, board, timescale=False)
    for panel, column, url in links(board):
        (target,) = panel["targets"]
        cursor = store.execute(expanded(target["rawSql"], SHOWN, False, values).encode())
        names = [one.name for one in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        assert rows, panel["title"]
        found += [(panel["title"], str(row[column]), filled(url, base, values, column, row))
                  for row in rows if row[column] is not None]  # fmt: skip
    store.rollback()
    return found


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_every_link_to_the_desk_opens_a_page_that_shows_what_was_pressed(
    store: Connection, desk: httpx.Client, name: str
) -> None:
    base = str(desk.base_url).rstrip("/")
    followed = [one for one in addresses(store, name, base) if one[2].startswith(base)]
    assert followed or name in {"fleet", "pipeline", "quality"}, "a board that names vehicles leads to them"
    for title, pressed, address in followed:
        answer = desk.get(address)
        assert answer.status_code == 200, (title, address, answer.status_code)
        path = answer.url.path
        if path.startswith(("/vehicles/", "/operators/", "/lists/")):
            shown = address.removeprefix(base).split("/")[2]
            assert shown in path, (title, pressed)
        else:
            assert f'value="{pressed}" selected' in answer.text, (title, pressed)


def test_every_link_to_a_board_names_one_and_a_variable_that_it_has(store: Connection) -> None:
    there = {board["uid"]: {one["name"] for one in board["templating"]["list"]} for board in BOARDS.values()}
    seen = 0
    for name in BOARDS:
        for title, _, address in addresses(store, name, "http://desk"):
            if address.startswith("http://desk/"):
                continue
            found = re.fullmatch(r"/d/([\w-]+)\?var-(\w+)=([^&]+)&from=\d+&to=\d+", address)
            assert found, (title, address)
            assert found[2] in there[found[1]], title
            operators = store.execute("SELECT id FROM operator WHERE id = %s", (found[3],)).fetchall()
            assert operators, (title, found[3])
            seen += 1
    assert seen


def test_every_board_leads_to_the_desk_and_to_the_other_boards() -> None:
    for board in BOARDS.values():
        kinds = {one["type"]: one for one in board["links"]}
        assert kinds["link"]["url"] == "${desk}"
        assert kinds["dashboards"]["tags"] == ["hanhtrinh"]


def test_what_grafana_would_leave_standing_is_found() -> None:
    with pytest.raises(KeyError):
        filled("${desk}/vehicles/${__valu.raw}", "http://desk", {}, "x", {"x": 1})
