"""Who may see what, by every route that there is: a route that nobody thought of here fails these tests."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from api.access import NEEDS, OFFICE, require_declared
from api.app import make_app
from storage.database import Connection
from storage.people.tokens import issue_token
from tests.api.filled import LICENCES, NOW, PLATES, SOLD, first_finding, token_of
from tests.api.running import parts
from tests.api.walking import V1, Question, questions, route_names
from tests.people.samples import person

Of = Callable[..., httpx.Client]
OTHERS = {"one": ("OP1", "OP2"), "two": ("OP2", "OP1")}  # login: its operator, the other one
_APP = make_app(parts("postgresql://nowhere/none", lambda: 0))
ROUTES = sorted(name for name in route_names(_APP) if not NEEDS[name].page)  # pages: test_pages.py


def asked(client: httpx.Client, question: Question) -> httpx.Response:
    return question.asked(client)


def test_every_route_has_its_question_and_its_need() -> None:
    assert set(questions("OP1", "0")) == set(ROUTES)
    assert route_names(_APP) == set(NEEDS)


@pytest.mark.parametrize("route", ROUTES)
def test_the_inspectorate_has_an_answer_by_every_route(route: str, client: Of, store: Connection) -> None:
    for question in questions("OP2", first_finding(store, "OP2"))[route]:
        assert asked(client(), question).status_code == 200, question


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("login", OTHERS)
def test_no_route_shows_an_operator_what_is_anothers(route: str, login: str, client: Of, store: Connection) -> None:
    """Neither the other's plate, licence, name nor finding is in any answer, in any form that there is."""
    _, other = OTHERS[login]
    finding = first_finding(store, other)
    secrets = {PLATES[other], LICENCES[other], finding, "Công ty Vận tải" if other == "OP1" else "Hợp tác xã"}
    for question in questions(other, finding)[route]:
        for form in ({}, {"format": "csv"}):
            answer = question.asked(client(login), **form)
            assert answer.status_code in (200, 403, 404), question
            # What was asked may stand in a problem; what is told may not.
            told = answer.text if answer.status_code == 200 else ""
            assert not {one for one in secrets if one in told}, (question, answer.text)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("login", OTHERS)
def test_an_operator_has_its_own_by_every_route_that_is_for_it(
    route: str, login: str, client: Of, store: Connection
) -> None:
    own, _ = OTHERS[login]
    for question in questions(own, first_finding(store, own))[route]:
        expected = 403 if NEEDS[route].scope and NEEDS[route].roles == OFFICE else 200
        assert asked(client(login), question).status_code == expected, question


def test_what_names_the_other_operator_is_not_there(client: Of, store: Connection) -> None:
    """Not forbidden but not there: so it does not tell that there is such a thing."""
    for route in ("get_operator", "list_vehicles", "get_vehicle", "get_track", "get_driver", "get_driver_week",
                  "get_finding", "get_quality", "get_case", "take_step", "list_documents", "get_document",
                  "attach_document", "get_evidence"):  # fmt: skip
        (question, *_) = questions("OP2", first_finding(store, "OP2"))[route]
        assert asked(client("one"), question).status_code == 404, route
    unknown = client("one").get(f"{V1}/vehicles/99Z99999")
    assert unknown.json() == client("one").get(f"{V1}/vehicles/{PLATES['OP2']}").json()


def test_a_vehicle_that_was_sold_is_the_owners_of_the_day(client: Of) -> None:
    """12C-333.33 was OP1's up to 3 October 2024."""
    for login, before, after in (("one", 200, 404), ("two", 404, 200)):
        for day, expected in (("2024-10-03", before), ("2024-10-04", after)):
            assert client(login).get(f"{V1}/vehicles/{SOLD}/tracks/{day}").status_code == expected
            assert client(login).get(f"{V1}/vehicles/{SOLD}", params={"on": day}).status_code == expected
    week = client("one").get(f"{V1}/drivers/{LICENCES['OP1']}/weeks/2024-W40").json()
    assert {one["plate"] for one in week["activities"]} == {PLATES["OP1"], SOLD}
    assert len(week["activities"]) == 3  # those of the day on which it was sold are left out
    assert week["complete"] is False
    # Its last position lies on a day on which it was the other's; before that day it had been OP1's.
    early = {"window_s": "100000", "at": str(NOW - 86_400)}
    assert {one["plate"] for one in client("one").get(f"{V1}/positions", params=early).json()["items"]} == {SOLD}
    assert client("two").get(f"{V1}/positions", params=early).json()["items"] == []


def test_a_finding_of_two_vehicles_names_an_operator_its_own_alone(client: Of) -> None:
    for login, expected in ((None, {"vehicles": [PLATES["OP1"], PLATES["OP2"]]}),
                            ("one", {"vehicles": [PLATES["OP1"]], "others": 1})):  # fmt: skip
        found = client(login or "inspector").get(
            f"{V1}/findings", params={"rule": "double_login", "from": "2024-10-01"}
        )
        assert [one["finding"]["detail"] for one in found.json()["items"]] == [expected]


def test_the_trailer_of_another_is_not_named(client: Of) -> None:
    def trailers(login: str) -> set[str | None]:
        return {one["trailer"] for one in client(login).get(f"{V1}/weighings").json()["items"]}

    assert trailers("one") == {None}
    assert trailers("two") == {"29R00001", None}


def test_names_of_drivers_are_for_whom_they_are_for(client: Of) -> None:
    """There is a case; an operator knows whom it employs (tests/api/test_role.py: there is none)."""
    known = "Nguyễn Văn Một"
    for login, name in (("inspector", known), ("reader", None), ("supervisor", known), ("one", known)):
        assert client(login).get(f"{V1}/drivers/{LICENCES['OP1']}").json()["name"] == name
        assert client(login).get(f"{V1}/search", params={"q": LICENCES["OP1"]}).json()["drivers"][0]["name"] == name
        assert client(login).get(f"{V1}/drivers").json()["items"][0]["name"] == name
        table = client(login).get(f"{V1}/drivers", params={"format": "csv"}).text
        assert (known in table) == (name is not None)


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_gets_in_without_a_token(route: str, base: str, client: Of, store: Connection) -> None:
    (question, *_) = questions("OP1", first_finding(store, "OP1"))[route]
    expected = 200 if NEEDS[route].scope is None else 401
    assert asked(client(None), question).status_code == expected
    for headers in ({"Authorization": "Bearer ht_wrong"}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"},
                    {"Cookie": "hanhtrinh_session=wrong"}):  # fmt: skip
        with httpx.Client(base_url=base, headers=headers) as other:
            answer = asked(other, question)
        assert answer.status_code == expected
        if expected == 401:
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_does_no_more_than_its_scopes(base: str, store: Connection) -> None:
    somebody = person(store, "narrow", "inspector")
    only_export = issue_token(store, somebody, ("export",), "x", NOW, 9)[1]
    only_read = issue_token(store, somebody, ("read",), "x", NOW, 9)[1]
    expired = issue_token(store, somebody, ("read",), "x", NOW - 10 * 86_400, 9)[1]
    store.commit()

    def status(secret: str, **query: str) -> int:
        headers = {"Authorization": f"Bearer {secret}"}
        return httpx.get(f"{base}{V1}/operators", params=query, headers=headers).status_code

    assert status(only_read) == 200
    assert status(only_read, format="csv") == status(only_read, format="xlsx") == 403
    assert status(only_export) == 403
    assert status(expired) == 401


def test_a_disabled_account_is_out_at_once(base: str, store: Connection) -> None:
    secret = token_of(store, "gone", "inspector", None)
    store.commit()
    headers = {"Authorization": f"Bearer {secret}"}
    assert httpx.get(f"{base}{V1}/me", headers=headers).status_code == 200
    store.execute("UPDATE person SET disabled_at = now() WHERE login = 'gone'")
    store.commit()
    assert httpx.get(f"{base}{V1}/me", headers=headers).status_code == 401


def test_an_app_with_a_route_that_says_no_need_is_refused() -> None:
    app, router = FastAPI(openapi_url=None, docs_url=None, redoc_url=None), APIRouter()

    @router.get("/forgotten", name="forgotten")
    def forgotten() -> None:
        """A route of tomorrow."""

    app.include_router(router, prefix=V1)
    with pytest.raises(LookupError, match="route forgotten: say what it needs"):
        require_declared(app)
    with pytest.raises(LookupError, match="no route of FastAPI"):
        require_declared(FastAPI())  # its pages of documentation are served without a check
