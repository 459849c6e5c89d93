"""Templates as they are compiled for one language: what does not change from page to page is said once.

A page writes some five hundred values, and what jinja does about each was most of what a page cost. Some of that is
done here in a cheaper way, with the same outcome: tests hold every page equal to what jinja writes by itself.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

import markupsafe
from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.filters import do_urlencode
from markupsafe import Markup, escape

# What `escape` calls for a plain str, before it wraps its answer as Markup. The name is private to markupsafe: without
# it `escape` itself is called.
_escape_text: Callable[[str], str] = getattr(markupsafe, "_escape_inner", escape)


def shown(value: Any) -> str:
    """A value as it stands in a page: the text of `escape(value)`, not wrapped as Markup where nobody asks for that."""
    kind = type(value)  # and not isinstance: a str of another class may have an __html__ of its own
    if kind is str:
        return _escape_text(value)
    return value if kind is Markup else escape(value)


def urlencode(value: Any) -> str:
    """As jinja's: letters and digits, as in a number plate, stand in an address as they are."""
    if type(value) is str and value.isascii() and value.isalnum():
        return value
    return do_urlencode(value)


class _Writer(CodeGenerator):
    """What a template writes out is only ever joined: where several pieces become one Markup, jinja wraps the whole."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.shown(")
        else:
            super()._output_child_pre(node, frame, finalize)


class Fixed(Environment):
    """fixed: functions whose answer to a constant never changes, by the names under which templates call them.

    These names are never given to anything else: a call by one of them is taken for the function.
    """

    code_generator_class = _Writer
    shown = staticmethod(shown)

    def __init__(self, fixed: dict[str, Callable[..., Any]], **given: Any) -> None:
        super().__init__(**given)
        self.fixed = fixed
        self.globals |= fixed
        self.filters |= fixed | {"urlencode": urlencode}

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """What a template finds without being given it, as it is when the template is first asked for.

        Jinja's chain of both is copied entry by entry for each page.
        """
        return {**self.globals, **(d or {})}

    def _generate(self, source: nodes.Template, *given: Any, **more: Any) -> str:
        """Called with a template that is read and not yet compiled."""
        for parent in [source, *source.find_all(nodes.Node)]:
            for name, value in parent.iter_fields():
                if isinstance(value, list):
                    setattr(parent, name, [self._filtered(one) for one in value])
                else:
                    setattr(parent, name, self._filtered(value))
        return super()._generate(source, *given, **more)

    def _filtered(self, value: Any) -> Any:
        """A call of a fixed function as a filter: these jinja calls directly, and when it compiles if it can."""
        if not isinstance(value, nodes.Call) or not value.args or value.dyn_args or value.dyn_kwargs:
            return value
        if not isinstance(value.node, nodes.Name) or value.node.name not in self.fixed:
            return value
        first, *more = (self._filtered(one) for one in value.args)
        return nodes.Filter(first, value.node.name, more, value.kwargs, None, None, lineno=value.lineno)
