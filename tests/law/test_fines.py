"""Every fine, point and suspension of the law files equals what was written by hand; none is missing, none is more."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from rules import law as rulebook
from rules.penalties import name
from tests.law.fines import D168, FINES, FROM, NOT_KNOWN, NOT_VERIFIED

LAW = rulebook.load()
MILLION = 1_000_000


def vnd(text: str) -> tuple[int, int]:
    low, high = (Fraction(part) * MILLION for part in text.split("-"))
    assert low.denominator == high.denominator == 1
    return int(low), int(high)


def months(text: str) -> tuple[int, int]:
    if text == "0":
        return 0, 0
    low, high = map(int, text.split("-"))
    return low, high


def by_hand(text: str) -> dict[str, dict[str, Any]]:
    rows = {}
    for line in text.strip().splitlines():
        what, fine, organisation, points, licence, badge, clause = (field.strip() for field in line.split("|"))
        row: dict[str, Any] = {"fine": vnd(fine), "clause": clause}
        row |= {"organisation": vnd(organisation)} if organisation else {}
        row |= {"points": int(points)} if points else {}
        row |= {"suspension": months(licence)} if licence else {}
        row |= {"badge": months(badge)} if badge else {}
        assert what not in rows
        rows[what] = row
    return rows


def dated(path: str, decree: str) -> rulebook.Dated:
    return next(one for one in LAW.dated(path) if one.effective_from == FROM[decree])


@pytest.mark.parametrize("key", FINES, ids=" ".join)
def test_the_figures_are_those_of_the_facts(key: tuple[str, str]) -> None:
    path, decree = key
    value = dated(path, decree)
    assert value.citation == decree
    assert value.verified == (key not in NOT_VERIFIED)
    names = ("fine", "organisation", "points", "suspension", "badge", "clause")
    stated = {name(row): {key: row[key] for key in names if key in row} for row in value.value}
    assert stated == by_hand(FINES[key])
    assert len(stated) == len(value.value)


def test_no_penalty_stands_in_the_files_that_nobody_wrote_by_hand() -> None:
    shaped = {path for path, about in LAW.about.items() if about.shape == "penalties"}
    dates = {(path, one.effective_from): one.value is not None for path in shaped for one in LAW.dated(path)}
    assert {key for key, known in dates.items() if known} == {(path, FROM[decree]) for path, decree in FINES}
    assert {key for key, known in dates.items() if not known} == {(path, FROM[decree]) for path, decree in NOT_KNOWN}


def test_an_organisation_pays_twice_what_a_person_pays() -> None:
    """A property of every figure found so far; a figure that breaks it was read wrongly, or is a new kind of law."""
    for path, decree in FINES:
        for row in dated(path, decree).value:
            if "organisation" in row:
                assert row["organisation"] == tuple(2 * end for end in row["fine"]), (path, decree, name(row))


def test_what_stands_beside_the_table() -> None:
    assert [row.get("points_if_driving") for row in dated("penalties_operator.device", D168).value] == [2]
    missing = LAW.dated("penalties_operator.badge_missing")
    assert [[row.get("only") for row in one.value] for one in missing] == [
        [None, "on an expressway"], [None, "on an expressway"], [None, None],
    ]  # fmt: skip


BANDS = {"penalties_speed.excess": ("speed.bands",), "penalties_overload.road": ("overload.road_bands",),
         "penalties_overload.payload": ("overload.payload_bands", "overload.payload_bands_liquid_tank"),
         "penalties_overload.loading": ("overload.loader_bands", "overload.loader_bands_liquid_tank")}  # fmt: skip


@pytest.mark.parametrize("path", BANDS)
def test_each_band_in_force_has_its_penalty_and_no_other_has(path: str) -> None:
    starts = sorted({one.start for other in (path, *BANDS[path]) for one in LAW.dated(other)})
    for start in (time for time in starts if LAW.at(path, time)):
        penalties = LAW.at(path, start)
        tables = [LAW.at(other, start) for other in BANDS[path]]
        assert penalties is not None
        named = {band["band"] for table in tables if table for band in table.value}
        for subject in {row["subject"] for row in penalties.value}:
            assert {row["band"] for row in penalties.value if row["subject"] == subject and "band" in row} == named
