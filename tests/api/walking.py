"""Every route of the app with a question that has an answer, so that a test can walk them all."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import httpx
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from tests.api.filled import DATE, DOCUMENTS, LICENCES, MONTH, NOON, PLATES, WEEK

V1 = "/api/v1"
_PAPERS = itertools.count()


class Question(NamedTuple):
    """What is asked of a route about one operator."""

    path: str
    query: dict[str, str]
    body: dict[str, str] | None = None  # of a POST
    file: bytes | None = None  # of a POST with a document

    def asked(self, client: httpx.Client, **more: str) -> httpx.Response:
        query = {**self.query, **more}
        if self.file is not None:
            sent = client.build_request("POST", self.path, params=query, files={"document": ("paper.pdf", self.file)})
            sent.read()
            return client.send(sent)
        if self.body is None:
            return client.get(self.path, params=query)
        return client.post(self.path, params=query, json=self.body)


def questions(operator: str, finding: str) -> dict[str, list[Question]]:
    """By the name of the route: what asks for an operator's own things. finding: an id of one of its findings."""
    plate, licence, day = PLATES[operator], LICENCES[operator], DATE.isoformat()
    period = {"from": day, "to": day}
    return {
        "get_operator": [Question(f"{V1}/operators/{operator}", {})],
        "list_operators": [Question(f"{V1}/operators", {})],
        "list_vehicles": [Question(f"{V1}/vehicles", {"operator": operator})],
        "get_vehicle": [Question(f"{V1}/vehicles/{plate}", {})],
        "get_track": [Question(f"{V1}/vehicles/{plate}/tracks/{day}", {})],
        "list_drivers": [Question(f"{V1}/drivers", {"operator": operator})],
        "get_driver": [Question(f"{V1}/drivers/{licence}", {})],
        "get_driver_week": [Question(f"{V1}/drivers/{licence}/weeks/{WEEK}", {})],
        "list_findings": [
            Question(f"{V1}/findings", {**period, **one})
            for one in (
                {"operator": operator},
                {"vehicle": plate},
                {"driver": licence},
                {"rule": "speeding"},
                {"near": "105.5,21.25", "radius_m": "50000"},
                {"road": "QL1A-10"},
            )
        ],
        "list_changes": [Question(f"{V1}/findings/changes", {"limit": "500"})],
        "get_finding": [Question(f"{V1}/findings/{finding}", {})],
        "list_weighings": [
            Question(f"{V1}/weighings", {**period, **one}) for one in ({"operator": operator}, {"vehicle": plate}, {})
        ],
        "list_reviews": [
            Question(f"{V1}/reviews", {**period, **one})
            for one in ({"operator": operator}, {"vehicle": plate}, {"kind": "wait"}, {"station": "KT12"})
        ],
        "view_weighings": [
            Question(f"{V1}/weighings/by/{by}", {**period, **one})
            for by in ("station", "hour", "day", "operator", "cargo")
            for one in ({"operator": operator}, {})
        ],
        "list_instruments": [Question(f"{V1}/instruments", {})],
        "list_origins": [Question(f"{V1}/origins", {**period, **one}) for one in ({"operator": operator}, {})],
        "list_positions": [
            Question(f"{V1}/positions", {"window_s": "100000", **one})
            for one in ({"operator": operator}, {"vehicle": plate}, {})
        ],
        "list_near": [Question(f"{V1}/positions/near", {"lon": "105.5", "lat": "21.25", "at": str(NOON)})],
        "get_quality": [Question(f"{V1}/quality", {"month": MONTH, "operator": operator})],
        "search": [Question(f"{V1}/search", {"q": one}) for one in (plate, plate[-5:], licence, operator)],
        "list_cases": [Question(f"{V1}/cases", {}), Question(f"{V1}/cases", {"operator": operator})],
        "get_case": [Question(f"{V1}/cases/{finding}", {})],
        "take_step": [Question(f"{V1}/cases/{finding}/steps", {}, {"step": "note", "note": "seen"})],
        "list_documents": [Question(f"{V1}/cases/{finding}/documents", {})],
        "get_document": [Question(f"{V1}/cases/{finding}/documents/{DOCUMENTS[operator]}", {})],
        "attach_document": [Question(f"{V1}/cases/{finding}/documents", {}, file=paper())],
        "get_evidence": [Question(f"{V1}/findings/{finding}/evidence", {})],
        "list_lists": [Question(f"{V1}/lists", {})],
        "get_list": [Question(f"{V1}/lists/{WEEK}/0", {})],
        "get_list_file": [Question(f"{V1}/lists/{WEEK}/0/files/list.csv", {})],
        "me": [Question(f"{V1}/me", {})],
        "list_law": [Question(f"{V1}/law", {"prefix": "speed"})],
        "get_parameter": [Question(f"{V1}/law/speed.outside", {})],
        "openapi": [Question(f"{V1}/openapi.json", {})],
        "health": [Question("/health", {})],
        "ready": [Question("/ready", {})],
        "metrics": [Question("/metrics", {})],
        "static": [Question("/static/desk.css", {})],
    }


def paper() -> bytes:
    """A PDF that no case has yet."""
    return f"%PDF-1.4\n% {next(_PAPERS)}\n%%EOF\n".encode()


def route_names(app: FastAPI) -> set[str]:
    return {str(context.name) for context in iter_route_contexts(app.routes)}
