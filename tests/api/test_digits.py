"""Figures as the desk writes them are those that babel writes."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import nextafter

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from hypothesis import given
from hypothesis import strategies as st

from api.pages._formats import filters

# Halves, and what lies about them: where a float and its text may be rounded apart.
NEAR_HALVES = st.builds(
    lambda whole, places, off, up: nextafter((whole + 0.5 + off) / 10**places, up),
    st.integers(-(10**13), 10**13) | st.integers(-1000, 1000),
    st.integers(0, 5),
    st.sampled_from([0.0, 1e-9, -1e-9, 9.9e-4, -9.9e-4, 1.1e-3, -1.1e-3]),
    st.sampled_from([-1e300, 1e300]),
)
LOCALES = {"vi": "vi_VN", "en": "en_GB"}
VALUES = st.one_of(
    st.integers(-(10**12), 10**12),
    st.floats(-1e9, 1e9, allow_nan=False),
    st.integers(-(10**7), 10**7).map(lambda number: number / 1000),  # with halves
    st.fractions(-1000, 1000, max_denominator=10_000),
    st.sampled_from([-0.0, -0.001, 1e12, 1e12 + 0.5, 2.0**53, 1e22, 0.285, 1.005, 2.675]),
    NEAR_HALVES,
)
LANGUAGE = st.sampled_from(sorted(LOCALES))


@given(language=LANGUAGE, value=VALUES, places=st.integers(0, 3))
def test_numbers_and_shares(language: str, value: float | Fraction, places: int) -> None:
    form = "#,##0" + ("." + "0" * places if places else "")
    locale, written = LOCALES[language], filters(language)
    assert written["number"](value, places) == format_decimal(float(value), form, locale=locale)
    assert written["share"](value, places) == format_percent(float(value), form + "%", locale=locale)


@given(language=LANGUAGE, value=VALUES.filter(lambda one: not isinstance(one, Fraction)))
def test_figures_with_as_many_places_as_they_need(language: str, value: float) -> None:
    assert filters(language)["short"](value) == format_decimal(value, "#,##0.##", locale=LOCALES[language])


@given(language=LANGUAGE, day=st.dates())
def test_days(language: str, day: date) -> None:
    assert filters(language)["day"](day) == format_date(day, "dd/MM/yyyy", locale=LOCALES[language])


@pytest.mark.parametrize("name", ["number", "short", "share", "day"])
def test_what_is_not_known_is_a_dash(name: str) -> None:
    assert filters("vi")[name](None) == "–"
    assert filters("vi")["number"](1234.5, 1) == "1.234,5"
    assert filters("en")["number"](1234.5, 1) == "1,234.5"
