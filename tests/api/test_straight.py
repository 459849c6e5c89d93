"""Questions that are answered straight are read as FastAPI reads them, and pass the same door."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import Request
from fastapi.dependencies.utils import solve_dependencies
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.access import get_caller
from api.app import make_app
from api.pages import PAGES
from api.problems import Problem
from api.routes import ROUTERS
from api.straight import plan_of, values_of
from storage.audit.group import Recorder
from storage.audit.log import Row
from storage.database import Connection, scalar
from storage.errors import StoreUnavailable
from tests.api.running import parts

type Client = Callable[..., httpx.Client]
APP = make_app(parts("postgresql://nowhere/none", lambda: 0))
APP.state.pool = object()
ROUTES = [one for router in (*ROUTERS, *PAGES) for one in router.routes if isinstance(one, APIRoute)]
ASKED = [one for one in ROUTES if one.methods == {"GET"}]
# What fits some parameter, and what fits none.
TEXTS = (
    "", "0", "1", "50", "501", "-1", "1.5", "x", "speeding", "certain", "csv", "json", "xlsx", "-at", "at", "12C-12345",
    "OP1", "2026-03-01", "2026-13-01", "2026-03", "2026-W10", "105.5,21.25", "105,21,106,22", "a" * 70, "\0", "true",
    "kmh", "vehicle", "2026-03-01T00:00:00+07:00", "f" * 32,
)  # fmt: skip


def names(dependant: Any) -> list[str]:
    own = [one.alias for one in dependant.query_params]
    return own + [name for one in dependant.dependencies for name in names(one)]


def request_of(path: dict[str, str], query: list[tuple[str, str]]) -> Request:
    scope = {"type": "http", "method": "GET", "path": "/", "app": APP, "path_params": path, "headers": [],
             "query_string": urlencode(query).encode(), "fastapi_inner_astack": AsyncExitStack(),
             "fastapi_function_astack": AsyncExitStack()}  # fmt: skip
    return Request(scope)


async def as_fastapi_has_it(route: APIRoute, request: Request) -> dict[str, Any] | None:
    async with AsyncExitStack() as stack:
        try:
            solved = await solve_dependencies(
                request=request, dependant=route.dependant, async_exit_stack=stack, embed_body_fields=False,
                dependency_overrides_provider=Overrides,
            )  # fmt: skip
        except Problem:
            return None
    return None if solved.errors else solved.values


class Overrides:
    """The caller is known behind the door alone."""

    dependency_overrides = {get_caller: lambda: None}  # noqa: RUF012 - as FastAPI has it


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1 << 30))
def test_parameters_are_read_as_fastapi_reads_them(seed: int) -> None:
    dice = random.Random(seed)
    route = dice.choice(ASKED)
    plan = plan_of(route.dependant)
    assert plan is not None
    path = {one.alias: dice.choice(TEXTS[1:]) for one in route.dependant.path_params}
    known = [*names(route.dependant), "nothing"]
    query = [(dice.choice(known), dice.choice(TEXTS)) for _ in range(dice.randrange(4))]
    wanted = asyncio.run(as_fastapi_has_it(route, request_of(path, query)))
    found = asyncio.run(values_of(plan, request_of(path, query)))
    assert (wanted is None) == (found is None), (route.path, path, query)
    if wanted is None or found is None:
        return
    for values in (wanted, found):
        values.pop(plan.caller or "", None)
        values.pop(plan.request or "", None)
    assert found == wanted


def test_every_question_has_a_plan() -> None:
    """But for those that change something: of these FastAPI reads the parameters."""
    assert {route.name for route in ROUTES if route.methods == {"GET"} and plan_of(route.dependant) is None} == set()
    assert len(ASKED) > 50


def test_who_is_not_known_is_told_nothing_of_parameters(base: str) -> None:
    for query in ("", "?limit=0", "?from=2026-03-09&to=2026-03-01", "?vehicle=12C00001"):
        assert httpx.get(f"{base}/api/v1/findings{query}").status_code == 401
    assert httpx.get(f"{base}/api/v1/findings?limit=0", headers={"Authorization": "Bearer none"}).status_code == 401


def test_what_is_wrongly_asked_is_on_record_as_what_is_rightly_asked(store: Connection, client: Client) -> None:
    last = scalar(store, "SELECT max(number) FROM audit")
    assert client().get("/api/v1/findings", params={"vehicle": "12C-000.01", "limit": "0"}).status_code == 422
    assert client().get("/api/v1/findings", params={"vehicle": "12C-000.01"}).status_code == 200
    rows = store.execute("SELECT subject, detail FROM audit WHERE number > %s ORDER BY number", (last,)).fetchall()
    assert rows == [("12C00001", "list_findings")] * 2


@pytest.fixture
def asked(store: Connection) -> list[str]:
    id_ = scalar(store, "SELECT min(id) FROM finding WHERE withdrawn_at IS NULL")
    return [f"/api/v1/findings/{id_}", "/api/v1/findings?vehicle=12C00001", "/api/v1/vehicles/12C00001"]


def test_nothing_is_shown_that_could_not_be_put_on_record(
    client: Client, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written while the answer is made; the answer is held back until it is on disk."""

    def refuse(self: Recorder, rows: Sequence[Row]) -> None:
        raise StoreUnavailable("the connection to the database is lost")

    monkeypatch.setattr(Recorder, "_write", refuse)
    for path in asked:
        answer = client().get(path)
        assert (answer.status_code, "finding" in answer.text) == (503, False)
    assert client().get("/api/v1/operators").status_code == 200  # names nobody
