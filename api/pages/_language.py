"""The desk's two languages. What pages say is written in Vietnamese; a catalogue of gettext says it in English."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from fastapi import Request

COOKIE = "hanhtrinh_language"
VI, EN = "vi", "en"
LANGUAGES = {VI: "Tiếng Việt", EN: "English"}
CATALOGUE = Path(__file__).with_name("translations") / "en.po"

type Say = Callable[..., str]


def language_of(request: Request) -> str:
    """Vietnamese, unless this browser was told otherwise."""
    chosen = request.cookies.get(COOKIE, VI)
    return chosen if chosen in LANGUAGES else VI


@cache
def english() -> dict[str, str]:
    """English by the Vietnamese that pages are written in."""
    with CATALOGUE.open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file) if one.id and one.string and not one.context}


@cache
def english_of_one() -> dict[str, str]:
    """The same of texts that English says otherwise where their count is one: 1 finding, 2 findings."""
    with CATALOGUE.open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file) if one.context == "one"}


@cache
def say_in(language: str) -> Say:
    """A function that says a text of the pages in a language, with what stands in it as %(name)s.

    count: of how many things the text tells, which it need not name itself.
    """

    def say(text: str, /, **inside: object) -> str:
        said = english().get(text, text) if language == EN else text
        if language == EN and str(inside.get("count")) == "1":
            said = english_of_one().get(text, said)
        return said % inside if inside else said

    return say
