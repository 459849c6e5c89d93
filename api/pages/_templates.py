"""Templates as they are compiled for one language: what does not change from page to page is said once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, nodes


class Fixed(Environment):
    """fixed: functions whose answer to a constant never changes, by the names under which templates call them."""

    def __init__(self, fixed: dict[str, Callable[..., str]], **given: Any) -> None:
        super().__init__(**given)
        self._fixed = fixed
        self.globals |= fixed

    def _generate(self, source: nodes.Template, *given: Any, **more: Any) -> str:
        """Called with a template that is read and not yet compiled: calls become what they give."""
        for parent in [source, *source.find_all(nodes.Node)]:
            for name, value in parent.iter_fields():
                if isinstance(value, list):
                    setattr(parent, name, [self._said(one) for one in value])
                else:
                    setattr(parent, name, self._said(value))
        return super()._generate(source, *given, **more)

    def _said(self, value: Any) -> Any:
        if not isinstance(value, nodes.Call) or value.kwargs or value.dyn_args or value.dyn_kwargs:
            return value
        told = self._fixed.get(value.node.name) if isinstance(value.node, nodes.Name) else None
        given = [one.value for one in value.args if isinstance(one, nodes.Const)]
        if told is None or len(given) < len(value.args):
            return value
        return nodes.Const(told(*given), lineno=value.lineno)
