"""Search as one types: no person is shown, and what is shown is on record in few entries that cover it."""

from __future__ import annotations

import httpx

from api.typed import COVERED_S, Typed
from storage.audit.log import entries
from storage.database import Connection
from tests.api.desk import browser, log_in
from tests.api.filled import LICENCES, PLATES


def typed(client: httpx.Client, store: Connection, text: str) -> tuple[list[str], list[str | None]]:
    """The answers to a text typed letter by letter, and what was put on record."""
    before = entries(store, 1)[0].number
    shown = [client.get("/search/typed", params={"q": text[:size]}).text for size in range(1, len(text) + 1)]
    written = [one for one in reversed(entries(store, 99)) if one.number > before]
    assert {(one.what, one.detail, one.login) for one in written} <= {("search", "search_typed", "inspector")}
    return shown, [one.subject for one in written]


def test_a_plate_typed_letter_by_letter_is_two_entries(lan: httpx.Client, store: Connection) -> None:
    shown, written = typed(lan, store, "12c-111.11")
    assert written == ["12C", PLATES["OP1"]]  # what was typed, and the one vehicle that it came to
    assert not [part for part in shown[:2] if PLATES["OP1"] in part]
    assert PLATES["OP1"] in shown[-1]
    assert typed(lan, store, "12c-111.11")[1] == []  # covered for a minute
    assert typed(lan, store, "29H")[1] == ["29H", PLATES["OP2"]]


def test_no_person_is_suggested(lan: httpx.Client, store: Connection) -> None:
    shown, written = typed(lan, store, LICENCES["OP1"])
    assert not [part for part in shown if LICENCES["OP1"] in part or "Nguyễn" in part]
    assert "nhấn Enter" in shown[-1]
    assert written == [LICENCES["OP1"][:3]]
    assert LICENCES["OP1"] in lan.get("/search", params={"q": LICENCES["OP1"]}).text
    assert entries(store, 1)[0].subject == LICENCES["OP1"]


def test_another_session_is_not_covered(lan: httpx.Client, base: str, store: Connection) -> None:
    assert typed(lan, store, "12C")[1] == ["12C"]
    with browser(base) as other:
        log_in(other, "inspector")
        assert typed(other, store, "12C")[1] == ["12C"]


def test_what_cannot_be_put_on_record_is_not_shown(lan: httpx.Client, store: Connection) -> None:
    store.execute("ALTER TABLE audit ADD CONSTRAINT full_up CHECK (subject <> 'OP2') NOT VALID")
    try:
        assert lan.get("/search/typed", params={"q": "OP2"}).status_code == 500
    finally:
        store.execute("ALTER TABLE audit DROP CONSTRAINT full_up")
    assert typed(lan, store, "OP2")[1] == ["OP2"]  # it was not counted as written


def test_cover_ends_and_is_bounded() -> None:
    of = Typed()
    assert of.wanting("a", "12c", None, 0) == ["12C"]
    of.written("a", ["12C"], 0)
    assert of.wanting("a", "12C-1", None, COVERED_S - 1) == []
    assert of.wanting("a", "12C-1", "12C1", COVERED_S - 1) == ["12C1"]
    assert of.wanting("a", "12", None, 1) == ["12"]  # shorter: that is more than was on record
    assert of.wanting("a", "12C-1", None, COVERED_S) == of.wanting("b", "12C1", None, 1) == ["12C1"]
    for number in range(12_000):
        of.written(str(number), ["x"], 1)
    for number in range(200):
        of.written("z", [str(number)], 1)
    assert len(of._of) <= 10_000
    assert max(len(one) for one in of._of.values()) <= 50
