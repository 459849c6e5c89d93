"""A router that is passed by would not have answered: by first words, or without, each path goes the same way."""

from __future__ import annotations

import re

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Match

from api.branch import PREFIX, Branch
from api.pages import PAGES
from api.routes import ROUTERS, monitor


def test_every_path_goes_where_it_would_go_without_words(monkeypatch: pytest.MonkeyPatch) -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(monitor.router)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    for router in PAGES:
        app.include_router(router)
    paths = [re.sub(r"\{[^}]*\}", "a1", str(one.path_format)) for one in iter_route_contexts(app.routes)]
    assert f"{PREFIX}/findings/changes" in paths
    strange = ["", "//", "//findings", "/api", PREFIX, f"{PREFIX}/", "/none", f"{PREFIX}/none", f"{PREFIX}{PREFIX}/me",
               "/{finding}", "/findings/"]  # fmt: skip
    asked = [*paths, *strange]
    by_words = [_matches(app, path) for path in asked]
    assert all(Match.FULL in one or Match.PARTIAL in one for one in by_words[: len(paths)])
    monkeypatch.delattr(Branch, "matches")
    assert Branch.matches is APIRouter.matches
    assert by_words == [_matches(app, path) for path in asked]


def test_a_router_that_begins_with_a_parameter_is_always_looked_into() -> None:
    router, app = Branch(), FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @router.get("/{anything}/more")
    def more(anything: str) -> str:
        return anything

    app.include_router(router)
    assert Match.FULL in _matches(app, "/what/more")
    assert Match.FULL not in _matches(app, "/what/less")


def _matches(app: FastAPI, path: str) -> list[Match]:
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    return [route.matches(dict(scope))[0] for route in app.router.routes]
