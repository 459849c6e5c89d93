"""The OpenAPI document: made once from the routes, with what each needs as it stands in api.access."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from api.access import NEEDS

_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token: `hanhtrinh people token`."},
    "session": {"type": "apiKey", "in": "cookie", "name": "hanhtrinh_session", "description": "Logged in at the desk."},
}


def describe(app: FastAPI) -> None:
    """Let the app's document say who may call what."""
    made: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not made:
            made.update(get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes))
            made.setdefault("components", {})["securitySchemes"] = _SCHEMES
            for context in iter_route_contexts(app.routes):
                for method in context.methods or ():
                    operation = made["paths"].get(context.path_format, {}).get(method.lower())
                    if operation is not None:
                        _say(operation, str(context.name))
        return made

    app.openapi = openapi  # type: ignore[method-assign]


def _say(operation: dict[str, Any], name: str) -> None:
    need = NEEDS[name]
    operation["operationId"] = name
    if need.scope is not None:
        operation["security"] = [{"token": []}, {"session": []}]
        operation["x-scope"] = need.scope
        operation["x-roles"] = sorted(need.roles)
