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
# Whoever has the answer of one operation can ask the others: operation, what it names of the other, and where that is.
_FIRST = "$response.body#/items/0/"
_FINDING = {"finding": "$request.path.finding"}
_LINKS: dict[str, tuple[tuple[str, dict[str, str]], ...]] = {
    "list_findings": (("get_finding", {"finding": f"{_FIRST}id"}),),
    "list_changes": (
        ("get_finding", {"finding": f"{_FIRST}id"}),
        ("get_evidence", {"finding": f"{_FIRST}id"}),
        ("take_step", {"finding": f"{_FIRST}id"}),
    ),
    "list_cases": (
        ("get_case", {"finding": f"{_FIRST}finding"}),
        ("take_step", {"finding": f"{_FIRST}finding"}),
        ("list_documents", {"finding": f"{_FIRST}finding"}),
        ("attach_document", {"finding": f"{_FIRST}finding"}),
    ),
    "take_step": (("get_case", _FINDING),),
    "list_documents": (("get_document", {**_FINDING, "number": f"{_FIRST}number"}),),
    "attach_document": (("get_document", {**_FINDING, "number": "$response.body#/number"}),),
    "list_lists": (("get_list", {"week": f"{_FIRST}week", "amendment": f"{_FIRST}amendment"}),),
    "get_list": (
        ("get_list_file", {"week": "$request.path.week", "amendment": "$request.path.amendment",
                           "name": "$response.body#/files/0"}),
    ),
}  # fmt: skip


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
    for other, parameters in _LINKS.get(name, ()):
        links = operation["responses"]["200"].setdefault("links", {})
        links[other] = {"operationId": other, "parameters": parameters}
    if need.scope is not None:
        operation["security"] = [{"token": []}, {"session": []}]
        operation["x-scope"] = need.scope
        operation["x-roles"] = sorted(need.roles)
