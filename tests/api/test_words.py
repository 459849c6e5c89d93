"""Every text of the desk has its English, and what is no longer said is gone from the catalogue."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.pages import _faults, _page, _terms
from api.pages._formats import filters
from api.pages._language import english, english_of_one, say_in

PAGES = Path(_page.__file__).parent
_SAID = re.compile(r"""\b_\(\s*(?:"([^"]*)"|'([^']*)')""")
# Functions that say a text, and arguments by which one is handed to a template that does.
_SAYING, _HANDED = {"say"}, {"fault"}


def in_templates() -> Iterator[str]:
    for file in (PAGES / "templates").glob("*.html"):
        for one in _SAID.findall(file.read_text(encoding="utf-8")):
            yield one[0] or one[1]


def in_code() -> Iterator[str]:
    for file in PAGES.glob("*.py"):
        if file.name == "_refusals.py":
            continue  # each of its texts stands beside its English
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and not node.value.isascii():
                yield node.value
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) in _SAYING:
                yield from (one.value for one in node.args[:1] if isinstance(one, ast.Constant))


def said() -> set[str]:
    told = {*in_templates(), *in_code(), *_terms.WORDS, *(one.title for one in _page.MENU), *_faults.TITLES.values()}
    return {one for one in told if one.strip() and not one.startswith(("Tiếng", "–"))}


def test_every_text_has_its_english() -> None:
    assert said() - english().keys() == set()


def test_no_english_is_left_over() -> None:
    assert english().keys() - said() == set()


def test_both_languages_have_the_same_gaps_to_fill() -> None:
    gap = re.compile(r"%\((\w+)\)s")
    for vietnamese, translated in english().items():
        assert sorted(gap.findall(vietnamese)) == sorted(gap.findall(translated)), vietnamese


def test_one_is_said_otherwise_than_two() -> None:
    gap = re.compile(r"%\((\w+)\)s")
    for vietnamese, translated in english_of_one().items():
        assert translated != english()[vietnamese]
        assert sorted(gap.findall(vietnamese)) == sorted(gap.findall(translated)), vietnamese
    say, told = say_in("en"), "phát hiện cần xem xét"
    assert [say(told, count=count) for count in (0, 1, 2)] == [
        "findings for review", "finding for review", "findings for review",
    ]  # fmt: skip
    assert [say("%(count)s lý do", count=count) for count in ("1", "12")] == ["1 reason", "12 reasons"]
    assert say_in("vi")("%(count)s lý do", count=1) == "1 lý do"


@pytest.mark.parametrize(
    ("language", "number", "share", "day", "span"),
    [
        ("vi", "12.345,7", "12,5%", "01/03/2026", "4\u00a0giờ 10\u00a0giây"),
        ("en", "12,345.7", "12.5%", "01/03/2026", "4\u00a0h 10\u00a0s"),
    ],
)
def test_figures_are_written_as_people_write_them(language: str, number: str, share: str, day: str, span: str) -> None:
    known = filters(language)
    assert known["number"](12_345.67, 1) == number
    assert known["share"](0.125) == share
    assert known["day"](1_772_323_200) == day
    assert known["duration"](14_410) == span
    assert known["number"](None) == known["moment"](None) == known["share"](None) == "–"
    assert say_in(language)("no such text") == "no such text"
