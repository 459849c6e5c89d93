"""What looks wrong with roads is found, and what does not is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from cli.roads.lint import lint
from journey.registry import Road

DAY = date(2025, 6, 1)
# R1 and R2 meet; M joins the far ends of both to others, so that none is loose.
R1 = Road("R1", "QL1", "undivided", False, 60.0, False, 2, ((106.0, 21.0), (106.01, 21.0)))
R2 = replace(R1, id="R2", line=((106.01, 21.0), (106.02, 21.0)))


def checks(*roads: Road) -> list[tuple[str, str]]:
    return [(one.check, one.road) for one in lint(roads, DAY)]


def test_sound_roads_have_no_remarks() -> None:
    assert checks(R1, R2) == []
    assert (
        checks(replace(R1, valid_to=date(2024, 12, 31)), replace(R1, maxspeed=50.0, valid_from=date(2025, 1, 1))) == []
    )


@pytest.mark.parametrize(
    ("roads", "expected"),
    [
        ((replace(R1, kind=None),), [("kind not known", "R1")]),
        ((replace(R1, maxspeed=63.0),), [("odd sign", "R1")]),
        ((replace(R1, maxspeed=125.0),), [("odd sign", "R1")]),
        ((replace(R1, conditional="maxspeed=walk"),), [("limit not usable", "R1")]),
        ((replace(R1, maxspeed_forward=50.0, maxspeed_backward=40.0),), [("contradiction", "R1")]),
        ((replace(R1, maxspeed_hgv=80.0),), [("contradiction", "R1")]),
        ((replace(R1, kind="expressway", urban=True),), [("contradiction", "R1")]),
        ((replace(R1, kind="divided", lanes=1),), [("contradiction", "R1")]),
        ((replace(R1, valid_to=DAY), replace(R1, valid_from=DAY)), [("duplicate", "R1"), ("overlap in time", "R1")]),
        ((replace(R1, valid_to=date(2024, 1, 1)), replace(R1, valid_from=DAY)), [("gap in time", "R1")]),
        ((R1, replace(R1, id="R3", line=R1.line[::-1])), [("duplicate", "R3")]),
        ((R1, replace(R2, maxspeed=100.0)), [("limit jumps", "R1")]),
        ((R1, replace(R2, maxspeed=100.0, name="other")), []),
        ((R1, replace(R2, line=((106.01015, 21.0), (106.02, 21.0)))), [("gap", "R1")]),
        ((R1, replace(R2, line=((106.0102, 21.0003), (106.02, 21.0)))), []),
        ((replace(R1, oneway=True), replace(R2, line=((106.0, 21.0), (106.0, 21.1)))), [("one-way conflict", "R1")]),
        ((R1, replace(R2, oneway=True, line=R2.line[::-1]), replace(R1, id="R3", line=((106.02, 21.0), (106.0, 21.0)))),
         []),
    ],
)  # fmt: skip
def test_what_looks_wrong_is_named(roads: tuple[Road, ...], expected: list[tuple[str, str]]) -> None:
    assert checks(*roads) == expected


def test_roads_that_all_lead_into_one_place() -> None:
    one, other = replace(R1, oneway=True), replace(R2, oneway=True, line=R2.line[::-1])
    joins = [replace(R1, id="M", name=None, line=((106.0, 21.0), (106.0, 21.1), (106.02, 21.1), (106.02, 21.0)))]
    assert checks(one, other, *joins) == [("one-way conflict", "R1")]
