"""What somebody looks up is on record before he sees it: who, what, when, from where, by which request, and why."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from api.access import NEEDS
from storage.audit.log import Entry, entries
from storage.database import Connection, transaction
from tests.api.filled import LICENCES, PLATES, first_finding
from tests.api.walking import V1, questions

Of = Callable[..., httpx.Client]


@pytest.fixture
def written(store: Connection) -> Callable[[], list[Entry]]:
    """What has been written since the test began, in order."""
    with transaction(store):
        before = [one.number for one in entries(store, 1)]

    def since() -> list[Entry]:
        with transaction(store):
            every = entries(store, 1000)
        return [one for one in reversed(every) if not before or one.number > before[0]]

    return since


LOOKED_UP = {
    "get_operator": [("look_up_operator", "OP1")],
    "list_vehicles": [("look_up_operator", "OP1")],
    "get_vehicle": [("look_up_vehicle", PLATES["OP1"])],
    "get_track": [("look_up_vehicle", PLATES["OP1"])],
    "list_drivers": [("look_up_operator", "OP1")],
    "get_driver": [("look_up_driver", LICENCES["OP1"])],
    "get_driver_week": [("look_up_driver", LICENCES["OP1"])],
    "list_findings": [("look_up_operator", "OP1"), ("look_up_vehicle", PLATES["OP1"]),
                      ("look_up_driver", LICENCES["OP1"])],
    "list_weighings": [("look_up_operator", "OP1"), ("look_up_vehicle", PLATES["OP1"])],
    "view_weighings": [("look_up_operator", "OP1")] * 5,
    "list_origins": [("look_up_operator", "OP1")],
    "list_reviews": [("look_up_operator", "OP1"), ("look_up_vehicle", PLATES["OP1"])],
    "list_positions": [("look_up_operator", "OP1"), ("look_up_vehicle", PLATES["OP1"])],
    "list_cases": [("look_up_operator", "OP1")],
    "get_list_file": [("export", "list.csv")],
    "search": [("search", PLATES["OP1"]), ("search", PLATES["OP1"][-5:]), ("search", LICENCES["OP1"]),
               ("search", "OP1")],
}  # fmt: skip


@pytest.mark.parametrize("route", sorted(name for name in NEEDS if not NEEDS[name].page))
def test_what_is_looked_up_by_each_route_is_on_record(
    route: str, client: Of, store: Connection, written: Callable[[], list[Entry]]
) -> None:
    with transaction(store):
        finding = first_finding(store, "OP1")
    of_finding = [("look_up_finding", finding)]
    beside = {"take_step": "case", "attach_document": "case", "get_document": "export", "get_evidence": "evidence"}
    alone = {"get_finding", "get_case", "list_documents"}
    if route in beside or route in alone:
        expected = of_finding + ([(beside[route], finding)] if route in beside else [])
    else:
        expected = LOOKED_UP.get(route, [])
    for question in questions("OP1", finding)[route]:
        assert question.asked(client()).status_code == 200
    assert [(one.what, one.subject) for one in written()] == expected


def test_an_entry_says_who_from_where_and_why(client: Of, written: Callable[[], list[Entry]]) -> None:
    headers = {"X-Reason": "Khi%E1%BA%BFu%20n%E1%BA%A1i%2012/2024"}
    answer = client().get(f"{V1}/vehicles/12c-111.11", headers=headers)
    (entry,) = written()
    assert (entry.login, entry.via, entry.subject) == ("inspector", "token", PLATES["OP1"])
    assert (entry.reason, entry.address, entry.detail) == ("Khiếu nại 12/2024", "127.0.0.1", "get_vehicle")
    assert entry.request == answer.headers["X-Request-Id"]


def test_what_was_refused_or_not_found_is_on_record_where_it_was_looked_up(
    client: Of, written: Callable[[], list[Entry]]
) -> None:
    assert client("one").get(f"{V1}/vehicles/{PLATES['OP2']}").status_code == 404
    assert client("one").get(f"{V1}/positions/near", params={"lon": "1", "lat": "1"}).status_code == 403
    assert client(None).get(f"{V1}/vehicles/{PLATES['OP2']}").status_code == 401
    assert [(one.login, one.subject) for one in written()] == [("one", PLATES["OP2"])]


def test_a_file_is_on_record_with_what_it_was_asked_by(client: Of, written: Callable[[], list[Entry]]) -> None:
    query = {"vehicle": PLATES["OP1"], "format": "csv", "from": "2024-10-01"}
    assert client().get(f"{V1}/weighings", params=query).status_code == 200
    looked_up, exported = written()
    assert (looked_up.what, looked_up.subject) == ("look_up_vehicle", PLATES["OP1"])
    assert (exported.what, exported.subject) == ("export", "list_weighings")
    assert exported.detail == f"vehicle={PLATES['OP1']}&format=csv&from=2024-10-01"


def test_many_plates_are_each_on_record_and_too_many_refused(client: Of, written: Callable[[], list[Entry]]) -> None:
    plates = [f"12C{number:05d}" for number in range(51)]
    assert client().get(f"{V1}/positions", params={"vehicle": plates[:50]}).status_code == 200
    assert [one.subject for one in written()] == plates[:50]
    assert client().get(f"{V1}/positions", params={"vehicle": plates}).status_code == 422
    assert len(written()) == 50


def test_whose_entry_cannot_be_written_sees_nothing(client: Of, store: Connection) -> None:
    store.execute("ALTER TABLE audit ADD CONSTRAINT full_up CHECK (subject <> '12C11111') NOT VALID")
    store.commit()
    try:
        answer = client().get(f"{V1}/vehicles/{PLATES['OP1']}")
        assert answer.status_code == 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["X-Request-Id"] in answer.text
        assert "full_up" not in answer.text
    finally:
        store.execute("ALTER TABLE audit DROP CONSTRAINT full_up")
        store.commit()
    assert client().get(f"{V1}/vehicles/{PLATES['OP1']}").status_code == 200
