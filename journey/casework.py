"""The course of a case: a finding under human hands. Who may do which step from where stands in MOVES, and only there.

    suspected -> sent_to_operator -> confirmed | dismissed | disputed -> decided

Pure: no clock, no store. A case remembers what its finding stated when a person last took it up. Where late data have
changed the finding since, or withdrawn it, the case does not go on as if nothing were: it is renewed, or lapses.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from journey.localtime import day_of, day_start

_INSPECTOR, _SUPERVISOR, OPERATOR = "inspector", "supervisor", "operator"
_OFFICE = frozenset((_INSPECTOR, _SUPERVISOR))


class State(StrEnum):
    SUSPECTED = "suspected"
    SENT = "sent_to_operator"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    DISPUTED = "disputed"
    DECIDED = "decided"


class Outcome(StrEnum):
    """How a case was closed."""

    ACCEPTED = "accepted"  # confirmed by the operator
    UNANSWERED = "unanswered"  # confirmed after the operator's time had passed
    UPHELD = "upheld"  # disputed, and the finding stays
    OVERTURNED = "overturned"  # disputed, and the operator is right
    DISMISSED = "dismissed"  # by the office, before any dispute
    LAPSED = "lapsed"  # its finding was withdrawn


class Standing(StrEnum):
    """What became of the finding since a person last took it up."""

    STANDS = "stands"
    CHANGED = "changed"  # it is still one, and states something else
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    OPEN = "open"
    SEND = "send"
    ACCEPT = "accept"
    CONFIRM = "confirm"
    DISPUTE = "dispute"
    DISMISS = "dismiss"
    UPHOLD = "uphold"
    OVERTURN = "overturn"
    LAPSE = "lapse"
    RENEW = "renew"
    REOPEN = "reopen"
    NOTE = "note"
    ATTACH = "attach"


class Waits(StrEnum):
    """What a case waits for after a step; each has a term of its own."""

    ANSWER = "answer"
    DECISION = "decision"


class Move(NamedTuple):
    """One line of the table. sources: None among them: there is no case yet. target: None: the state stays."""

    sources: frozenset[State | None]
    target: State | None
    roles: frozenset[str]
    standing: frozenset[Standing] = frozenset((Standing.STANDS,))
    outcome: Outcome | None = None
    note: bool = False  # has to say why
    waits: Waits | None = None
    late: bool = False  # only when what was waited for is late
    not_sender: bool = False  # by somebody other than who sent the case to the operator


class Terms(NamedTuple):
    """How long a case waits, in calendar days. No law on file states these: they are the Department's own."""

    answer_days: int = 10
    decision_days: int = 30


class Course(NamedTuple):
    """What of a case decides which steps it may take. sent_by: id of a person. due: s UTC."""

    state: State
    standing: Standing
    operator: str | None
    sent: bool
    sent_by: int | None
    due: int | None


class Actor(NamedTuple):
    """Who would take a step: id of the person, role, operator of the role operator."""

    id: int
    role: str
    operator: str | None


_EVERY = frozenset(State)
_CLOSED = frozenset((State.CONFIRMED, State.DISMISSED, State.DECIDED))
_ANY = frozenset(Standing)
_S = frozenset[State | None]

MOVES: dict[Step, Move] = {
    Step.OPEN: Move(_S((None,)), State.SUSPECTED, _OFFICE),
    Step.SEND: Move(_S((State.SUSPECTED,)), State.SENT, _OFFICE, waits=Waits.ANSWER),
    Step.ACCEPT: Move(_S((State.SENT,)), State.CONFIRMED, frozenset((OPERATOR,)), outcome=Outcome.ACCEPTED),
    Step.CONFIRM: Move(_S((State.SENT,)), State.CONFIRMED, _OFFICE, outcome=Outcome.UNANSWERED, late=True),
    # Whoever answers late is heard all the same, as long as nobody has closed the case.
    Step.DISPUTE: Move(_S((State.SENT,)), State.DISPUTED, frozenset((OPERATOR,)), _ANY, note=True,
                       waits=Waits.DECISION),
    Step.DISMISS: Move(_S((State.SUSPECTED, State.SENT)), State.DISMISSED, _OFFICE,
                       frozenset((Standing.STANDS, Standing.CHANGED)), Outcome.DISMISSED, note=True),
    Step.UPHOLD: Move(_S((State.DISPUTED,)), State.DECIDED, frozenset((_SUPERVISOR,)), outcome=Outcome.UPHELD,
                      note=True, not_sender=True),
    Step.OVERTURN: Move(_S((State.DISPUTED,)), State.DECIDED, frozenset((_SUPERVISOR,)), outcome=Outcome.OVERTURNED,
                        note=True, not_sender=True),
    Step.LAPSE: Move(_S(_EVERY - {State.DISMISSED}), State.DISMISSED, _OFFICE, frozenset((Standing.WITHDRAWN,)),
                     Outcome.LAPSED),
    Step.RENEW: Move(_S(_EVERY), State.SUSPECTED, _OFFICE, frozenset((Standing.CHANGED,))),
    # A mistaken dismissal, or a finding that came back as it was.
    Step.REOPEN: Move(_S((State.DISMISSED,)), State.SUSPECTED, frozenset((_SUPERVISOR,)), note=True),
    Step.NOTE: Move(_S(_EVERY), None, _OFFICE | {OPERATOR}, _ANY, note=True),
    Step.ATTACH: Move(_S(_EVERY - _CLOSED), None, _OFFICE | {OPERATOR}, _ANY),
}  # fmt: skip


def may_see(course: Course, actor: Actor) -> bool:
    """Whether a person may know of a case: the inspectorate of all, an operator of its own that were sent to it."""
    if actor.role == OPERATOR:
        return course.sent and actor.operator is not None and actor.operator == course.operator
    return True


def refusal(step: Step, course: Course | None, actor: Actor, now: int, note: str | None) -> str | None:
    """Why a step may not be taken at an instant (s UTC), in words; None: it may. course: None: there is no case yet.

    Whether there is a finding to open a case for is not asked here.
    """
    move = MOVES[step]
    if course is not None and not may_see(course, actor):
        return "there is no such case"
    if actor.role not in move.roles:
        return f"the step {step} is not one of the role {actor.role}"
    state = None if course is None else course.state
    if state not in move.sources:
        return f"the step {step} cannot be taken: " + ("no case is open" if state is None else f"the case is {state}")
    if move.note and not (note or "").strip():
        return f"the step {step} has to say why: write a note"
    return None if course is None else _hindrance(move, step, course, actor, now)


def _hindrance(move: Move, step: Step, course: Course, actor: Actor, now: int) -> str | None:
    if course.standing not in move.standing:
        if course.standing == Standing.WITHDRAWN:
            advice = "" if course.state in MOVES[Step.REOPEN].sources else "; let the case lapse"
            return f"the step {step} cannot be taken: the finding was withdrawn{advice}"
        if course.standing == Standing.CHANGED:
            return f"the step {step} cannot be taken: the finding states something else now; renew the case"
        return f"the step {step} cannot be taken: the finding stands as it was"
    if move.late and (course.due is None or now < course.due):
        return f"the step {step} cannot be taken: the operator's time to answer has not passed"
    if move.target == State.SENT and course.operator is None:
        return f"the step {step} cannot be taken: no operator is known of the vehicle at that time"
    if move.not_sender and actor.id == course.sent_by:
        return f"the step {step} is for somebody other than who sent the case to the operator"
    return None


def possible_steps(course: Course | None, actor: Actor, now: int) -> list[Step]:
    """What a person may do with a case now, given that he writes a note where one has to be."""
    return [step for step in MOVES if refusal(step, course, actor, now, "-") is None]


def due_of(waits: Waits | None, now: int, terms: Terms) -> int | None:
    """The first instant (s UTC) at which it is late; None: nothing is waited for.

    The day of the step is not counted, and the last one belongs to whoever has to act.
    """
    if waits is None:
        return None
    days = terms.answer_days if waits == Waits.ANSWER else terms.decision_days
    return day_start(day_of(now) + days + 1)
