"""Who sees what at the desk, by every page that there is: a page that nobody thought of here fails these tests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from api.access import NEEDS, OFFICE
from storage.audit.log import entries
from storage.database import Connection, transaction
from tests.api.desk import APART, browser, log_in, page_questions
from tests.api.filled import LICENCES, PLATES, first_finding

At = Callable[..., httpx.Client]
OTHERS = {"one": ("OP1", "OP2"), "two": ("OP2", "OP1")}
PAGES = sorted(page_questions("OP1", "0"))


@pytest.fixture(scope="module")
def at_desk(base: str) -> Iterator[At]:
    made: dict[str, httpx.Client] = {}

    def of(login: str = "inspector") -> httpx.Client:
        if login not in made:
            made[login] = browser(base)
            made[login].follow_redirects = True
            assert log_in(made[login], login).url.path == "/"
        return made[login]

    yield of
    for one in made.values():
        one.close()


def test_every_page_has_its_question() -> None:
    assert set(PAGES) | APART == {name for name, need in NEEDS.items() if need.page}


@pytest.mark.parametrize("page", PAGES)
def test_the_inspectorate_has_an_answer_on_every_page(page: str, at_desk: At, store: Connection) -> None:
    for question in page_questions("OP2", first_finding(store, "OP2"))[page]:
        answer = question.asked(at_desk())
        assert answer.status_code == 200, (question, answer.text)
        if answer.headers["content-type"].startswith("text/html") and page != "search_typed":  # that is a part
            assert '<html lang="vi">' in answer.text
            assert "script-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("login", OTHERS)
def test_no_page_shows_an_operator_what_is_anothers(page: str, login: str, at_desk: At, store: Connection) -> None:
    _, other = OTHERS[login]
    finding = first_finding(store, other)
    secrets = {PLATES[other], LICENCES[other], finding, "Công ty Vận tải" if other == "OP1" else "Hợp tác xã"}
    for question in page_questions(other, finding)[page]:
        answer = question.asked(at_desk(login))
        assert answer.status_code in (200, 403, 404), question
        told = re.sub(r'/(language|reason)[^"]*next=[^"]*', "", answer.text) if answer.status_code == 200 else ""
        for asked in (question.query or {}).values():  # what he typed himself stands in the fields again
            told = told.replace(f'value="{asked}"', "").replace(f"“{asked}”", "")
        assert not {one for one in secrets if one in told}, question


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("login", OTHERS)
def test_an_operator_has_its_own_on_every_page_that_is_for_it(
    page: str, login: str, at_desk: At, store: Connection
) -> None:
    own, _ = OTHERS[login]
    for question in page_questions(own, first_finding(store, own))[page]:
        expected = 403 if NEEDS[page].roles == OFFICE else 200
        assert question.asked(at_desk(login)).status_code == expected, question


@pytest.mark.parametrize("page", [page for page in PAGES if NEEDS[page].scope is not None])
def test_nobody_gets_in_without_a_session(page: str, base: str, secrets: dict[str, str], store: Connection) -> None:
    """Nor by a token of the API: pages are for people."""
    question = page_questions("OP1", first_finding(store, "OP1"))[page][0]
    for headers in ({}, {"Cookie": "hanhtrinh_session=wrong"}, {"Authorization": f"Bearer {secrets['inspector']}"}):
        with httpx.Client(base_url=base, headers={"Accept": "text/html", **headers}) as client:
            if question.form is None:
                answer = client.get(question.path, params=question.query)
            else:
                answer = question.sent(client, None)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login")


def test_a_drivers_name_is_hidden_until_there_is_a_case(at_desk: At, store: Connection) -> None:
    """A case of each driver has been sent; administrators and readers see no name all the same."""
    for login, shown in (("inspector", True), ("supervisor", True), ("one", True), ("reader", False)):
        licence = LICENCES["OP1"]
        for path in (f"/drivers/{licence}", f"/findings/{first_finding(store, 'OP1')}", f"/search?q={licence}"):
            assert ("Nguyễn Văn Một" in at_desk(login).get(path).text) == shown, (login, path)


def test_a_record_with_vehicles_of_another_is_not_for_an_operator(at_desk: At, store: Connection) -> None:
    row = store.execute("SELECT id FROM finding WHERE rule = 'double_login' AND withdrawn_at IS NULL").fetchone()
    assert row is not None
    page = at_desk("one").get(f"/findings/{row[0]}")
    assert page.status_code == 200
    assert PLATES["OP2"] not in page.text
    assert PLATES["OP2"] in at_desk().get(f"/findings/{row[0]}").text


@pytest.mark.parametrize("page", [page for page in PAGES if NEEDS[page].scope is not None])
def test_what_is_looked_up_on_each_page_is_on_record(page: str, at_desk: At, store: Connection) -> None:
    finding = first_finding(store, "OP1")
    vehicle, driver = ("look_up_vehicle", PLATES["OP1"]), ("look_up_driver", LICENCES["OP1"])
    operator, of_finding = ("look_up_operator", "OP1"), ("look_up_finding", finding)
    expected = {
        "search_page": {("search", one) for one in ("12C", PLATES["OP1"][-5:], LICENCES["OP1"], "OP1")},
        "search_typed": {("search", one) for one in (PLATES["OP1"][-5:], PLATES["OP1"], LICENCES["OP1"], "OP1")},
        "operator_page": {operator}, "vehicle_page": {vehicle}, "weighing_page": {vehicle}, "driver_page": {driver},
        "findings_page": {operator, vehicle, driver}, "reviews_page": {operator, vehicle},
        "stations_page": {operator}, "origins_page": {operator}, "finding_page": {of_finding},
        "finding_record": {of_finding},
        "finding_evidence": {of_finding, ("evidence", finding)}, "case_page": {of_finding},
        "case_step": {("case", finding), of_finding}, "case_attach": {("case", finding), of_finding},
        "case_document": {of_finding, ("export", finding)},
    }  # fmt: skip
    client = at_desk()
    store.rollback()
    with transaction(store):
        before = max((one.number for one in entries(store, 1)), default=0)
    for question in page_questions("OP1", finding)[page]:
        assert question.asked(client).status_code == 200
    with transaction(store):
        written = [one for one in entries(store, 100) if one.number > before]
    assert {(one.what, one.subject) for one in written} == expected.get(page, set())
    assert {one.reason for one in written if one.what != "case"} <= {"test"}


def test_there_is_a_page_of_every_finding(at_desk: At, store: Connection) -> None:
    """Of each rule and with each set of details, in both languages."""
    query = "SELECT DISTINCT ON (rule, grade) id FROM finding WHERE withdrawn_at IS NULL AND operator IS NOT NULL"
    ids = [id_ for (id_,) in store.execute(query)]
    assert len(ids) >= 3
    for id_ in ids:
        for language in ("en", "vi"):
            at_desk().get(f"/language/{language}")
            assert at_desk().get(f"/findings/{id_}").status_code == 200
