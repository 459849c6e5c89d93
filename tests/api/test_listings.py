"""Pages, cursors, files: each row once, nothing run as a formula, nothing cut off unsaid."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import openpyxl
import pytest

from api import listings
from api.inputs import Form
from storage.database import Connection, transaction
from tests.api.filled import DATE, every_finding
from tests.api.overloads import overload, placed
from tests.api.test_document import OPERATIONS
from tests.api.walking import V1, questions

Of = Callable[..., httpx.Client]
PERIOD = {"from": DATE.isoformat(), "to": DATE.isoformat()}
LISTED = ("operators", "vehicles", "drivers", "findings", "weighings", "reviews", "lists", "cases")
TABLES: dict[str, dict[str, str]] = {
    **{path: {} for path in LISTED}, "positions": {"window_s": "100000"}, "quality": {"month": "2024-10"}, "law": {}
}  # fmt: skip


def pages(client: httpx.Client, path: str, **query: str) -> list[list[Any]]:
    found, cursor = [], {}
    while True:
        page = client.get(f"{V1}/{path}", params={**query, **cursor}).json()
        found.append(page["items"])
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


@pytest.mark.parametrize("path", LISTED)
def test_pages_together_are_the_whole(path: str, client: Of) -> None:
    whole = client().get(f"{V1}/{path}", params={"limit": "500"}).json()
    assert whole["next"] is None
    for size in (1, 2, 3):
        some = pages(client(), path, limit=str(size))
        assert [len(page) for page in some[:-1]] == [size] * (len(some) - 1)
        assert [one for page in some for one in page] == whole["items"]


def test_findings_by_every_filter(client: Of) -> None:
    def found(**query: Any) -> int:
        some = pages(client(), "findings", limit="7", **{**PERIOD, **query})
        return sum(len(page) for page in some)

    every = every_finding()
    assert found() == len(every) == 28
    assert found(operator="OP1") == 14
    assert found(vehicle="12C-111.11") == 14
    assert found(driver="790222222222") == 13
    assert found(rule="speeding") == 25
    assert found(rule=["overload_gross", "double_login"]) == 3
    assert found(grade="possible") == found(band="=cmd") == 2
    assert found(operator="OP2", vehicle="12C11111") == 0
    assert found(vehicle="99Z99999") == found(driver="790333333333") == found(rule="unknown") == 0
    assert found(**{"from": "2024-10-05", "to": "2024-10-06"}) == 0
    assert found(rule="speeding", grade="certain", band="10-20", operator="OP1", driver="790111111111") == 12


@pytest.mark.parametrize(
    ("path", "query", "where"),
    [
        ("findings", {"driver": "0"}, "driver"),  # as the question calls it, not as a path of drivers does
        ("drivers/12-34", {}, "licence"),
        ("drivers/790111111111/weeks/2026-W54", {}, "path.week"),
        ("drivers/790111111111/weeks/2025-W53", {}, "week"),  # the pattern knows no calendar
        ("lists/1999-W10/0", {}, "path.week"),
        ("quality", {"month": "2024-13"}, "query.month"),
        ("vehicles", {"on": "1999-12-31"}, "query.on"),
        ("vehicles", {"on": "2024-02-30"}, "query.on"),
    ],
)
def test_what_is_no_day_week_or_driver_is_named(client: Of, path: str, query: dict[str, str], where: str) -> None:
    answer = client().get(f"{V1}/{path}", params=query)
    assert (answer.status_code, [one["where"] for one in answer.json()["faults"]]) == (422, [where])


def test_newest_first_is_the_other_way_round(client: Of) -> None:
    old = [one["id"] for page in pages(client(), "findings", limit="5") for one in page]
    new = [one["id"] for page in pages(client(), "findings", limit="5", sort="-at") for one in page]
    assert new == old[::-1]


def test_a_cursor_is_good_for_its_own_question_only(client: Of) -> None:
    cursor = client().get(f"{V1}/findings", params={"limit": "1"}).json()["next"]
    for query in ({"operator": "OP1"}, {"sort": "-at"}, {"to": "2024-10-03"}):
        answer = client().get(f"{V1}/findings", params={"cursor": cursor, **query})
        assert answer.status_code == 422
        assert answer.json()["faults"] == [
            {
                "where": "cursor",
                "what": "cursor: it belongs to another question: ask with the same filters as the page before",
            }
        ]
    for wrong in ("x", "AAAA", "%00", "WyJ4Il0", cursor[:-3], "W10", "e30", "WzEsMiwzXQ"):
        assert client().get(f"{V1}/findings", params={"cursor": wrong}).status_code == 422
    # One that was made up for this very question, far beyond the calendar.
    whole = {path: client().get(f"{V1}/{path}", params={"limit": "1"}).json()["next"] for path in ("findings", "cases")}
    for path, cursor_ in whole.items():
        own = json.loads(urlsafe_b64decode(cursor_ + "=" * (-len(cursor_) % 4)))
        for instant in (1 << 53, (1 << 42) + 1, -1, -(1 << 53)):
            forged = urlsafe_b64encode(json.dumps([own[0], instant, *own[2:]]).encode()).decode()
            assert client().get(f"{V1}/{path}", params={"cursor": forged}).status_code == 422
        forged = urlsafe_b64encode(json.dumps([own[0], 1 << 42, *own[2:]]).encode()).decode()
        assert client().get(f"{V1}/{path}", params={"cursor": forged}).json()["items"] == []
    # Whoever has another's cursor has none of his rights.
    assert client("one").get(f"{V1}/findings", params={"cursor": cursor}).status_code == 422


@pytest.mark.parametrize("path", LISTED)
def test_a_forged_key_is_refused_or_finds_what_comes_after_it(path: str, client: Of) -> None:
    """Whatever stands in the parts of a cursor made up for this very question: no fault of ours, nothing of others."""
    cursor = client().get(f"{V1}/{path}", params={"limit": "1"}).json()["next"]
    if cursor is None:
        assert path in ("lists", "reviews")  # the store has one of these at most
        return
    digest, *key = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    hostile = ("\0", "a\0b", "' OR 1=1 --", "\U0010ffff", "%", "", "x" * 90, 0, 1, 1 << 31, 1 << 42, -1, True, None,
               1.5, [], {}, float("inf"))  # fmt: skip
    for place in range(len(key)):
        for one in hostile:
            forged = [digest, *key]
            forged[place + 1] = one
            text = urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=")
            answer = client().get(f"{V1}/{path}", params={"limit": "1", "cursor": text})
            assert answer.status_code in (200, 422), (place, one, answer.text)
    assert client().get(f"{V1}/{path}", params={"limit": "1", "cursor": cursor}).status_code == 200


@pytest.mark.parametrize("path", TABLES)
def test_a_file_holds_every_row_of_the_listing(path: str, client: Of, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "_PAGE", 3)  # several pages
    query = TABLES[path]
    rows = client().get(f"{V1}/{path}", params={**query, "limit": "500"}).json()["items"]
    answer = client().get(f"{V1}/{path}", params={**query, "format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    book = client().get(f"{V1}/{path}", params={**query, "format": "xlsx"})
    assert 'filename="' in book.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0]
    assert len(table) == len(rows)
    assert sheet.max_row - 1 == len(table) > 0
    assert sheet.max_column == len(table[0])
    assert next(iter(table[0])) in json.dumps(rows[0])


def test_no_cell_is_run_as_a_formula(client: Of) -> None:
    table = client().get(f"{V1}/weighings", params={"format": "csv"}).content.decode("utf-8-sig")
    tickets = [row["ticket"] for row in csv.DictReader(io.StringIO(table))]
    assert sorted(set(tickets)) == ["'=1+1", "12C11111", "29H22222"]
    bands = client().get(f"{V1}/findings", params={"format": "csv", "rule": "overload_gross"}).text
    assert "'=cmd" in bands
    book = client().get(f"{V1}/weighings", params={"format": "xlsx"}).content
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml")
    assert sheet.count(b">=1+1<") == 2
    assert b"<f>" not in sheet


def test_what_does_not_fit_into_a_file_is_refused(client: Of, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "ROWS_MAX", {Form.CSV: 27, Form.XLSX: 28})
    assert client().get(f"{V1}/findings", params={**PERIOD, "format": "xlsx"}).status_code == 200
    answer = client().get(f"{V1}/findings", params={**PERIOD, "format": "csv"})
    assert answer.status_code == 422
    assert "more than 27 rows" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["operators", "findings?limit=3", "law?prefix=speed", "search?q=OP1",
                                  "quality?month=2024-10", "positions?window_s=100000",
                                  f"vehicles/12C11111/tracks/{DATE}"])  # fmt: skip
def test_who_has_it_already_gets_it_no_second_time(path: str, client: Of) -> None:
    first = client().get(f"{V1}/{path}")
    tag = first.headers["ETag"]
    for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client().get(f"{V1}/{path}", headers={"If-None-Match": sent})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert client().get(f"{V1}/{path}", headers={"If-None-Match": '"other"'}).content == first.content
    assert "Authorization" in first.headers["Vary"]
    assert first.headers["Cache-Control"] == "private, no-cache"


def test_a_list_is_given_as_it_was_published(client: Of) -> None:
    (one,) = client().get(f"{V1}/lists").json()["items"]
    path = f"{V1}/lists/{one['week']}/{one['amendment']}"
    whole = client().get(path).json()
    assert (whole["title"], whole["files"], whole["signed"]) == ("01/2024", ["list.bin", "list.csv"], False)
    assert [(entry["change"], entry["finding"]["rule"], entry["before"]) for entry in whole["entries"]] == [
        ("listed", "speeding", None)] * 2  # fmt: skip
    for name, content, kind in (
        ("list.csv", b"a,b", "text/csv; charset=utf-8"),
        ("list.bin", b"c", "application/octet-stream"),
    ):
        answer = client().get(f"{path}/files/{name}")
        assert (answer.content, answer.headers["content-type"]) == (content, kind)
    for wrong in (f"{path}/files/other.csv", f"{V1}/lists/2024-W01/0", f"{path[:-1]}1"):
        assert client().get(wrong).status_code == 404
    assert client("one").get(f"{V1}/lists").status_code == 403


def test_good_answers_have_the_form_that_the_document_states(client: Of) -> None:
    """Answers to the questions that have one: random questions seldom find a vehicle."""
    finding = client().get(f"{V1}/cases", params={"operator": "OP1"}).json()["items"][0]["finding"]
    by_name = {one.definition.raw["operationId"]: one for one in OPERATIONS.values()}
    for name, operation in by_name.items():
        for question in questions("OP1", finding)[name]:
            answer = question.asked(client())
            assert answer.status_code == 200
            operation.validate_response(answer)


# One thing, no rows; and the feed, whose `next` is half of what it says.
NO_TABLE = {"me", "get_operator", "get_vehicle", "get_driver", "get_finding", "get_case", "list_changes"}
OF_BYTES = {"get_document", "get_evidence", "get_list_file"}


@pytest.fixture
def instrument(store: Connection) -> Iterator[None]:
    with transaction(store):
        store.execute("INSERT INTO instrument_span (station, since, watching, state, level) "
                      "VALUES ('KT12', clock_timestamp(), 1, 'learning', 0)")  # fmt: skip
    yield
    with transaction(store):
        store.execute("DELETE FROM instrument_span")


@pytest.fixture
def origin(store: Connection) -> Iterator[None]:
    """OP1's weighing of noon is an overload, and began at a place."""
    with transaction(store):
        overload(store)
        placed(store, 105.5, 21.25)
    yield
    with transaction(store):
        store.execute("DELETE FROM weighing_place")


@pytest.mark.usefixtures("instrument", "origin")
def test_every_result_with_rows_is_there_as_csv_and_as_a_workbook(client: Of) -> None:
    """By the document itself: a route of tomorrow that gives rows and no file fails here."""
    finding = client().get(f"{V1}/cases", params={"operator": "OP1"}).json()["items"][0]["finding"]
    asked = {one.definition.raw["operationId"] for one in OPERATIONS.values() if one.method == "get"}
    for name in asked - NO_TABLE - OF_BYTES:
        for question in questions("OP1", finding)[name]:
            text = question.asked(client(), format="csv")
            assert (text.status_code, text.headers["content-type"]) == (200, "text/csv; charset=utf-8"), name
            table = list(csv.reader(io.StringIO(text.content.decode("utf-8-sig"))))
            book = question.asked(client(), format="xlsx")
            sheet = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0]
            assert (sheet.max_row, sheet.max_column) == (len(table), len(table[0])), name
            assert len(table) > 1 or name == "list_near", question
