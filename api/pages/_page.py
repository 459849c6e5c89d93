"""A page: a template in the language of the person, with what every page has around it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.access import NEEDS, OFFICE, Caller
from api.admission import reason_of
from api.drawings import words as drawn_words
from api.evidence.summary import METHOD_NAMES
from api.pages import _terms
from api.pages._assets import asset
from api.pages._formats import filters
from api.pages._language import LANGUAGES, VI, language_of, say_in
from api.pages._refusals import in_vietnamese
from api.pages._templates import Fixed
from api.parts import parts_of
from journey.localtime import date_of
from rules.law import Law

_TEMPLATES = Path(__file__).with_name("templates")


class Entry(NamedTuple):
    """A line of the menu: where it leads, what it is called, the name of its route."""

    path: str
    title: str
    route: str


MENU = (
    Entry("/", "Tổng quan", "overview_page"),
    Entry("/findings", "Phát hiện", "findings_page"),
    Entry("/cases", "Hồ sơ", "cases_page"),
    Entry("/reviews", "Né trạm cân", "reviews_page"),
    Entry("/operators", "Các đơn vị vận tải", "operators_page"),
    Entry("/stations", "Các trạm cân", "stations_page"),
    Entry("/lists", "Danh sách", "lists_page"),
)


@cache
def _environment(language: str) -> Environment:
    say = say_in(language)
    fixed: dict[str, Callable[..., Any]] = {"_": say, "asset": asset, "date_of": date_of, **_terms.in_language(say)}
    made = Fixed(fixed, loader=FileSystemLoader(_TEMPLATES), autoescape=True,
                 undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False)  # fmt: skip
    made.filters |= filters(language)
    made.globals |= {"languages": LANGUAGES, "language": language,
                     "refusal_said": (lambda text: text) if language != VI else in_vietnamese}  # fmt: skip
    return made


def page(request: Request, caller: Caller | None, template: str, status: int = 200, **inside: Any) -> HTMLResponse:
    """A whole page, or the part of one that a template is. caller: None: nobody has logged in."""
    law, language = parts_of(request.app).law, language_of(request)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    around: dict[str, Any] = {
        "caller": caller,
        "csrf": caller.session.csrf if caller is not None and caller.session is not None else "",
        "menu": [] if caller is None else [one for one in MENU if caller.person.role in NEEDS[one.route].roles],
        "path": request.url.path,
        "here": here if request.method == "GET" else "/",
        "office": caller is not None and caller.person.role in OFFICE,
        "reason": reason_of(request),
        "partial": is_partial(request),
        "law": law,
        "figure_name": lambda path: figure_name(law, path, language),
        "code_version": parts_of(request.app).code_version,
        "now": parts_of(request.app).clock(),
    }
    text = _environment(language).get_template(template).render({**around, **inside})
    return HTMLResponse(text, status, {"Cache-Control": "no-store", "Vary": "Cookie, HX-Request"})


def figure_name(law: Law, path: str, language: str) -> str:
    """What a figure of law or method is."""
    name = path.removeprefix("method.")
    if name != path:
        return METHOD_NAMES.get(name, name) if language == VI else name.replace("_", " ").capitalize()
    about = law.about.get(path)
    if about is None:
        return path
    return (about.title_vi if language == VI else about.description) or path


def is_partial(request: Request) -> bool:
    """Whether a script of the page asks for a part of it."""
    return request.headers.get("HX-Request") == "true"


def drawing_words(request: Request) -> drawn_words.Words:
    """The words of drawings in the language of the person."""
    return drawn_words.VI if language_of(request) == VI else drawn_words.EN


def drawing(svg: str) -> Markup:
    """A drawing of api.drawings inside a page: whatever it names is escaped already."""
    return Markup(svg)  # noqa: S704
