"""Which question a path asks, found by its first word: FastAPI tries all routes in turn, of which there are seventy."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.convertors import Convertor

PREFIX = "/api/v1"
_ANY = "{"  # the first word of a path that begins with a parameter


class Place(NamedTuple):
    """A route that answers GET, under the path at which the app has it."""

    route: APIRoute
    path: re.Pattern[str]
    convertors: dict[str, Convertor[Any]]


class Paths:
    """Of an app that has all its routes. They are tried in its order, but for those that begin with another word."""

    def __init__(self, app: FastAPI) -> None:
        every = [(_first_word(str(one.path_format)), Place(one.original_route, one.path_regex, one.param_convertors))
                 for one in iter_route_contexts(app.routes)
                 if isinstance(one.original_route, APIRoute) and "GET" in (one.methods or ())]  # fmt: skip
        words = {word for word, _ in every}
        self.routes = [place.route for _, place in every]
        self._places = {word: [place for own, place in every if own in (word, _ANY)] for word in words | {_ANY}}

    def find(self, path: str) -> tuple[APIRoute, dict[str, Any]] | None:
        """The route that FastAPI would choose for a GET of a path, and the parameters in it; None: there is none."""
        for place in self._places.get(_first_word(path), self._places[_ANY]):
            if match := place.path.match(path):
                return place.route, {
                    name: place.convertors[name].convert(text) for name, text in match.groupdict().items()
                }
        return None


def _first_word(path: str) -> str:
    """Of /findings/{finding} and /api/v1/findings findings; { where it is a parameter itself: then it may be any."""
    word = path.removeprefix(PREFIX)[1:].partition("/")[0]
    return _ANY if _ANY in word else word
