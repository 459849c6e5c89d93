"""The course of a case: who may take which step from where, every combination of it."""

from __future__ import annotations

from datetime import date

import pytest

from journey.casework import (
    MOVES,
    Actor,
    Course,
    Standing,
    State,
    Step,
    Terms,
    Waits,
    due_of,
    may_see,
    possible_steps,
    refusal,
)
from journey.localtime import midnight

NOW = midnight(date(2026, 3, 2)) + 9 * 3600
INSPECTOR, SUPERVISOR = Actor(1, "inspector", None), Actor(2, "supervisor", None)
OWN, OTHER = Actor(3, "operator", "OP1"), Actor(4, "operator", "OP2")
READER, ADMINISTRATOR = Actor(5, "reader", None), Actor(6, "administrator", None)
NOTES = {"note", "attach"}


def course(state: str, standing: str = "stands", due: int | None = NOW + 1, sent: bool = True, by: int = 1) -> Course:
    return Course(State(state), Standing(standing), "OP1", sent, by, due)


def steps(case: Course | None, actor: Actor) -> set[str]:
    return {str(step) for step in possible_steps(case, actor, NOW)}


# What a finding that stands lets be done, by state: inspector, supervisor, operator.
ALLOWED: dict[str, tuple[set[str], set[str], set[str]]] = {
    "suspected": ({"send", "dismiss", *NOTES}, {"send", "dismiss", *NOTES}, NOTES),
    "sent_to_operator": ({"dismiss", *NOTES}, {"dismiss", *NOTES}, {"accept", "dispute", *NOTES}),
    "confirmed": ({"note"}, {"note"}, {"note"}),
    "dismissed": ({"note"}, {"note", "reopen"}, {"note"}),
    "disputed": (NOTES, {"uphold", "overturn", *NOTES}, NOTES),
    "decided": ({"note"}, {"note"}, {"note"}),
}


@pytest.mark.parametrize("state", ALLOWED)
def test_each_state_lets_each_role_do_this_and_nothing_else(state: str) -> None:
    case = course(state)
    for actor, expected in zip((INSPECTOR, SUPERVISOR, OWN), ALLOWED[state], strict=True):
        assert steps(case, actor) == expected
    for actor in (OTHER, READER, ADMINISTRATOR, Actor(7, "operator", None)):
        assert steps(case, actor) == set()


def test_every_state_is_in_the_table() -> None:
    assert set(ALLOWED) == {str(state) for state in State}
    assert set(MOVES) == set(Step)


def test_only_the_office_opens() -> None:
    assert [steps(None, actor) for actor in (INSPECTOR, SUPERVISOR, OWN, READER, ADMINISTRATOR)] == [
        {"open"}, {"open"}, set(), set(), set()]  # fmt: skip


@pytest.mark.parametrize("state", ["suspected", "sent_to_operator", "disputed", "confirmed", "decided"])
def test_a_withdrawn_finding_lets_its_case_lapse_and_nothing_be_decided(state: str) -> None:
    case = course(state, "withdrawn")
    closed = state in ("confirmed", "decided")
    assert steps(case, SUPERVISOR) == {"lapse", "note"} | (set() if closed else {"attach"})
    assert steps(case, OWN) & {"accept"} == set()
    assert "withdrawn; let the case lapse" in str(
        refusal(Step.UPHOLD, course("disputed", "withdrawn"), SUPERVISOR, NOW, "x")
    )


def test_a_dismissed_case_of_a_withdrawn_finding_stays_so() -> None:
    assert steps(course("dismissed", "withdrawn"), SUPERVISOR) == {"note"}


@pytest.mark.parametrize("state", list(ALLOWED))
def test_a_changed_finding_is_taken_up_anew_and_nothing_is_decided_on_it(state: str) -> None:
    allowed = steps(course(state, "changed", due=NOW - 1), SUPERVISOR)
    assert "renew" in allowed
    assert allowed <= {"renew", "dismiss", "note", "attach"}
    assert "renew" not in steps(course(state), SUPERVISOR)


def test_an_operator_is_asked_before_anybody_confirms() -> None:
    assert "confirm" not in steps(course("sent_to_operator", due=NOW + 1), INSPECTOR)
    assert "confirm" in steps(course("sent_to_operator", due=NOW), INSPECTOR)
    assert "has not passed" in str(refusal(Step.CONFIRM, course("sent_to_operator", due=None), INSPECTOR, NOW, None))


def test_a_late_answer_is_heard_while_nobody_has_closed_the_case() -> None:
    assert {"accept", "dispute"} <= steps(course("sent_to_operator", due=NOW - 1), OWN)


def test_a_dispute_is_decided_by_another_than_who_sent_the_case() -> None:
    assert {"uphold", "overturn"} <= steps(course("disputed", by=1), SUPERVISOR)
    assert steps(course("disputed", by=SUPERVISOR.id), SUPERVISOR) == NOTES
    assert "somebody other" in str(refusal(Step.UPHOLD, course("disputed", by=2), SUPERVISOR, NOW, "x"))


def test_what_has_to_be_explained_is() -> None:
    for step, case, actor in (
        (Step.DISPUTE, course("sent_to_operator"), OWN),
        (Step.DISMISS, course("suspected"), INSPECTOR),
        (Step.UPHOLD, course("disputed"), SUPERVISOR),
        (Step.OVERTURN, course("disputed"), SUPERVISOR),
        (Step.REOPEN, course("dismissed"), SUPERVISOR),
        (Step.NOTE, course("suspected"), INSPECTOR),
    ):
        for note in (None, "", " \n"):
            assert "has to say why" in str(refusal(step, case, actor, NOW, note))
        assert refusal(step, case, actor, NOW, "because") is None


def test_a_case_without_an_operator_is_sent_to_nobody() -> None:
    case = course("suspected")._replace(operator=None)
    assert "no operator is known" in str(refusal(Step.SEND, case, INSPECTOR, NOW, None))


def test_an_operator_knows_of_its_own_cases_once_they_were_sent() -> None:
    assert may_see(course("suspected"), OWN)
    assert not may_see(course("suspected", sent=False), OWN)
    assert not may_see(course("sent_to_operator"), OTHER)
    assert not may_see(course("sent_to_operator")._replace(operator=None), Actor(8, "operator", None))
    assert refusal(Step.NOTE, course("suspected", sent=False), OWN, NOW, "x") == "there is no such case"


def test_terms_end_with_a_local_day_and_the_first_is_not_counted() -> None:
    for now in (midnight(date(2026, 3, 2)), NOW, midnight(date(2026, 3, 3)) - 1):
        assert due_of(Waits.ANSWER, now, Terms(10, 30)) == midnight(date(2026, 3, 13))
        assert due_of(Waits.DECISION, now, Terms(10, 30)) == midnight(date(2026, 4, 2))
    assert due_of(None, NOW, Terms()) is None
