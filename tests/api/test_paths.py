"""A path goes by its first word where FastAPI would send it, with the same parameters."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import Match

from api.app import make_app
from api.paths import PREFIX, Paths
from tests.api.running import parts

APP = make_app(parts("postgresql://nowhere/none", lambda: 0))
PATHS = Paths(APP)
EVERY = [str(one.path_format) for one in iter_route_contexts(APP.routes)]
STRANGE = ["", "/", "//", "//findings", "/api", PREFIX, f"{PREFIX}/", "/none", f"{PREFIX}/none", f"{PREFIX}{PREFIX}/me",
           "/{finding}", "/findings/", "findings", "/findings/a/b/c/d", f"{PREFIX}findings"]  # fmt: skip


def as_fastapi_finds_it(app: FastAPI, path: str) -> tuple[str, dict[str, Any]] | None:
    """The route of a GET, and what stands in its path: each is tried in turn."""
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    for one in iter_route_contexts(app.routes):
        match, inside = one.matches(scope)
        if match == Match.FULL:
            return str(one.name), dict(inside["path_params"])
    return None


def found(paths: Paths, path: str) -> tuple[str, dict[str, Any]] | None:
    one = paths.find(path)
    return None if one is None else (one[0].name, one[1])


@pytest.mark.parametrize("path", [*(re.sub(r"\{[^}]*\}", "a1", one) for one in EVERY), *STRANGE])
def test_every_path_goes_where_fastapi_sends_it(path: str) -> None:
    assert found(PATHS, path) == as_fastapi_finds_it(APP, path)


@given(st.sampled_from(EVERY), st.lists(st.text(max_size=6) | st.sampled_from(["changes", "a/b", "..", "%2F", "\n"]),
                                        min_size=4, max_size=4), st.text(max_size=3))  # fmt: skip
def test_whatever_stands_in_a_path(path: str, inside: list[str], behind: str) -> None:
    given = iter(inside)
    path = re.sub(r"\{[^}]*\}", lambda _: next(given), path) + behind
    assert found(PATHS, path) == as_fastapi_finds_it(APP, path)


def test_routes_that_begin_with_a_parameter_are_tried_in_their_order() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/here/more", name="here")
    @app.get("/{anything}/more", name="any")
    @app.get("/there/more", name="there")
    def more() -> None: ...

    app.router.routes.sort(key=lambda one: ["here", "any", "there"].index(one.name))  # type: ignore[attr-defined]
    assert all(isinstance(one, APIRoute) for one in app.routes)
    paths = Paths(app)
    assert [found(paths, path) for path in ("/here/more", "/there/more", "/what/more", "/what/less")] == [
        ("here", {}), ("any", {"anything": "there"}), ("any", {"anything": "what"}), None
    ]  # fmt: skip
