"""Who may do what: the one place in which every route says what it needs. A route that is not named here is not served.

A person's role says what there is for him at all; the scopes of a token narrow it further. An account of an operator
sees what is its own by every route: the routes get the operator's id from the caller and never from what was asked.
"""

from __future__ import annotations

from typing import NamedTuple

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts

from api.problems import Problem
from storage.audit.log import What
from storage.people.accounts import OPERATOR, ROLES, Person
from storage.people.sessions import Session

EVERYBODY = frozenset(ROLES)
OFFICE = EVERYBODY - {OPERATOR}  # the inspectorate


class Need(NamedTuple):
    """What a route needs. scope None: nothing, it is open to whoever asks.

    looks_up: parameters of path and query that name whom or what somebody looks up, each entered into the audit log.
    page: it is a page of the desk, for people with a session. reason: the inspectorate says why before it looks.
    before_change: open to who has to change his password first. long: its answer takes a second of work. writes: it
    puts more on record, behind what it looks up.
    """

    scope: str | None
    roles: frozenset[str] = EVERYBODY
    looks_up: tuple[tuple[str, What], ...] = ()
    page: bool = False
    reason: bool = False
    before_change: bool = False
    long: bool = False
    writes: bool = False


_VEHICLE, _DRIVER, _FINDING = What.LOOK_UP_VEHICLE, What.LOOK_UP_DRIVER, What.LOOK_UP_FINDING
_OPERATOR = What.LOOK_UP_OPERATOR
_OPEN = Need(None)
_READ = Need("read")
_PAGE = Need("read", page=True)

NEEDS: dict[str, Need] = {
    "health": _OPEN,
    "ready": _OPEN,
    "metrics": _OPEN,
    "openapi": _OPEN,
    "me": _READ,
    "list_operators": _READ,
    "get_operator": Need("read", looks_up=(("operator", _OPERATOR),)),
    "list_vehicles": Need("read", looks_up=(("operator", _OPERATOR),)),
    "get_vehicle": Need("read", looks_up=(("plate", _VEHICLE),)),
    "get_track": Need("read", looks_up=(("plate", _VEHICLE),)),
    "list_drivers": Need("read", looks_up=(("operator", _OPERATOR),)),
    "get_driver": Need("read", looks_up=(("licence", _DRIVER),)),
    "get_driver_week": Need("read", looks_up=(("licence", _DRIVER),)),
    "list_findings": Need("read", looks_up=(("vehicle", _VEHICLE), ("driver", _DRIVER), ("operator", _OPERATOR))),
    "list_changes": _READ,
    "get_finding": Need("read", looks_up=(("finding", _FINDING),)),
    "list_weighings": Need("read", looks_up=(("vehicle", _VEHICLE), ("operator", _OPERATOR))),
    "list_reviews": Need("read", OFFICE, (("vehicle", _VEHICLE), ("operator", _OPERATOR))),
    "view_weighings": Need("read", looks_up=(("operator", _OPERATOR),)),
    "list_instruments": Need("read", OFFICE),
    "list_origins": Need("read", OFFICE, (("operator", _OPERATOR),)),
    "list_positions": Need("read", looks_up=(("vehicle", _VEHICLE), ("operator", _OPERATOR))),
    "list_near": Need("read", OFFICE),
    "get_quality": Need("read"),
    "list_cases": Need("read", looks_up=(("operator", _OPERATOR),)),
    "get_case": Need("read", looks_up=(("finding", _FINDING),)),
    "take_step": Need("write", looks_up=(("finding", _FINDING),)),
    "list_documents": Need("read", looks_up=(("finding", _FINDING),)),
    "get_document": Need("read", looks_up=(("finding", _FINDING),), writes=True),
    "attach_document": Need("write", looks_up=(("finding", _FINDING),)),
    "get_evidence": Need("export", looks_up=(("finding", _FINDING),), long=True, writes=True),
    "list_lists": Need("read", OFFICE),
    "get_list": Need("read", OFFICE),
    "get_list_file": Need("export", OFFICE, (("name", What.EXPORT),)),
    "list_law": _READ,
    "get_parameter": _READ,
    "search": Need("read", looks_up=(("q", What.SEARCH),)),
    "static": _OPEN,
    "login_page": Need(None, page=True),
    "log_in": Need(None, page=True),
    "oidc_begin": Need(None, page=True),
    "oidc_return": Need(None, page=True),
    "language": Need(None, page=True),
    "log_out": Need("read", page=True, before_change=True),
    "password_page": Need("read", page=True, before_change=True),
    "change_password": Need("read", page=True, before_change=True),
    "reason_page": _PAGE,
    "set_reason": _PAGE,
    "overview_page": _PAGE,
    "search_page": Need("read", looks_up=(("q", What.SEARCH),), page=True),
    "search_typed": _PAGE,  # it says itself what of it is on record
    "operators_page": _PAGE,
    "operator_page": Need("read", looks_up=(("operator", _OPERATOR),), page=True),
    "vehicle_page": Need("read", looks_up=(("plate", _VEHICLE),), page=True),
    "driver_page": Need("read", looks_up=(("licence", _DRIVER),), page=True, reason=True),
    "findings_page": Need("read", looks_up=(("vehicle", _VEHICLE), ("driver", _DRIVER), ("operator", _OPERATOR)),
                          page=True),
    "finding_page": Need("read", looks_up=(("finding", _FINDING),), page=True),
    "finding_record": Need("read", looks_up=(("finding", _FINDING),), page=True),
    "finding_evidence": Need("export", looks_up=(("finding", _FINDING),), page=True, long=True, writes=True),
    "weighing_page": Need("read", looks_up=(("plate", _VEHICLE),), page=True),
    "reviews_page": Need("read", OFFICE, (("vehicle", _VEHICLE), ("operator", _OPERATOR)), page=True),
    "stations_page": Need("read", looks_up=(("operator", _OPERATOR),), page=True),
    "origins_page": Need("read", OFFICE, (("operator", _OPERATOR),), page=True),
    "map_roads": _PAGE,
    "lists_page": Need("read", OFFICE, page=True),
    "list_page": Need("read", OFFICE, page=True),
    "cases_page": _PAGE,
    "case_page": Need("read", looks_up=(("finding", _FINDING),), page=True),
    "case_step": Need("write", page=True),
    "case_attach": Need("write", page=True),
    "case_document": Need("read", looks_up=(("finding", _FINDING),), page=True, writes=True),
}  # fmt: skip


class Caller(NamedTuple):
    """Who asks. session: None for a program with a token."""

    person: Person
    scopes: frozenset[str]
    session: Session | None

    @property
    def via(self) -> str:
        return "token" if self.session is None else "session"

    @property
    def operator(self) -> str | None:
        """The one operator whose things he sees; None: those of all."""
        return self.person.operator


def bounded(caller: Caller, asked: str | None) -> str | None:
    """The operator whose things are to be looked for; None: all. Raises Problem where it is not the caller's own."""
    if caller.operator is None:
        return asked
    if asked not in (None, caller.operator):
        raise not_there("operator")
    return caller.operator


def not_there(what: str) -> Problem:
    """One answer for what there is not and for what is not the caller's to see: neither tells of the other."""
    return Problem(404, f"there is no such {what}, or it is not yours to see")


async def get_caller(request: Request) -> Caller:
    """The caller whom api.admission has let in. Raises LookupError on an open route, where nobody is known."""
    caller = request.scope["frame"].caller
    if not isinstance(caller, Caller):
        raise LookupError("this route is open to whoever asks: it has no caller")
    return caller


def need_of(request: Request) -> tuple[str, Need]:
    """Name and need of the route that a request goes to. Raises KeyError for one that does not say what it needs."""
    name = request.scope["route"].name
    return name, NEEDS[name]


def require_declared(app: FastAPI) -> None:
    """Refuse an app with a route that does not say what it needs, or that the check of it cannot reach."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute):
            raise LookupError(f"route {route}: it is no route of FastAPI, and would be served without a check")
        if route.name not in NEEDS:
            raise LookupError(f"route {route.name}: say what it needs in NEEDS of {__name__}")
