"""Plates and licences have one written form, whatever was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey import plates

LETTERS = "ABCDEFGHKLMNPSTUVXYZ"
domestic = st.builds(
    "{:02}{}{:0{}}".format,
    st.integers(11, 99),
    st.text(LETTERS, min_size=1, max_size=2),
    st.integers(0, 999),
    st.integers(3, 5),
)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("12C-123.45", "12C12345"),
        (" 12c 123 45 ", "12C12345"),
        ("12C12345", "12C12345"),
        ("29LĐ-006.78", "29LD00678"),
        ("29lđ-006.78", "29LD00678"),
        ("29LÐ-00678", "29LD00678"),  # the Icelandic Eth of some keyboards
        ("51B-1234", "51B1234"),
        ("51B-123", "51B123"),
        ("51R-012.34\r", "51R01234"),
    ],
)
def test_a_domestic_plate_has_one_form(sent: str, kept: str) -> None:
    assert plates.plate(sent) == kept
    assert plates.is_domestic(kept)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (" 粤B·12345 ", "粤B·12345"),
        ("FOREIGN 7", "FOREIGN 7"),
        ("51B-12", "51B-12"),  # two digits are too few
        ("51B-123456", "51B-123456"),
        ("5B-12345", "5B-12345"),
        ("51ABC-12345", "51ABC-12345"),
        ("51-12345", "51-12345"),
        ("\tcab new \n", "cab new"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_a_plate_of_no_known_form_is_kept_as_sent(sent: str, kept: str) -> None:
    assert plates.plate(sent) == kept
    assert not plates.is_domestic(kept)


@given(plate=domestic, seed=st.randoms(use_true_random=False))
def test_dots_dashes_blanks_and_case_do_not_matter(plate: str, seed: object) -> None:
    mixed = "".join(letter.lower() + seed.choice(("", "-", ".", " ", "/")) for letter in plate)  # type: ignore[attr-defined]
    assert plates.plate(f" {mixed}\n") == plate


@given(st.text(max_size=30))
def test_a_kept_plate_is_kept_again(sent: str) -> None:
    kept = plates.plate(sent)
    assert plates.plate(kept) == kept
    assert kept == kept.strip()
    if not plates.is_domestic(kept):
        assert kept == sent.strip()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("790123456789", "790123456789"),
        ("79.0123-456789", "790123456789"),
        (" ab123456 ", "AB123456"),
        ("đ12345", "D12345"),
        ("123456", "123456"),
        ("000001", "000001"),
    ],
)
def test_a_licence_has_one_form(sent: str, kept: str) -> None:
    assert plates.licence(sent) == kept


@pytest.mark.parametrize("sent", [None, "", "  ", "0", "000000000000", "00-00.00-00", "12345", "12-345", "......."])
def test_too_short_or_all_zeros_is_no_driver(sent: str | None) -> None:
    assert plates.licence(sent) is None


@given(st.text(max_size=30))
def test_a_kept_licence_is_kept_again(sent: str) -> None:
    kept = plates.licence(sent)
    assert kept is None or (plates.licence(kept) == kept and len(kept) >= 6)
