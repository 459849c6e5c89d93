"""People at the desk: clients with a session, and every page with a question that has an answer."""

from __future__ import annotations

import re
from typing import NamedTuple

import httpx

from tests.api.filled import DATE, DOCUMENTS, LICENCES, MONTH, NOON, PLATES, WEEK
from tests.api.walking import paper
from tests.people.samples import PASSWORD

HTML = {"Accept": "text/html"}
_WORD = re.compile(r'name="csrf" value="([^"]+)"')


class PageQuestion(NamedTuple):
    path: str
    query: dict[str, str] | None = None
    form: dict[str, str] | None = None  # of a POST
    file: bytes | None = None  # of a POST with a document

    def asked(self, client: httpx.Client) -> httpx.Response:
        if self.form is None:
            return client.get(self.path, params=self.query)
        return self.sent(client, csrf_of(client))

    def sent(self, client: httpx.Client, word: str | None) -> httpx.Response:
        """Its form with a CSRF token, or without one."""
        form = {**(self.form or {}), **({} if word is None else {"csrf": word})}
        files = None if self.file is None else {"document": ("paper.pdf", self.file)}
        return client.post(self.path, data=form, files=files)


def browser(base: str) -> httpx.Client:
    """A browser in which nobody has logged in; it says a reason for what it looks at."""
    return httpx.Client(base_url=base, headers=HTML, timeout=30, cookies={"hanhtrinh_reason": "test"})


def log_in(client: httpx.Client, login: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    """Send the form of the log-in page."""
    word = _WORD.search(client.get("/login").text)
    assert word is not None
    return client.post("/login", data={"csrf": word[1], "login": login, "password": password, **more})


def csrf_of(client: httpx.Client) -> str:
    """The CSRF token of a client's session, as it stands in every form."""
    word = _WORD.search(client.get("/password").text)
    assert word is not None
    return word[1]


def page_questions(operator: str, finding: str) -> dict[str, list[PageQuestion]]:
    """By the name of the page: what asks for an operator's own things. Nothing of it ends a session."""
    plate, licence, day = PLATES[operator], LICENCES[operator], DATE.isoformat()
    period = {"from": day, "to": day}
    return {
        "login_page": [PageQuestion("/login")],
        "language": [PageQuestion("/language/vi")],
        "password_page": [PageQuestion("/password")],
        "reason_page": [PageQuestion("/reason")],
        "overview_page": [PageQuestion("/"), PageQuestion("/", {"week": WEEK})],
        "search_page": [PageQuestion("/search", {"q": one}) for one in ("12C", plate[-5:], licence, operator)],
        "search_typed": [PageQuestion("/search/typed", {"q": one}) for one in ("12", plate[-5:], licence, operator)],
        "operators_page": [PageQuestion("/operators")],
        "operator_page": [PageQuestion(f"/operators/{operator}"),
                          PageQuestion(f"/operators/{operator}", {"month": MONTH})],
        "vehicle_page": [PageQuestion(f"/vehicles/{plate}"), PageQuestion(f"/vehicles/{plate}", {"day": day})],
        "driver_page": [PageQuestion(f"/drivers/{licence}", {"week": WEEK})],
        "findings_page": [
            PageQuestion("/findings", {**period, **one})
            for one in ({"operator": operator}, {"vehicle": plate}, {"driver": licence}, {"rule": "speeding"}, {},
                        {"near": "21.25, 105.5", "radius_m": "50000"}, {"road": "QL1A-10"})
        ],
        "finding_page": [PageQuestion(f"/findings/{finding}")],
        "finding_record": [PageQuestion(f"/findings/{finding}/record")],
        "finding_evidence": [PageQuestion(f"/findings/{finding}/evidence")],
        "weighing_page": [PageQuestion(f"/vehicles/{plate}/weighings/{NOON + 60}")],
        "reviews_page": [
            PageQuestion("/reviews", {**period, **one})
            for one in ({}, {"operator": operator}, {"vehicle": plate}, {"kind": "detour"}, {"station": "KT12"},
                        {"excused": "1"})
        ],
        "map_roads": [PageQuestion("/map/roads", {"west": "105", "south": "21", "east": "106", "north": "22"})],
        "stations_page": [PageQuestion("/stations", {"from": day, "to": day}),
                          PageQuestion("/stations", {"from": day, "to": day, "operator": operator})],
        "origins_page": [PageQuestion("/origins", {"from": day, "to": day}),
                         PageQuestion("/origins", {"from": day, "to": day, "operator": operator})],
        "lists_page": [PageQuestion("/lists")],
        "list_page": [PageQuestion(f"/lists/{WEEK}/0")],
        "cases_page": [PageQuestion("/cases"), PageQuestion("/cases", {"state": "all"})],
        "case_page": [PageQuestion(f"/cases/{finding}")],
        "case_step": [PageQuestion(f"/cases/{finding}/steps", form={"step": "note", "note": "seen"})],
        "case_document": [PageQuestion(f"/cases/{finding}/documents/{DOCUMENTS[operator]}")],
        "case_attach": [PageQuestion(f"/cases/{finding}/documents", form={}, file=paper())],
        "set_reason": [PageQuestion("/reason", form={"reason": "test"})],
    }  # fmt: skip


# What these do to a session, or need, has tests of its own.
APART = {"log_in", "log_out", "change_password", "oidc_begin", "oidc_return"}
