"""Dates that follow a signed decision, against days counted by hand on a calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.procedure import HandBack, Procedure, Step, licence_review, procedure
from tests.casefolder import LAW

SIGNED = date(2026, 4, 3)
CITATION = "Decree 158/2024/ND-CP, Art. 23(11), (12)"
DAYS = st.dates(date(2025, 1, 1), date(2099, 12, 31))


def days(found: Procedure) -> dict[str, str | None]:
    return {step.name: None if step.day is None else step.day.isoformat() for step in found.steps}


def step(found: Procedure | tuple[Step, ...], name: str) -> Step:
    steps = found.steps if isinstance(found, Procedure) else found
    return next(one for one in steps if one.name == name)


def new_badge(handed_back: date, lost: bool = False, earlier: date | None = None, signed: date = SIGNED) -> str:
    found = step(procedure(LAW, signed, earlier, HandBack(handed_back, lost)), "new_badge_from")
    assert found.day is not None
    return found.day.isoformat()


def test_dates_of_a_decision() -> None:
    assert days(procedure(LAW, SIGNED)) == {
        "published_by": "2026-04-05",
        "handed_back_by": "2026-04-13",
        "revoked_until": "2026-05-03",
        "again_until": "2026-10-03",
        "new_badge_in_time": None,
        "new_badge_late": None,
        "new_badge_lost": None,
        "none_until_obeyed": None,
    }
    in_time = step(procedure(LAW, SIGNED), "new_badge_in_time")
    assert in_time.text == (
        "a new badge 30 days after hand-back in time; after hand-back on the last day, 2026-04-13, from 2026-05-13"
    )


def test_every_date_names_its_figure_and_where_it_stands() -> None:
    found = procedure(LAW, SIGNED)
    used = {one.name: (one.law.parameter, one.law.value, one.law.citation) for one in found.steps if one.law}
    assert used == {
        "published_by": ("vehicle_badge.published_within", 2, CITATION),
        "handed_back_by": ("vehicle_badge.handed_back_within", 10, CITATION),
        "revoked_until": ("vehicle_badge.revoked_for", 1, "Decree 158/2024/ND-CP, Art. 23(10)(c), (d)"),
        "again_until": ("vehicle_badge.again_within", 6, CITATION),
        "new_badge_in_time": ("vehicle_badge.new_badge_after", 30, CITATION),
        "new_badge_late": ("vehicle_badge.new_badge_after", 45, CITATION),
        "new_badge_lost": ("vehicle_badge.new_badge_after", 60, CITATION),
        "none_until_obeyed": ("vehicle_badge.none_until_obeyed", "no new badge at all until the decision is obeyed",
                              CITATION),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("handed_back", "lost", "first", "again"),
    [
        (date(2026, 4, 3), False, "2026-05-03", "2026-06-02"),
        (date(2026, 4, 13), False, "2026-05-13", "2026-06-12"),  # the 10th day is in time
        (date(2026, 4, 14), False, "2026-05-29", "2026-07-13"),  # the 11th is late: 45 and 90 days
        (date(2026, 4, 4), True, "2026-06-03", "2026-06-03"),
        (date(2026, 4, 20), True, "2026-06-19", "2026-06-19"),
    ],
)
def test_a_new_badge_by_day_and_manner_of_hand_back(handed_back: date, lost: bool, first: str, again: str) -> None:
    assert new_badge(handed_back, lost) == first
    assert new_badge(handed_back, lost, earlier=date(2026, 1, 5)) == again


@pytest.mark.parametrize(
    ("earlier", "signed", "again"),
    [
        (date(2025, 10, 3), SIGNED, False),  # 6 months to the day: not within
        (date(2025, 10, 4), SIGNED, True),
        (date(2026, 4, 2), SIGNED, True),
        (date(2025, 8, 31), date(2026, 2, 27), True),  # 6 months end on the last day of February
        (date(2025, 8, 31), date(2026, 2, 28), False),
        (date(2024, 12, 31), date(2025, 1, 2), False),  # before the law counted
        (date(2025, 1, 1), date(2025, 1, 2), True),
        (None, SIGNED, False),
    ],
)
def test_the_second_within_six_months(earlier: date | None, signed: date, again: bool) -> None:
    assert procedure(LAW, signed, earlier).again is again


@pytest.mark.parametrize(
    ("signed", "until"),
    [
        (date(2026, 1, 31), "2026-02-28"),
        (date(2028, 1, 31), "2028-02-29"),
        (date(2026, 12, 31), "2027-01-31"),
        (date(2026, 11, 30), "2026-12-30"),
    ],
)
def test_a_month_ends_on_the_same_day_or_the_last(signed: date, until: str) -> None:
    assert days(procedure(LAW, signed))["revoked_until"] == until


@given(DAYS, st.integers(0, 400), st.booleans())
def test_a_day_later_is_never_sooner_and_a_second_time_never_better(signed: date, after: int, lost: bool) -> None:
    handed_back = signed + timedelta(days=after)
    first, second = (
        new_badge(handed_back, lost, None, signed),
        new_badge(handed_back + timedelta(1), lost, None, signed),
    )
    assert first < second
    if signed > date(2025, 1, 1):
        assert new_badge(handed_back, lost, signed - timedelta(1), signed) >= first


def test_where_no_law_states_a_date_there_is_none() -> None:
    found = procedure(LAW, date(2024, 12, 31), date(2024, 12, 1), HandBack(date(2025, 1, 5)))
    assert not found.again
    assert all(one.day is None and one.law is None for one in found.steps)
    assert step(found, "new_badge_from").text == (
        "vehicle_badge.new_badge_after: no law on file states it before 2025-01-01"
    )
    unknown = tuple(replace(one, value=None) for one in LAW.dated("vehicle_badge.handed_back_within"))
    law = replace(LAW, parameters={**LAW.parameters, "vehicle_badge.handed_back_within": unknown})
    found = procedure(law, SIGNED, handed_back=HandBack(SIGNED))
    assert step(found, "handed_back_by").day is None
    assert step(found, "new_badge_from").day is None  # in time or late cannot be told
    assert step(found, "handed_back_by").text.endswith("what is in force from 2025-01-01 is not known")


def test_days_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="the earlier revocation, 2026-04-03, is not before"):
        procedure(LAW, SIGNED, SIGNED)
    with pytest.raises(ValueError, match="handed back on 2026-04-02, before the day of signing"):
        procedure(LAW, SIGNED, handed_back=HandBack(date(2026, 4, 2)))


def test_a_term_in_another_unit_is_refused() -> None:
    path = "vehicle_badge.published_within"
    weeks = tuple(replace(one, unit="week") for one in LAW.dated(path))
    with pytest.raises(ValueError, match="counted in week"):
        procedure(replace(LAW, parameters={**LAW.parameters, path: weeks}), SIGNED)


@pytest.mark.parametrize(
    ("day", "names", "missing"),
    [
        (SIGNED, ["operator_share_min", "tampering", "suspensions_min"], []),
        (date(2024, 7, 1), ["operator_share_min", "tampering", "suspensions_min"], ["suspensions_min"]),
        (date(2023, 1, 1), ["vehicles_2020", "tampering", "suspensions_min"], ["suspensions_min"]),
    ],
)
def test_grounds_of_a_licence_review(day: date, names: list[str], missing: list[str]) -> None:
    found = licence_review(LAW, day)
    assert [one.name for one in found] == [*names, "review_dates"]
    assert [one.name for one in found if one.law is None] == [*missing, "review_dates"]
    assert step(found, "review_dates").text == "the law files state no dates for the review of a licence"
    assert all(one.day is None for one in found)
