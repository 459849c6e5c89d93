"""The API works under its role of least privilege: every route, and no more than it needs."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from journey.casework import Step
from storage.audit.log import By
from storage.cases.steps import take_step
from storage.database import Connection, connect, transaction
from storage.people.accounts import Person
from storage.roles import apply_roles
from tests.api.desk import browser, log_in, page_questions
from tests.api.filled import LICENCES, NOW, fill, first_finding, open_cases, token_of
from tests.api.running import running
from tests.api.walking import V1, questions
from tests.people.samples import person

USER = "hanhtrinh_test_serve"


@pytest.fixture
def store(database: str) -> Iterator[Connection]:
    with connect(database) as connection:
        fill(connection, cases=False)
        apply_roles(connection)
        with transaction(connection):
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN IN ROLE hanhtrinh_api").format(sql.Identifier(USER)))
        yield connection
        connection.rollback()
        with transaction(connection):
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(USER)))


@pytest.fixture
def base(database: str, store: Connection) -> Iterator[str]:
    with running(make_conninfo(database, user=USER), lambda: NOW) as url:
        yield url


@pytest.mark.native_server
def test_every_route_answers_under_the_role_of_the_api(base: str, store: Connection, database: str) -> None:
    open_cases(store)
    headers = {"Authorization": f"Bearer {token_of(store, 'lan', 'inspector', None)}"}
    store.commit()
    for route, some in questions("OP1", first_finding(store, "OP1")).items():
        for question in some:
            with httpx.Client(base_url=base, headers=headers) as client:
                answer = question.asked(client)
            assert answer.status_code == 200, (route, answer.text)
    with (
        psycopg.connect(make_conninfo(database, user=USER)) as under,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        under.execute("UPDATE finding SET grade = 'certain'")


@pytest.mark.native_server
def test_every_page_answers_under_the_role_of_the_api(base: str, store: Connection) -> None:
    open_cases(store)
    person(store, "lan", "inspector")
    store.commit()
    with browser(base) as client:
        client.follow_redirects = True
        log_in(client, "lan")
        for page, some in page_questions("OP1", first_finding(store, "OP1")).items():
            for question in some:
                answer = question.asked(client)
                assert answer.status_code == 200, (page, answer.text)


@pytest.mark.native_server
def test_a_driver_has_a_name_once_there_is_a_case(base: str, store: Connection) -> None:
    someone: Person = person(store, "minh", "inspector")
    secrets = {login: token_of(store, login, role, operator) for login, role, operator in
               (("lan", "inspector", None), ("reader", "reader", None), ("one", "operator", "OP1"))}  # fmt: skip
    store.commit()
    finding = first_finding(store, "OP1")
    store.commit()

    def seen(login: str) -> tuple[object, object]:
        headers = {"Authorization": f"Bearer {secrets[login]}"}
        found = httpx.get(f"{base}{V1}/findings/{finding}", headers=headers).json()
        return found["driver_name"], found["case"]

    assert seen("lan") == (None, None)
    with transaction(store):
        take_step(store, By(someone, "test"), finding, Step.OPEN, None, NOW)
    assert seen("lan") == ("Nguyễn Văn Một", "suspected")
    assert seen("reader")[0] is None
    assert seen("one") == ("Nguyễn Văn Một", None)  # whom it employs; of the case it does not know yet
    path = f"{base}{V1}/drivers/{LICENCES['OP1']}"
    answer = httpx.get(path, headers={"Authorization": f"Bearer {secrets['lan']}"})
    assert answer.json()["name"] == "Nguyễn Văn Một"
