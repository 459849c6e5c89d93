"""What pages escape is what jinja escapes: of every kind of value, wherever a template writes it, on every page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

import pytest
from babel.support import LazyProxy
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment, StrictUndefined, Undefined, UndefinedError
from jinja2.filters import FILTERS
from markupsafe import Markup, escape

from api.pages import _page, _templates
from api.pages._language import LANGUAGES
from api.pages._templates import Fixed, shown, urlencode
from storage.database import Connection
from tests.api.desk import browser, log_in, page_questions
from tests.api.filled import first_finding

BAD = "<script>&\"'"


class Text(str):
    """A str of another class, which says something else when it is asked."""

    __slots__ = ()

    def __str__(self) -> str:
        return f"{super().__str__()}<told>"


class Safe(str):
    __slots__ = ()

    def __html__(self) -> str:
        return f"<b>{escape(str.__str__(self))}</b>"


class Html:
    def __html__(self) -> str:
        return "<i>&amp;</i>"

    def __str__(self) -> str:
        return BAD


class Kept(Markup):
    __slots__ = ()


class Told:
    """No str, though it says that it is one."""

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return str

    def __str__(self) -> str:
        return BAD


class Code(StrEnum):
    BAD = "<code>"


VALUES: list[Any] = [
    BAD, "", "plain", "đẹp & tốt", "\ud800<", Text(BAD), Safe(BAD), Html(), Markup("<b>&amp;</b>"), Kept("<u>"), Told(),
    Code.BAD, LazyProxy(lambda: BAD), None, True, 0, -1, 1.5, Decimal("1.50"), Fraction(1, 3), date(2026, 3, 9), b"<b>",
    [BAD], {"<": BAD}, (Markup("<"), "<"), {"<"}, object, Undefined(name="x"),
]  # fmt: skip
# Wherever jinja writes, keeps, joins or hands on what it wrote.
TEMPLATES = {
    "base": "{% block head %}<{{ one }}>{% endblock %}{% block body %}{% endblock %}{{ self.head() }}",
    "part": "{{ one }}{{ two }}",
    "macros": "{% macro bold(x, y='<') %}<b>{{ x }}{{ y }}{{ caller(x) if caller else '' }}</b>{% endmacro %}",
    "page": """{% extends "base" %}{% from "macros" import bold %}{% import "macros" as kept %}
{% block body %}{{ super() }}{{ one }}|{{ two }}|{{ one ~ two }}|{{ one|string }}|{{ one|e }}|{{ [one, two]|join("<") }}
{{ one|safe }}|{{ one|string|upper }}|{{ bold(one, two) }}|{{ kept.bold(bold(two)) }}
{{ one if one else two }}|{{ "<" }}
{% call(x) bold(one) %}{{ x }}{{ two }}{% endcall %}{% include "part" %}{{ _("a < b") }}{{ _(one|string) }}
{% set said %}{{ one }}<{% endset %}{{ said }}{{ said|upper }}{% filter upper %}{{ one }}<{{ two }}{% endfilter %}
{% for x in [one, two] %}{{ loop.index }}{{ x }}{% endfor %}{% set both = [one, two] %}{{ both[0] }}{{ both }}
{% autoescape false %}{{ one }}{{ two }}{% endautoescape %}{% autoescape off %}{{ one }}{{ "<" }}{% endautoescape %}
{{ "<%s>"|format(one) }}{{ "<%s>"|safe|format(one) }}{{ {"a": one}|tojson if told else "" }}{{ "a/b c<"|urlencode }}
{% endblock %}""",
}


def say(text: str, **_: object) -> str:
    return f"[{text}]"


def rendered(environment: Environment, **given: Any) -> str:
    environment.globals["off"] = False
    return environment.get_template("page").render(**given)


PLAIN = Environment(loader=DictLoader(TEMPLATES), autoescape=True, extensions=["jinja2.ext.do"])
PLAIN.globals["_"] = say
FIXED = Fixed({"_": say}, loader=DictLoader(TEMPLATES), autoescape=True, extensions=["jinja2.ext.do"])


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_any_value(value: Any) -> None:
    assert shown(value) == str(escape(value))
    assert "".join([shown(value)]) == "".join([escape(value)])


@pytest.mark.parametrize("private", [True, False])
@given(text=st.text())
def test_any_text(private: bool, text: str) -> None:
    """With the name that is private to markupsafe, and without it."""
    assert str((_templates._escape_text if private else escape)(text)) == str(escape(text))
    assert shown(text) == str(escape(text))


def test_what_is_not_defined_is_refused_as_before() -> None:
    for write in (shown, escape):
        with pytest.raises(UndefinedError, match="'x' is undefined"):
            write(StrictUndefined(name="x"))


@pytest.mark.parametrize(
    "one", [one for one in VALUES if type(one) is not Told], ids=lambda value: type(value).__name__
)
def test_any_value_wherever_it_is_written(one: Any) -> None:
    for two in (BAD, Markup("<hr>"), 7):
        wanted = rendered(PLAIN, one=one, two=two)
        assert rendered(FIXED, one=one, two=two) == wanted
    assert "environment.shown(" in FIXED.compile(TEMPLATES["page"], raw=True)


@given(text=st.text(st.characters(exclude_categories=[]) | st.sampled_from("aZ9/ <%+&-_.~")))
def test_addresses(text: str) -> None:
    try:
        wanted = FILTERS["urlencode"](text)
    except UnicodeEncodeError:  # half of a pair
        with pytest.raises(UnicodeEncodeError):
            urlencode(text)
        return
    assert urlencode(text) == wanted


@pytest.mark.parametrize("value", [[("a", "<")], {"a": "b c"}, 7, Markup("<a"), Text("a"), None, "12C12345"])
def test_addresses_of_anything_else(value: Any) -> None:
    wanted = FILTERS["urlencode"](value)
    assert urlencode(value) == wanted
    assert type(urlencode(value)) is type(wanted)


class _Beside:
    """The desk's templates, each written twice: as the desk does, and as jinja does by itself."""

    def __init__(self, made: Fixed, seen: list[str]) -> None:
        self._made, self._seen = made, seen
        self._plain = Environment(loader=made.loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                                  lstrip_blocks=True)  # fmt: skip
        own = {name: told for name, told in made.filters.items() if name not in made.fixed and name not in FILTERS}
        self._plain.filters |= own
        self._plain.globals |= made.globals

    def list_templates(self) -> list[str]:
        return self._made.list_templates()

    def get_template(self, name: str) -> Any:
        def render(given: dict[str, Any]) -> str:
            assert not given.keys() & self._made.fixed.keys(), name
            text = self._made.get_template(name).render(given)
            assert text == self._plain.get_template(name).render(given), name
            self._seen.append(name)
            return text

        return type("_Template", (), {"render": staticmethod(render)})


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the templates that pages are made with, each compared."""
    found: list[str] = []
    real: Callable[[str], Any] = _page._environment
    beside = {language: _Beside(real(language), found) for language in LANGUAGES}
    monkeypatch.setattr(_page, "_environment", beside.__getitem__)
    return found


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_page_is_what_jinja_writes(language: str, seen: list[str], base: str, store: Connection) -> None:
    made = _page._environment(language)
    with browser(base) as client:
        client.cookies.set("hanhtrinh_language", language)
        log_in(client, "inspector")
        for operator in ("OP1", "OP2"):
            for asked in page_questions(operator, first_finding(store, operator)).values():
                for question in asked:
                    assert question.asked(client).status_code in (200, 303), question
        assert client.get("/operators/OP9").status_code == 404
    others = {"base.html", "macros.html", "record_part.html"}  # parts of those
    assert {*made.list_templates()} - others - {"arrived.html"} == {*seen}  # of those who come from a provider
