"""Routers that are passed by where a path begins with none of their words, and whose routes answer straight.

FastAPI tries every route of every router in turn, which took a tenth of the time of an answer that stands behind sixty
of them.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.routing import Match
from starlette.types import Scope

from api.straight import Straight

PREFIX = "/api/v1"


class Branch(APIRouter):
    """A router that is included at the root or under PREFIX, and looked into only where one of its routes may match."""

    def __init__(self, **given: Any) -> None:
        super().__init__(route_class=Straight, **given)

    @cached_property
    def _words(self) -> frozenset[str]:
        """First words of its routes. All of them are added before the first request."""
        return frozenset(_first_word(str(one.path_format)) for one in iter_route_contexts(self.routes))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        words, path = self._words, scope["path"].removeprefix(scope.get("root_path", ""))
        if "{" in words or _first_word(path.removeprefix(PREFIX)) in words:
            return super().matches(scope)
        return Match.NONE, {}


def _first_word(path: str) -> str:
    """Of /findings/{finding} findings; { where it is a parameter itself: then it may be any."""
    word = path[1:].partition("/")[0]
    return "{" if "{" in word else word
