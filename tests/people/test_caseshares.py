"""Statistics of cases: by rule and model of recorder, the lapsed apart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg.types.json import Jsonb

from journey.model import Finding
from storage.cases.shares import CaseShare, by_rule, case_shares
from storage.database import connect
from tests.people.samples import NOW
from tests.people.test_cases import Desk, make_desk
from tests.storage.samples import finding

DAY = 86_400


def plate(number: int) -> Finding:
    return finding(vehicle=f"29B{number:05d}", driver=f"79{number:010d}")


@pytest.fixture
def desk(emptied: str) -> Iterator[Desk]:
    with connect(emptied) as connection:
        yield make_desk(connection)


def test_shares_by_rule_and_model(desk: Desk) -> None:
    desk.findings(*(plate(number) for number in range(6)))
    desk.connection.execute("INSERT INTO batch (connection) VALUES ('north')")
    for number, model in ((0, "OLD"), (0, "TK-1"), (1, "TK-1"), (2, "TK-1"), (3, " ")):
        desk.connection.execute(
            "INSERT INTO notice (kind, subject, body, source, batch_id) VALUES ('vehicle', %s, %s, 'north', 1)",
            (plate(number).vehicle, Jsonb({"deviceModel": model})),
        )
    for number in range(6):
        desk.step(desk.lan, "open", one=plate(number))
    for number in range(4):
        desk.step(desk.lan, "send", one=plate(number))
    for number in (0, 1):
        desk.step(desk.own, "dispute", one=plate(number))
    desk.step(desk.minh, "overturn", one=plate(0))
    desk.step(desk.minh, "uphold", one=plate(1))
    desk.step(desk.own, "accept", one=plate(2))
    desk.step(desk.lan, "confirm", one=plate(3), now=NOW + 12 * DAY)
    desk.step(desk.lan, "dismiss", one=plate(4))
    desk.findings(*(plate(number) for number in range(5)))
    desk.step(desk.lan, "lapse", one=plate(5))
    shares = case_shares(desk.connection, NOW, NOW + 1)
    assert shares == [
        CaseShare("speeding", "TK-1", 0, 1, 0, 1, 1, 0, 0),
        CaseShare("speeding", None, 0, 0, 1, 0, 0, 1, 1),
    ]
    assert [one.overturned_share for one in shares] == [1 / 3, 1 / 2]
    assert by_rule(shares) == [CaseShare("speeding", None, 0, 1, 1, 1, 1, 1, 1)]
    assert case_shares(desk.connection, NOW + 1, NOW + 2) == []


def test_where_nobody_has_ended_a_case_there_is_no_share(desk: Desk) -> None:
    desk.step(desk.lan, "open")
    (share,) = case_shares(desk.connection, 0, NOW + 1)
    assert (share.open, share.judged, share.overturned_share) == (1, 0, None)
