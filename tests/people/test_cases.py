"""Cases in the store: steps are kept, operators see their own, and nothing is decided or listed that does not stand."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey.casework import MOVES, Outcome, Standing, State, Step, Terms
from journey.model import Finding, Grade
from storage.audit.chain import verify
from storage.audit.log import By, entries
from storage.cases.reading import ListRule, case_of, cases, publishable, steps_of
from storage.cases.steps import NOTE_MAX, StepRefused, take_step
from storage.database import Connection, connect, scalar, transaction
from storage.findings import Scope, replace_findings
from storage.people.accounts import Person
from storage.people.disclosure import name_visible, names_visible
from tests.people.samples import NOW, person, registry
from tests.storage.samples import finding, new_run

ALL = Scope(("speeding", "continuous_driving"), None, None, 0, 2**33)
DAY = 86_400
ONE = finding()
OTHERS = finding(vehicle="29B00001", driver="790000000002", operator="OP2")
POSSIBLE = finding(vehicle="29B00002", driver="790000000003", grade=Grade.POSSIBLE)


class Desk(NamedTuple):
    connection: Connection
    lan: Person  # inspector
    minh: Person  # supervisor
    own: Person  # of OP1
    other: Person  # of OP2
    reader: Person

    def step(self, who: Person, step: str, note: str | None = "because", now: int = NOW, one: Finding = ONE) -> State:
        by = By(who, "198.51.100.1", "req-1")
        return take_step(self.connection, by, one.id, Step(step), note, now, Terms(10, 30)).state

    def refused(self, who: Person, step: str, said: str, **fields: object) -> None:
        with pytest.raises(StepRefused, match=said):
            self.step(who, step, **fields)  # type: ignore[arg-type]

    def findings(self, *now: Finding) -> None:
        """What late data leave of the findings."""
        self.connection.commit()
        replace_findings(self.connection, "run-1", (ALL,), now, "new data")
        self.connection.commit()

    def standing(self, one: Finding = ONE) -> Standing:
        case = case_of(self.connection, one.id, self.lan)
        assert case is not None
        return case.standing

    def listed(self, rule: ListRule = ListRule.UNDISPUTED, now: int = NOW) -> set[str]:
        return publishable(self.connection, [ONE.id, OTHERS.id, POSSIBLE.id, "0" * 32, "\0"], now, rule)


@pytest.fixture
def desk(emptied: str) -> Iterator[Desk]:
    with connect(emptied) as connection:
        yield make_desk(connection)


def make_desk(connection: Connection) -> Desk:
    registry(connection)
    new_run(connection)
    people = (("lan", "inspector", None), ("minh", "supervisor", None), ("own", "operator", "OP1"),
              ("other", "operator", "OP2"), ("reader", "reader", None))  # fmt: skip
    desk = Desk(connection, *(person(connection, *one) for one in people))
    desk.findings(ONE, OTHERS, POSSIBLE)
    return desk


def test_a_dispute_from_the_finding_to_its_decision(desk: Desk) -> None:
    assert desk.step(desk.lan, "open", None) == State.SUSPECTED
    assert desk.step(desk.lan, "send", now=NOW + 1) == State.SENT
    sent = case_of(desk.connection, ONE.id, desk.own)
    assert sent is not None
    assert sent.due is not None
    assert NOW + 10 * DAY < sent.due <= NOW + 11 * DAY
    assert (sent.vehicle, sent.driver, sent.operator, sent.sent_at) == (ONE.vehicle, ONE.driver, "OP1", NOW + 1)
    assert desk.step(desk.own, "dispute", "  the recorder was broken\0 ", now=NOW + 2) == State.DISPUTED
    assert desk.step(desk.minh, "overturn", "it was", now=NOW + 3) == State.DECIDED
    case = case_of(desk.connection, ONE.id, desk.lan)
    assert case is not None
    assert (case.outcome, case.due, case.standing) == (Outcome.OVERTURNED, None, Standing.STANDS)
    steps = steps_of(desk.connection, ONE.id, desk.lan)
    assert [(one.step, one.login, one.from_state, one.to_state, one.note, one.at) for one in steps] == [
        ("open", "lan", None, "suspected", None, NOW),
        ("send", "lan", "suspected", "sent_to_operator", "because", NOW + 1),
        ("dispute", "own", "sent_to_operator", "disputed", "the recorder was broken\ufffd", NOW + 2),
        ("overturn", "minh", "disputed", "decided", "it was", NOW + 3),
    ]
    log = [(one.login, one.what, one.subject, one.detail, one.request) for one in entries(desk.connection, 9)]
    assert log[0] == ("minh", "case", ONE.id, "overturn: disputed -> decided", "req-1")
    assert len(log) == 4
    assert verify(desk.connection).fault is None


def test_what_is_refused_leaves_nothing_behind(desk: Desk) -> None:
    desk.refused(desk.lan, "send", "no case is open")
    desk.refused(desk.own, "open", "not one of the role operator")
    desk.refused(desk.lan, "open", "no such finding", one=finding(vehicle="99A00001"))
    desk.refused(desk.lan, "open", "at most", note="x" * (NOTE_MAX + 1))
    desk.refused(desk.lan, "attach", "as a file")
    with pytest.raises(StepRefused, match="by a person"):
        take_step(desk.connection, By(None, ""), ONE.id, Step.OPEN, None, NOW)
    with pytest.raises(StepRefused):
        take_step(desk.connection, By(desk.lan, ""), "' OR 1=1 --\0", Step.OPEN, None, NOW)
    desk.step(desk.lan, "open")
    desk.refused(desk.lan, "open", "the case is suspected")
    assert scalar(desk.connection, "SELECT count(*) FROM case_step") == 1
    assert scalar(desk.connection, "SELECT count(*) FROM audit") == 1


def test_operators_see_their_own_and_what_is_meant_for_them(desk: Desk) -> None:
    for one in (ONE, OTHERS):
        desk.step(desk.lan, "open", "between us", one=one)
        desk.step(desk.lan, "note", "between us too", one=one)
    assert cases(desk.connection, desk.own, 10) == []
    assert case_of(desk.connection, ONE.id, desk.own) is None
    desk.refused(desk.own, "dispute", "no case is open")
    for one in (ONE, OTHERS):
        desk.step(desk.lan, "send", "please say", one=one)
    assert [case.finding for case in cases(desk.connection, desk.own, 10)] == [ONE.id]
    assert cases(desk.connection, desk.own, 10, operator="OP2") == []
    assert {case.finding for case in cases(desk.connection, desk.reader, 10)} == {ONE.id, OTHERS.id}
    assert steps_of(desk.connection, OTHERS.id, desk.own) == []
    desk.refused(desk.own, "dispute", "no case is open", one=OTHERS)
    desk.step(desk.own, "note", "a question")
    assert [step.note for step in steps_of(desk.connection, ONE.id, desk.own)] == ["please say", "a question"]
    assert len(steps_of(desk.connection, ONE.id, desk.lan)) == 4


def test_a_vehicle_that_turns_out_to_be_another_operators_takes_no_secrets_along(desk: Desk) -> None:
    desk.step(desk.lan, "open")
    desk.step(desk.lan, "send", "please say")
    desk.step(desk.own, "dispute", "our own matter")
    desk.findings(replace(ONE, operator="OP2"))
    desk.step(desk.lan, "renew", None)
    assert case_of(desk.connection, ONE.id, desk.own) is None
    assert case_of(desk.connection, ONE.id, desk.other) is None
    desk.step(desk.lan, "send", "now you")
    assert [step.note for step in steps_of(desk.connection, ONE.id, desk.other)] == [None, "now you"]
    assert len(steps_of(desk.connection, ONE.id, desk.lan)) == 5


def test_late_data_are_said_by_the_case_and_stop_its_decision(desk: Desk) -> None:
    desk.step(desk.lan, "open")
    desk.step(desk.lan, "send")
    desk.step(desk.own, "dispute")
    assert desk.standing() == Standing.STANDS
    changed = replace(ONE, measured=99.5)
    assert changed.id == ONE.id
    desk.findings(changed)
    assert desk.standing() == Standing.CHANGED
    desk.refused(desk.minh, "uphold", "states something else now; renew")
    desk.findings()
    assert desk.standing() == Standing.WITHDRAWN
    desk.refused(desk.minh, "uphold", "was withdrawn; let the case lapse")
    desk.refused(desk.lan, "renew", "was withdrawn")
    desk.findings(ONE)
    assert desk.standing() == Standing.STANDS
    desk.findings(changed)
    assert desk.step(desk.lan, "renew", None) == State.SUSPECTED
    assert desk.standing() == Standing.STANDS
    desk.findings()
    assert desk.step(desk.lan, "lapse", None) == State.DISMISSED
    case = case_of(desk.connection, ONE.id, desk.lan)
    assert case is not None
    assert case.outcome == Outcome.LAPSED
    desk.findings(changed)
    assert desk.step(desk.minh, "reopen") == State.SUSPECTED


def test_what_goes_on_a_list(desk: Desk) -> None:
    assert desk.listed() == {ONE.id, OTHERS.id}
    assert desk.listed(ListRule.HEARD) == set()
    desk.step(desk.lan, "open")
    assert desk.listed() == {OTHERS.id}
    desk.step(desk.lan, "send")
    assert desk.listed() == {OTHERS.id}
    case = case_of(desk.connection, ONE.id, desk.lan)
    assert case is not None
    assert case.due is not None
    assert desk.listed(ListRule.HEARD, case.due - 1) == set()
    assert desk.listed(ListRule.HEARD, case.due) == {ONE.id}
    desk.step(desk.own, "dispute", now=case.due)
    assert desk.listed(ListRule.HEARD, case.due + DAY * 99) == set()
    desk.step(desk.minh, "uphold")
    assert desk.listed(ListRule.HEARD) == {ONE.id}
    desk.findings(replace(ONE, measured=99.5), POSSIBLE)
    assert desk.listed() == set()
    desk.findings(ONE, POSSIBLE)
    assert desk.listed() == {ONE.id}
    desk.findings(POSSIBLE)
    assert desk.listed() == set()


@pytest.mark.parametrize(
    ("course", "listed"),
    [
        (["accept"], True),
        (["late", "confirm"], True),
        (["dispute", "uphold"], True),
        (["dispute", "overturn"], False),
        (["dismiss"], False),
    ],
)
def test_how_a_case_ended_decides_whether_it_is_listed(desk: Desk, course: list[str], listed: bool) -> None:
    whose = {"accept": desk.own, "dispute": desk.own, "uphold": desk.minh, "overturn": desk.minh}
    desk.step(desk.lan, "open", one=POSSIBLE)
    desk.step(desk.lan, "send", one=POSSIBLE)
    now = NOW
    for step in course:
        if step == "late":
            now += 12 * DAY
            assert desk.listed(now=now) == {ONE.id, OTHERS.id}  # a possible finding has to be confirmed by somebody
        else:
            desk.step(whose.get(step, desk.lan), step, now=now, one=POSSIBLE)
    assert (POSSIBLE.id in desk.listed(ListRule.HEARD, now)) == listed


def test_cases_are_found_by_state_operator_and_delay_page_by_page(desk: Desk) -> None:
    for place, one in enumerate((ONE, OTHERS, POSSIBLE)):
        desk.step(desk.lan, "open", now=NOW + place, one=one)
    desk.step(desk.lan, "send", now=NOW + 9)

    def found(**fields: object) -> list[str]:
        return [case.finding for case in cases(desk.connection, desk.lan, 10, **fields)]  # type: ignore[arg-type]

    assert found() == [OTHERS.id, POSSIBLE.id, ONE.id]
    assert found(states=[State.SENT]) == [ONE.id]
    assert found(operator="OP2") == [OTHERS.id]
    assert found(late_at=NOW + DAY) == []
    assert found(late_at=NOW + 12 * DAY) == [ONE.id]
    first = cases(desk.connection, desk.lan, 1)[0]
    assert found(after=(first.moved_at, first.finding)) == [POSSIBLE.id, ONE.id]
    with pytest.raises(ValueError, match="1 to 1000"):
        cases(desk.connection, desk.lan, 1001)


def test_a_drivers_name_is_hidden_until_a_case_is_open(desk: Desk) -> None:
    assert ONE.driver is not None
    assert OTHERS.driver is not None
    both = {ONE.driver, OTHERS.driver, "no such", "\0"}
    desk.connection.execute("UPDATE driver SET operator = 'OP1' WHERE licence = %s", (OTHERS.driver,))
    assert names_visible(desk.connection, both, desk.lan) == set()
    desk.step(desk.lan, "open")
    assert names_visible(desk.connection, both, desk.lan) == {ONE.driver}
    assert names_visible(desk.connection, both, desk.minh) == {ONE.driver}
    assert names_visible(desk.connection, both, desk.own) == {OTHERS.driver}  # it employs him
    for nobody in (desk.other, desk.reader):
        assert names_visible(desk.connection, both, nobody) == set()
    desk.step(desk.lan, "dismiss")
    assert not name_visible(desk.connection, ONE.driver, desk.lan)


@pytest.mark.parametrize("table", ["case_step", "attachment"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET finding = ''", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_steps_and_documents_stay(desk: Desk, table: str, statement: str) -> None:
    desk.step(desk.lan, "open")
    desk.connection.commit()
    with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"), transaction(desk.connection):
        desk.connection.execute(statement.format(table).encode())


@pytest.mark.native_server
def test_of_two_at_once_one_is_refused(desk: Desk, emptied: str) -> None:
    desk.step(desk.lan, "open")
    desk.connection.commit()

    def send(_: int) -> bool:
        with connect(emptied) as own:
            try:
                take_step(own, By(desk.lan, ""), ONE.id, Step.SEND, None, NOW)
                own.commit()
            except StepRefused:
                return False
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(send, range(4))) == 1
    assert scalar(desk.connection, "SELECT count(*) FROM case_step WHERE step = 'send'") == 1


WHO = st.sampled_from(["lan", "minh", "own", "other", "reader"])
ACTS = st.one_of(
    st.tuples(WHO, st.sampled_from([str(step) for step in Step if step != Step.ATTACH])),
    st.tuples(st.just("data"), st.sampled_from(["same", "changed", "gone"])),
    st.tuples(st.just("time"), st.just("days")),
)


@pytest.mark.usefixtures("emptied")
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=5, max_size=30))
def test_whatever_is_tried_a_case_is_what_its_steps_make_of_it(
    request: pytest.FixtureRequest, acts: list[tuple[str, str]]
) -> None:
    with connect(request.getfixturevalue("module_database")) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "TRUNCATE person, operator, provider, vehicle, driver, run, audit, finding_case RESTART IDENTITY CASCADE"
        )
        connection.execute("SET session_replication_role = origin")
        connection.commit()
        desk = make_desk(connection)
        desk.step(desk.lan, "open")
        now, stands = NOW, True
        for who, what in acts:
            if who == "time":
                now += 12 * DAY
            elif who == "data":
                desk.findings(*{"same": [ONE], "changed": [replace(ONE, measured=99.5)], "gone": []}[what])
            else:
                stands = desk.standing() == Standing.STANDS
                try:
                    desk.step(getattr(desk, who), what, now=now)
                except StepRefused:
                    continue
                assert who not in ("other", "reader")
                assert stands or what in ("renew", "lapse", "note", "dispute", "dismiss")
        steps = steps_of(connection, ONE.id, desk.lan)
        case = case_of(connection, ONE.id, desk.lan)
        assert case is not None
        state = None
        for one in steps:
            assert one.from_state == state
            target = MOVES[Step(one.step)].target
            assert one.to_state == (state if target is None else target)
            state = one.to_state
        assert case.state == state
        if case.state in (State.DISPUTED, State.SUSPECTED) or case.standing != Standing.STANDS:
            assert ONE.id not in desk.listed(now=now)
        assert verify(connection).rows == len(steps)
