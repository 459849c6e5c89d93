"""What there is in a store, asked of its API: ids for operations that find nothing by what is made up at random."""

from __future__ import annotations

import zlib
from typing import Any, NamedTuple

import httpx
from schemathesis import Case
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response
from schemathesis.generation.meta import TestPhase
from schemathesis.openapi.checks import RejectedPositiveData

from journey.localtime import date_of, day_of
from tests.api.walking import V1, paper

_FEW = 12  # cases that are opened
_LEFT = 4  # of so many cases one keeps what was made up
# Bounds that no schema can say: 422 names them by `where`. A cursor is good for one question, a period has a length,
# some years have no week 53, a month to come has no day, a document is told by what it holds.
TOLD_IN_WORDS = frozenset({"cursor", "from", "to", "near", "bbox", "licence", "driver", "week", "month", "document"})


class Known(NamedTuple):
    """paths: by the path of an operation, sets of its parameters that name what there is. query: values by name."""

    paths: dict[str, list[dict[str, Any]]]
    query: dict[str, list[str]]


def known(client: httpx.Client) -> Known:
    """Asked with the scopes read and write; cases are opened where there are too few, with a document each."""

    def items(path: str, **query: str) -> list[dict[str, Any]]:
        answer = client.get(f"{V1}{path}", params={"limit": "50", **query})
        if answer.status_code == httpx.codes.FORBIDDEN:
            return []  # lists are not for operators
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    changes = [one for one in items("/findings/changes") if one["change"] == "added"]
    added = {one["id"]: one["finding"] for one in changes}
    findings = [{"finding": one} for one in added]
    for one in findings[:_FEW]:
        _open(client, one["finding"])
    cases = [{"finding": one["finding"]} for one in items("/cases")]
    documents = [
        {**case, "number": one["number"]} for case in cases for one in items(f"/cases/{case['finding']}/documents")
    ]
    days = [(one, date_of(day_of(one["at"]))) for one in added.values()]
    tracks = [{"plate": one["vehicle"], "day": day.isoformat()} for one, day in days]
    weeks = [
        {"licence": one["driver"], "week": f"{day.isocalendar().year}-W{day.isocalendar().week:02d}"}
        for one, day in days
        if one["driver"]
    ]
    lists = [{"week": one["week"], "amendment": one["amendment"]} for one in items("/lists")]
    files = [{**one, "name": name} for one in lists for name in _files(client, one)]
    operators = [one["id"] for one in items("/operators")]
    plates = [one["plate"] for one in items("/vehicles")]
    licences = [one["licence"] for one in items("/drivers")]
    law = [{"path": one["path"]} for one in items("/law")]
    begin, end = min(day for _, day in days).isoformat(), max(day for _, day in days).isoformat()
    paths = {
        "/cases/{finding}": cases,
        "/cases/{finding}/steps": [*cases, *findings[-_FEW:]],
        "/cases/{finding}/documents": cases,
        "/cases/{finding}/documents/{number}": documents,
        "/findings/{finding}": findings,
        "/findings/{finding}/evidence": findings,
        "/drivers/{licence}": [{"licence": one} for one in licences],
        "/drivers/{licence}/weeks/{week}": weeks,
        "/operators/{operator}": [{"operator": one} for one in operators],
        "/vehicles/{plate}": [{"plate": one} for one in plates],
        "/vehicles/{plate}/tracks/{day}": tracks,
        "/lists/{week}/{amendment}": lists,
        "/lists/{week}/{amendment}/files/{name}": files,
        "/law/{path}": law,
    }
    query = {
        "from": [begin], "to": [end], "on": [begin], "month": [begin[:7]], "operator": operators, "driver": licences,
        "vehicle": [one["plate"] for one in tracks], "q": [*plates[:5], *operators[:5]],
        "at": [str(one["at"]) for one in added.values()],
    }  # fmt: skip
    return Known({f"{V1}{path}": sets for path, sets in paths.items() if sets}, query)


def name(there: Known, case: Case) -> None:
    """Of most cases: put what there is in the place of what was made up and could be there; what is wrong stays."""
    path, meta = case.operation.path, case.meta
    if meta is None:
        return
    # A period without which a listing is of the last days, in which a store of the past has nothing.
    period = {one.name: there.query[one.name][0] for one in case.operation.query if one.name in ("from", "to")}
    right = not meta.is_negative_at(ParameterLocation.QUERY)
    if meta.phase.name is TestPhase.STATEFUL:
        if right:
            case.query = period  # pages that say what the next operation asks about, which was told by one before
        return
    chosen = zlib.crc32(repr((path, case.path_parameters, case.query)).encode())
    turn = chosen // _LEFT
    if chosen % _LEFT == 0:
        return
    if right:
        # `at` is an instant of positions, a day of the law.
        given = {one for one in case.query or {} if one in there.query and (one != "at" or "/positions" in path)}
        case.query = {**(case.query or {}), **period, **{one: _nth(there.query[one], turn) for one in given}}
    if path in there.paths and not meta.is_negative_at(ParameterLocation.PATH):
        case.path_parameters = dict(_nth(there.paths[path], turn))
    if path.endswith("/documents") and case.method == "POST" and meta.generation.mode.is_positive:
        case.body = {"document": paper().decode()}


def _nth[T](of: list[T], number: int) -> T:
    return of[number % len(of)]


def worth_telling(failure: Failure, case: Case, response: Response) -> bool:
    """False of a refusal by a bound told in words or by the length of an address, and of what no address can say."""
    if isinstance(failure, RejectedPositiveData) and response.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
        return not {one["where"].split(".")[-1] for one in response.json()["faults"]} <= TOLD_IN_WORDS
    if isinstance(failure, AcceptedNegativeData) and not sent_as_it_is(case):
        return False
    # An address that grew too long is refused like the rest of what is wrong in it, by a number that is not expected.
    return not (isinstance(failure, AcceptedNegativeData) and response.status_code == httpx.codes.REQUEST_URI_TOO_LONG)


def sent_as_it_is(case: Case) -> bool:
    """False where an address says something else than what was made up."""
    listed = [
        one["name"] for one in case.operation.definition.raw.get("parameters", ()) if "array" in str(one["schema"])
    ]
    query = case.query or {}
    # Of a list one value alone says the same as a list of it: what is wrong about `rule: false` cannot be sent.
    # Nor can what is wrong about a list of lists: an address has none, and of empty ones nothing is left.
    return all(isinstance(query.get(one, []), list) for one in listed) and not any(map(_is_nested, query.values()))


def _is_nested(value: Any) -> bool:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(isinstance(one, (dict, list)) for one in parts)


def _open(client: httpx.Client, finding: str) -> None:
    """Refused where somebody did before, or may not: what there is then is asked for anyhow."""
    for step in ("open", "send"):
        client.post(f"{V1}/cases/{finding}/steps", json={"step": step})
    client.post(f"{V1}/cases/{finding}/documents", files={"document": ("paper.pdf", paper())})


def _files(client: httpx.Client, one: dict[str, Any]) -> list[str]:
    answer = client.get(f"{V1}/lists/{one['week']}/{one['amendment']}")
    answer.raise_for_status()
    names: list[str] = answer.json()["files"]
    return names
