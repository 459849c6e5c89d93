"""What templates say for ever is said when they are compiled, and is what they would say each time."""

from __future__ import annotations

import re

import pytest
from jinja2 import DictLoader, Environment, nodes
from jinja2.filters import FILTERS as DEFAULT_FILTERS

from api.pages._formats import filters
from api.pages._page import _environment
from api.pages._templates import Fixed

TEXT = """
{% macro line(text) %}{{ _(text) }}{% endmacro %}
<p title="{{ _('a < b') }}">{{ _("a < b") }} {{ line("a < b") }} {{ _("%(n)s of", n=n) }} {{ _(name) }}
{% set kept = _("a < b") %}{{ kept|upper }} {{ line(_("x")) }} {% if _("x") == "[x]" %}yes{% endif %}
{% for one in [_("x"), name] %}{{ _("x")|lower if one else _("a < b") }}{% endfor %}</p>
"""


def say(text: str, **inside: object) -> str:
    return f"[{text}]" % inside if inside else f"[{text}]"


def test_it_is_what_is_said_each_time() -> None:
    plain = Environment(loader=DictLoader({"t": TEXT}), autoescape=True)
    plain.globals["_"] = say
    wanted = plain.get_template("t").render(n=3, name="<i>")
    fixed = Fixed({"_": say}, loader=DictLoader({"t": TEXT}), autoescape=True)
    assert fixed.get_template("t").render(n=3, name="<i>") == wanted
    assert wanted.count("[a &lt; b]") == 3
    assert "[A &lt; B]" in wanted


def test_only_what_is_constant_is_said_beforehand() -> None:
    said: list[str] = []
    made = Fixed({"_": lambda text, **_: said.append(text) or text}, loader=DictLoader({"t": TEXT}))
    template = made.get_template("t")
    assert sorted(set(said)) == ["a < b", "x"]
    before = len(said)
    template.render(n=3, name="n")
    assert set(said[before:]) == {"a < b", "%(n)s of", "n", "x"}  # a macro says what it is handed


_ASKED = re.compile(r"name='_'\) if l_\d+__ is missing else l_\d+__\), '[^']*'\)")
_SAY = re.compile(r"(t_\d+) = environment.filters\['_'\]")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_page_asks_again_for_what_it_always_says(language: str) -> None:
    environment = _environment(language)
    plain = Environment(loader=environment.loader, autoescape=True)
    plain.filters |= environment.filters
    assert environment.loader is not None
    sources = [(name, environment.loader.get_source(environment, name)[0]) for name in environment.list_templates()]
    assert sum(len(_ASKED.findall(plain.compile(text, name, raw=True))) for name, text in sources) > 20
    for name, text in sources:
        made = environment.compile(text, name, raw=True)
        assert not _ASKED.findall(made), name
        for say in _SAY.findall(made):
            assert not re.findall(rf"\b{say}\('[^']*'\)", made), name


@pytest.mark.parametrize("language", ["vi", "en"])
def test_names_of_fixed_functions_mean_nothing_else(language: str) -> None:
    """A call by one of these names is taken for the function: by no filter, macro or variable of the same name."""
    environment = _environment(language)
    assert isinstance(environment, Fixed)
    assert not environment.fixed.keys() & {*DEFAULT_FILTERS, *filters(language)}
    assert environment.loader is not None
    for name in environment.list_templates():
        source = environment.parse(environment.loader.get_source(environment, name)[0])
        given = {one.name for one in source.find_all(nodes.Name) if one.ctx != "load"}
        given |= {one.name for one in source.find_all(nodes.Macro)}
        for one in source.find_all(nodes.FromImport):
            given |= {imported if isinstance(imported, str) else imported[1] for imported in one.names}
        assert not given & environment.fixed.keys(), name
