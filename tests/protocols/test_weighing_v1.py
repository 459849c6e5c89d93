"""Our own JSON for weighings."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ingest.protocols._weighings import flat
from ingest.protocols.weighing_v1 import decode
from journey.model import Decoded, Reason, Scale, Weighing
from tests.protocols.frames import SHARED_DATA, real, refusal

FULL: dict[str, Any] = {
    "station": "KT12",
    "lane": 1,
    "time": 1709251200,
    "plate": "12c-123.45",
    "trailer": "12R-003.21",
    "axle_kg": [6000, 9000, 9000],
    "spacing_mm": [3600, 1350],
    "gross_kg": 24000,
    "persons": 1,
    "containers": 0,
    "ticket": "KT12-000123",
}
WEIGHING = Weighing(
    "KT12", 1, 1709251200, "12C12345", "12R00321", (6000, 9000, 9000), (3600, 1350), 24000, 1, 0, "KT12-000123"
)
MAY = ("lane", "trailer", "persons", "containers", "ticket")


def ask(**changed: object) -> bytes:
    return json.dumps(FULL | changed).encode()


def one(**changed: object) -> Weighing:
    (weighing,) = decode(ask(**changed), None).weighings
    return weighing


def test_a_weighing_with_every_field() -> None:
    assert decode(ask(photo="a.jpg"), 5) == Decoded(weighings=[WEIGHING])


def test_what_may_be_absent_or_null() -> None:
    bare = {key: value for key, value in FULL.items() if key not in MAY}
    expected = replace(WEIGHING, lane=None, trailer=None, persons=None, containers=None, ticket=None)
    assert decode(json.dumps(bare).encode(), None).weighings == [expected]
    assert one(**dict.fromkeys(MAY)) == expected


@pytest.mark.parametrize("field", sorted(set(FULL) - set(MAY)))
def test_what_must_be_there_is_named(field: str) -> None:
    record = json.loads(ask())
    del record[field]
    error = refusal(decode, json.dumps(record).encode())
    assert (error.reason, error.detail) == (Reason.MISSING_FIELD, f"{field} is missing or empty")


@pytest.mark.parametrize("value", [None, [None], [6000, None]])
def test_a_null_list_is_not_known(value: object) -> None:
    assert one(axle_kg=value).axle_kg == ()
    assert one(spacing_mm=value).spacing_mm == ()


def test_an_empty_trailer_or_ticket_is_none() -> None:
    assert one(trailer="", ticket=" ").trailer is None
    assert one(trailer=" ", ticket="").ticket is None


def test_whole_numbers_only() -> None:
    weighing = one(gross_kg=24000.0, axle_kg=[6000.0, 9000, 9000.0])
    assert weighing == WEIGHING
    assert all(type(mass) is int for mass in (weighing.gross_kg, *weighing.axle_kg))


def test_spacings_are_kept_whatever_their_number() -> None:
    assert one(spacing_mm=[]).spacing_mm == ()
    assert one(spacing_mm=[1, 2, 3, 4]).spacing_mm == (1, 2, 3, 4)


def test_a_time_in_milliseconds() -> None:
    assert one(time=1709251200999) == WEIGHING


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("gross_kg", 24000.5),
        ("gross_kg", "24000"),
        ("gross_kg", True),
        ("axle_kg", 6000),
        ("axle_kg", [6000, "9000"]),
        ("axle_kg", {"1": 6000}),
        ("spacing_mm", "3600"),
        ("time", "2024-03-01"),
        ("station", 12),
        ("station", "KT\x0012"),
        ("plate", 12),
        ("trailer", 5),
        ("persons", 1.5),
        ("lane", "1"),
        ("ticket", 123),
    ],
)
def test_wrong_types(field: str, value: object) -> None:
    error = refusal(decode, ask(**{field: value}))
    assert error.reason is Reason.WRONG_TYPE
    assert error.detail.startswith(field)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("gross_kg", -1),
        ("gross_kg", 2**31),
        ("gross_kg", 10**40),
        ("axle_kg", [6000, -1]),
        ("spacing_mm", [-1350]),
        ("persons", -1),
        ("containers", -1),
        ("lane", 2**31),
        ("time", -1),
        ("plate", "A" * 65),
        ("trailer", "A" * 65),
        ("station", "A" * 65),
        ("ticket", "A" * 65),
    ],
)
def test_what_is_out_of_range(field: str, value: object) -> None:
    error = refusal(decode, ask(**{field: value}))
    assert error.reason is Reason.OUT_OF_RANGE
    assert error.detail.startswith(field)


def test_the_place_in_a_list_is_named() -> None:
    assert refusal(decode, ask(axle_kg=[6000, 9000, -1])).detail.startswith("axle_kg[2] is -1")


SAID: dict[str, Any] = {
    "instrument": "WIM-2", "certificate": "KD-17", "certificate_until": "2026-12-31", "error_permille": 20,
    "speed_kmh": 42.45, "plate_confidence": 0.9799, "image": "kt12/000123.jpg",
}  # fmt: skip
SCALE = Scale("WIM-2", "KD-17", "2026-12-31", 20, 425, 979, "kt12/000123.jpg")


def test_what_it_was_weighed_with() -> None:
    assert one(**SAID) == replace(WEIGHING, scale=SCALE)
    assert one(**dict.fromkeys(SAID)) == WEIGHING
    assert one(instrument=" ", image="").scale is None
    assert repr(one(**SAID)) == repr(WEIGHING)


@pytest.mark.parametrize("given", [one(), one(**SAID), one(**dict.fromkeys(MAY)), one(speed_kmh=0, axle_kg=None)])
def test_the_flat_form_is_read_back(given: Weighing) -> None:
    record = flat(given)
    assert decode(json.dumps({"axle_kg": [], "spacing_mm": []} | record).encode(), None).weighings == [given]


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("certificate_until", "31/12/2026", Reason.WRONG_TYPE),
        ("certificate_until", 20261231, Reason.WRONG_TYPE),
        ("error_permille", 1000, Reason.OUT_OF_RANGE),
        ("error_permille", 1.5, Reason.WRONG_TYPE),
        ("plate_confidence", 1.01, Reason.OUT_OF_RANGE),
        ("plate_confidence", "0.9", Reason.WRONG_TYPE),
        ("speed_kmh", -1, Reason.OUT_OF_RANGE),
        ("image", "a" * 501, Reason.OUT_OF_RANGE),
        ("instrument", 7, Reason.WRONG_TYPE),
    ],
)
def test_what_it_was_weighed_with_is_read_strictly(field: str, value: object, reason: Reason) -> None:
    error = refusal(decode, ask(**{field: value}))
    assert (error.reason, error.detail.split()[0]) == (reason, field)


def test_arrays_and_lines_keep_the_good() -> None:
    decoded = decode(b"[" + ask() + b"," + ask(gross_kg=-1) + b"]", None)
    assert (decoded.weighings, [bad.where for bad in decoded.bad]) == ([WEIGHING], ["record 2"])
    decoded = decode(ask(gross_kg=None) + b"\n" + ask(), None)
    assert (decoded.weighings, [bad.where for bad in decoded.bad]) == ([WEIGHING], ["line 1"])


def test_every_weighing_of_the_cases_can_be_read() -> None:
    folders = sorted((SHARED_DATA.parent / "cases").glob("*/weighings.ndjson"))
    for path in folders or [SHARED_DATA / "absent"]:
        decoded = decode(real(*path.parts[-3:]) if path.name == "absent" else path.read_bytes(), None)
        assert decoded.weighings
        assert decoded.bad == []
