"""Elements are the bytes that the plain way gives: every attribute through one table, every text through two passes."""

from __future__ import annotations

import re
from html import escape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.drawings import svg

_UNHOLDABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TEXTS = st.text(
    st.characters() | st.sampled_from("<>&\"'\x00\x0b\x1f\x7f\ud800\udfff\ufffd\ufffe\uffff \t\n#$%()"), max_size=20
)
NUMBERS = (
    st.floats(-1e6, 1e6, allow_nan=False)
    | st.integers(-(2**53), 2**53)
    | st.integers(-100_000, 100_000).map(lambda number: number / 1000)  # with halves
    | st.sampled_from([0.0, -0.0, -0.001, 0.005, -0.005, 40.0, 1e16, float("inf")])
)
VALUES = st.none() | TEXTS | NUMBERS
KEYS = st.sampled_from(["fill", "stroke_width", "class_", "aria_label", "rx", "viewBox", "font_size"])
ATTRIBUTES = st.dictionaries(KEYS, VALUES, max_size=5)


def plain_escaped(text: str) -> str:
    return escape(_UNHOLDABLE.sub("\ufffd", text))


def plain_number(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def plain(name: str, *inside: str, **attributes: Any) -> str:
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="'
        f'{plain_escaped(value) if isinstance(value, str) else plain_number(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{said}>{''.join(inside)}</{name}>" if inside else f"<{name}{said}/>"


@given(text=TEXTS)
def test_texts(text: str) -> None:
    assert svg.escaped(text) == plain_escaped(text)


@pytest.mark.parametrize("first", range(0, 0x110000, 0x10000))
def test_each_sign_alone(first: int) -> None:
    """Whether a text needs anything is told by a class of signs: here it is every sign, not a sample."""
    for sign in map(chr, range(first, first + 0x10000)):
        if svg.escaped(sign) != plain_escaped(sign):
            pytest.fail(repr(sign))


@given(value=NUMBERS)
def test_numbers(value: float) -> None:
    assert svg.number(value) == plain_number(value)


@given(inside=st.lists(TEXTS, max_size=3), attributes=ATTRIBUTES)
def test_elements(inside: list[str], attributes: dict[str, Any]) -> None:
    assert svg.element("g", *inside, **attributes) == plain("g", *inside, **attributes)


@given(places=st.tuples(*[NUMBERS] * 4), attributes=ATTRIBUTES, stroke=st.none() | st.just({}) | TEXTS)
def test_lines_and_rectangles(places: tuple[float, ...], attributes: dict[str, Any], stroke: Any) -> None:
    a, b, c, d = places
    assert svg.rect(a, b, c, d, **attributes) == plain("rect", x=a, y=b, width=c, height=d, **attributes)
    given_stroke = {} if stroke == {} else {"stroke": stroke}
    wanted = plain("line", x1=a, y1=b, x2=c, y2=d, **({"stroke": svg.INK} | attributes | given_stroke))
    assert svg.line(a, b, c, d, **attributes, **given_stroke) == wanted


@given(x=NUMBERS, y=NUMBERS, text=TEXTS, size=NUMBERS, anchor=st.sampled_from(["start", "middle", "end"]) | TEXTS,
       bold=st.booleans(), fill=TEXTS, halo=st.booleans())  # fmt: skip
def test_labels(x: float, y: float, text: str, size: float, anchor: str, bold: bool, fill: str, halo: bool) -> None:
    said = {"x": x, "y": y, "font_size": size, "text_anchor": None if anchor == "start" else anchor,
            "font_weight": "bold" if bold else None}  # fmt: skip
    wanted = plain("text", plain_escaped(text), **said, fill=fill)
    if halo:
        wanted = plain("text", plain_escaped(text), **said, fill=svg.PAPER, stroke=svg.PAPER, stroke_width=4.5,
                       stroke_linejoin="round", aria_hidden="true") + wanted  # fmt: skip
    assert svg.label(x, y, text, size=size, anchor=anchor, bold=bold, fill=fill, halo=halo) == wanted


@given(width=NUMBERS, height=NUMBERS, title=TEXTS)
def test_documents(width: float, height: float, title: str) -> None:
    sheet = plain("rect", x=0, y=0, width=width, height=height, fill=svg.PAPER)
    opening = {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {plain_number(width)} {plain_number(height)}"}
    wanted = plain("svg", plain("title", plain_escaped(title)), sheet, "<g/>", **opening, width=width, height=height,
                   role="img", aria_label=title, font_family=svg.FONT, class_="drawing")  # fmt: skip
    assert svg.document(width, height, title, "<g/>") == wanted + "\n"
