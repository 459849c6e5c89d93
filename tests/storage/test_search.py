"""Search finds by what people type, and nothing that is not theirs."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest

from journey.localtime import number_of
from journey.registry import Driver, Operator, Registration, Registry
from storage.database import Connection, scalar
from storage.names import vehicle_ids
from storage.pages.search import FOUND_MAX, Found, folded, search, words
from storage.registry import save_registry

TODAY = number_of(date(2024, 10, 4))
REGISTRY = Registry(
    operators=(Operator("OP1", "Công ty TNHH Vận tải Đường Sắt"), Operator("OP10", "Hợp tác xã Ánh Dương"),
               Operator("XE", "X")),
    vehicles=(Registration("12C12345", "OP1", "truck"), Registration("12C12399", "OP10", "truck"),
              Registration("29LD00678", "OP1", "truck", valid_to=date(2024, 10, 3)),
              Registration("29LD00678", "OP10", "truck", valid_from=date(2024, 10, 4))),
    drivers=(Driver("790111111111", "Nguyễn Văn A", "OP1"), Driver("790222222222", "Trần B", "OP10")),
)  # fmt: skip


@pytest.fixture
def store(connection: Connection) -> Connection:
    save_registry(connection, REGISTRY)
    vehicle_ids(connection, ["粤B·12345"])
    return connection


def found(store: Connection, text: str, **more: object) -> tuple[list[str], list[str], list[str]]:
    result: Found = search(store, text, TODAY, 10, **more)  # type: ignore[arg-type]
    return ([one.plate for one in result.vehicles], [one.id for one in result.operators],
            [one.licence for one in result.drivers])  # fmt: skip


@pytest.mark.parametrize(
    ("text", "plates"),
    [
        ("12C-123", ["12C12345", "12C12399"]),
        ("12c 123.45", ["12C12345"]),
        ("123.45", ["12C12345", "粤B·12345"]),
        ("99", ["12C12399"]),
        ("29lđ", ["29LD00678"]),
        ("粤B·1", ["粤B·12345"]),
        ("00678", ["29LD00678"]),
        ("55", []),
        ("%", []),
        ("_", []),
        ("'; DROP TABLE vehicle; --", []),
    ],
)
def test_plates_by_their_beginning_or_their_end(store: Connection, text: str, plates: list[str]) -> None:
    assert found(store, text)[0] == plates


@pytest.mark.parametrize(
    ("text", "operators"),
    [
        ("OP1", ["OP1", "OP10"]),
        ("OP10", ["OP10"]),
        ("duong", ["OP1", "OP10"]),
        ("Đường", ["OP1", "OP10"]),
        ("van tai", ["OP1"]),
        ("tai VAN", ["OP1"]),
        ("anh duo", ["OP10"]),
        (unicodedata.normalize("NFD", "Ánh Dương"), ["OP10"]),
        ("& | ! :* ()", []),
        ("khong co", []),
    ],
)
def test_operators_by_id_or_by_words_with_or_without_marks(store: Connection, text: str, operators: list[str]) -> None:
    assert found(store, text)[1] == operators


def test_drivers_by_the_beginning_of_a_licence(store: Connection) -> None:
    assert found(store, "790")[2] == ["790111111111", "790222222222"]
    assert found(store, "79.0111")[2] == ["790111111111"]
    assert found(store, "79")[2] == []  # says nothing about whom is meant


def test_an_operator_finds_its_own(store: Connection) -> None:
    assert found(store, "12C", operator="OP1") == (["12C12345"], [], [])
    assert found(store, "OP1", operator="OP1")[1] == ["OP1"]
    assert found(store, "duong", operator="OP10")[1] == ["OP10"]
    assert found(store, "790", operator="OP10")[2] == ["790222222222"]
    assert found(store, "29LD", operator="OP1")[0] == []  # sold the day before
    assert found(store, "29LD", operator="OP10")[0] == ["29LD00678"]
    earlier = search(store, "29LD", TODAY - 1, 10, "OP1").vehicles
    assert [(one.plate, one.operator) for one in earlier] == [("29LD00678", "OP1")]


def test_no_more_than_was_asked_for(store: Connection) -> None:
    vehicle_ids(store, [f"50H{number:05d}" for number in range(200)])
    assert len(search(store, "50H", TODAY, 7).vehicles) == 7
    with pytest.raises(ValueError, match="can be asked for"):
        search(store, "50H", TODAY, FOUND_MAX + 1)


def test_the_store_folds_every_vietnamese_letter_as_the_program_does(connection: Connection) -> None:
    tones = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    small = "đ" + "".join(unicodedata.normalize("NFC", letter + tone) for letter in "aăâeêioôơuưy" for tone in tones)
    assert len(small) == 73
    for text in (small, small.upper(), unicodedata.normalize("NFD", small), "Công ty TNHH 1 thành viên (Quỳnh)"):
        assert scalar(connection, "SELECT folded(%s)", (text,)) == folded(text)
        assert folded(text).isascii()


def test_words_are_a_query_whatever_is_typed() -> None:
    assert words("Vận-tải & 'x' | !y:*") == "van:* & tai:* & x:* & y:*"
    assert words("'&|!") == ""
