"""Questions answered straight: the route found by its first word, parameters read by their validators alone, the door
and the endpoint in one thread.

FastAPI tries one route after another, looks anew at each request what a parameter is and hands on every part by a call
of its own, the door and the endpoint in a thread each: for a question of sixteen parameters more than the answer costs.
Here that is looked at once, when the app begins. It holds for questions that are as they should be. Of any other, and
of whatever changes something, FastAPI finds the route, reads the parameters and says what is wrong with them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from fastapi import FastAPI, Request, Response
from fastapi._compat import ModelField
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant
from starlette.datastructures import QueryParams
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access import get_caller, need_of
from api.admission import let_in, put_on_record
from api.paths import Paths
from api.problems import Problem
from api.turns import long_turn, question

type Values = dict[str, Any]
type Turn = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class _Field(NamedTuple):
    """A parameter. alias: as it is sent; several: it may be sent more than once; read: its value, and what is wrong."""

    name: str
    alias: str
    required: bool
    several: bool
    default: Any
    read: Callable[[Any], tuple[Any, list[Any]]]


class Plan(NamedTuple):
    """What a function is called with. request, caller: the names under which it gets these; parts: what others give."""

    call: Callable[..., Any]
    path: tuple[_Field, ...]
    query: tuple[_Field, ...]
    parts: tuple[tuple[str, Plan], ...]
    request: str | None
    caller: str | None


class Straight:
    """ASGI middleware right around what FastAPI makes of the routes of `whole`; it has to have all of them."""

    def __init__(self, app: ASGIApp, whole: FastAPI) -> None:
        self._app, self._paths = app, Paths(whole)
        # By identity, as routes have no hash: two may have one name.
        self._plans = {id(route): plan_of(route.dependant) for route in self._paths.routes if _answers(route.endpoint)}
        self._answering = ExceptionMiddleware(self._answer, whole.exception_handlers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET":
            found = self._paths.find(scope["path"].removeprefix(scope.get("root_path", "")))
            if found is not None:
                route, parameters = found
                plan = self._plans.get(id(route))
                if plan is not None:
                    scope["route"], scope["path_params"], scope["plan"] = route, parameters, plan
                    await self._answering(scope, receive, send)
                    return
        await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, plan = Request(scope, receive, send), scope["plan"]
        values = await values_of(plan, request)
        if values is None:
            await self._app(scope, receive, send)
            return
        response = await _answered(plan, request, values)
        await response(scope, receive, send)


async def _answered(plan: Plan, request: Request, values: Values) -> Response:
    _, need = need_of(request)
    if need.long or need.writes:
        return await _after_the_door(plan, request, values, long_turn if need.long else question)
    try:
        async with question(request.app):
            return await run_in_threadpool(_answer, plan, request, values)
    finally:
        await put_on_record(request)  # whatever comes of it, and before anything of it is seen


def plan_of(dependant: Dependant, top: bool = True) -> Plan | None:
    """None: it is called with something else than parameters of path and query, parts, the request and the caller."""
    others = (
        dependant.header_params, dependant.cookie_params, dependant.body_params, dependant.websocket_param_name,
        dependant.http_connection_param_name, dependant.response_param_name, dependant.background_tasks_param_name,
        dependant.security_scopes_param_name, dependant.concurrency,
    )  # fmt: skip
    if dependant.call is None or any(others) or not (top or inspect.iscoroutinefunction(dependant.call)):
        return None
    caller, parts = None, []
    for one in dependant.dependencies:
        if top and one.call is get_caller:
            caller = one.name
            continue
        part = None if one.call is get_caller else plan_of(one, top=False)
        if part is None or one.name is None:
            return None
        parts.append((one.name, part))
    path, query = _fields(dependant.path_params), _fields(dependant.query_params)
    return Plan(dependant.call, path, query, tuple(parts), dependant.request_param_name, caller)


async def values_of(plan: Plan, request: Request) -> Values | None:
    """What a function is called with, but for the caller; None: something that was sent is not as it should be."""
    values: Values = {}
    try:
        for name, part in plan.parts:
            given = await values_of(part, request)
            if given is None:
                return None
            values[name] = await part.call(**given)
    except Problem:
        return None
    if not (_read(plan.path, request.path_params, values) and _read(plan.query, request.query_params, values)):
        return None
    if plan.request is not None:
        values[plan.request] = request
    return values


def _read(fields: Sequence[_Field], sent: Mapping[str, Any], values: Values) -> bool:
    for field in fields:
        if field.alias not in sent:
            if field.required:
                return False
            values[field.name] = field.default
            continue
        text = sent.getlist(field.alias) if field.several and isinstance(sent, QueryParams) else sent[field.alias]
        values[field.name], faults = field.read(text)
        if faults:
            return False
    return True


def _fields(fields: Sequence[ModelField]) -> tuple[_Field, ...]:
    return tuple(
        _Field(one.name, one.alias, one.field_info.is_required(), _several(one.field_info.annotation),
               None if one.field_info.is_required() else one.default, one.validate)
        for one in fields
    )  # fmt: skip


def _several(annotation: object) -> bool:
    """Whether it is a list, or a list or None."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType, Annotated):
        return any(_several(one) for one in get_args(annotation))
    return origin is list


def _answers(endpoint: Callable[..., Any]) -> bool:
    """Whether it gives an answer as it is sent, and works in a thread."""
    given = get_type_hints(endpoint).get("return")
    return not inspect.iscoroutinefunction(endpoint) and isinstance(given, type) and issubclass(given, Response)


def _answer(plan: Plan, request: Request, values: Values) -> Response:
    let_in(request)
    return _called(plan, request, values)


async def _after_the_door(plan: Plan, request: Request, values: Values, turn: Turn) -> Response:
    """Once it is known who asks, and what he looks up is on disk."""
    async with question(request.app):
        await run_in_threadpool(let_in, request)
    await put_on_record(request)
    async with turn(request.app):
        return await run_in_threadpool(_called, plan, request, values)


def _called(plan: Plan, request: Request, values: Values) -> Response:
    if plan.caller is not None:
        values[plan.caller] = request.scope["frame"].caller
    response: Response = plan.call(**values)
    return response
