"""Steps of cases: taken by the rules of journey.casework, kept for ever, on record in the audit log.

A step runs in the open transaction and writes the log as its last statement: commit after it.
"""

from __future__ import annotations

from typing import NamedTuple

from journey.casework import MOVES, Outcome, State, Step, Terms, due_of, refusal
from journey.settings import Settings
from storage.audit.log import By, What, record
from storage.cases.reading import Case, actor_of, case_of
from storage.database import Connection
from storage.names import clean
from storage.people.accounts import Person

NOTE_MAX = 4000
TERMS = Terms()

_LOCK = "SELECT FROM finding_case WHERE finding = %s FOR UPDATE"
_FINDING = "SELECT content, operator FROM finding WHERE id = %s AND withdrawn_at IS NULL"
_OPEN = """
    INSERT INTO finding_case (finding, content, rule, operator, vehicle_id, driver_id, at, state, opened_at, moved_at)
    SELECT id, content, rule, operator, vehicle_id, driver_id, at, 'suspected', to_timestamp(%(now)s),
           to_timestamp(%(now)s)
    FROM finding WHERE id = %(finding)s AND withdrawn_at IS NULL
    ON CONFLICT (finding) DO NOTHING
"""
# What is taken up anew is taken as the finding states it now. An operator that was not asked yet has not been sent it.
_MOVE = """
    UPDATE finding_case c SET
        state = %(state)s, outcome = %(outcome)s, moved_at = to_timestamp(%(now)s), due = to_timestamp(%(due)s::bigint),
        content = coalesce(%(content)s, c.content),
        operator = CASE WHEN %(content)s::text IS NULL THEN c.operator ELSE %(operator)s END,
        sent_at = CASE WHEN %(sent)s THEN to_timestamp(%(now)s)
                       WHEN %(content)s::text IS NOT NULL AND c.operator IS DISTINCT FROM %(operator)s THEN NULL
                       ELSE c.sent_at END,
        sent_by = CASE WHEN %(sent)s THEN %(person)s ELSE c.sent_by END
    WHERE finding = %(finding)s
"""
_STEP = """
    INSERT INTO case_step (finding, at, person_id, step, from_state, to_state, operator, content, due, note,
                           attachment_id)
    SELECT finding, to_timestamp(%(now)s), %(person)s, %(step)s, %(from)s, state, operator, content, due, %(note)s,
           %(attachment)s
    FROM finding_case WHERE finding = %(finding)s
"""


def terms_of(settings: Settings) -> Terms:
    """What a deployment sets: the Department's own terms."""
    return Terms(settings.case_answer_days, settings.case_decision_days)


class StepRefused(ValueError):  # noqa: N818
    """A step may not be taken; the message says why. Nothing of it is written."""


class _Taken(NamedTuple):
    """A step as it is to be written."""

    step: Step
    finding: str
    person: Person
    now: int
    note: str | None
    attachment: int | None


def take_step(
    connection: Connection, by: By, finding: str, step: Step, note: str | None, now: int, terms: Terms = TERMS
) -> Case:
    """Take a step of the case of a finding (by id) at an instant (s UTC), and give the case as it then stands.

    Raises StepRefused. A document comes by storage.cases.attachments.attach.
    """
    if step == Step.ATTACH:
        raise StepRefused("a document is attached as a file")
    return write_step(connection, by, finding, step, note, now, terms)


def write_step(
    connection: Connection,
    by: By,
    finding: str,
    step: Step,
    note: str | None,
    now: int,
    terms: Terms = TERMS,
    attachment: int | None = None,
) -> Case:
    """As take_step, for every step. Raises StepRefused."""
    person = _somebody(by)
    note = _note(note)
    before = require(connection, person, finding, step, note, now)
    taken = _Taken(step, finding, person, now, note, attachment)
    if before is None:
        _open(connection, taken)
    else:
        _move(connection, taken, before, terms)
    after = case_of(connection, finding, person)
    if after is None:
        raise LookupError(f"the case of finding {finding} is gone")
    detail = f"{step}: {'' if before is None else before.state} -> {after.state}"
    record(connection, by, What.CASE, finding, note, detail)
    return after


def require(
    connection: Connection, person: Person, finding: str, step: Step, note: str | None, now: int
) -> Case | None:
    """The case of a finding, locked, in which a person may take a step; None: there is none yet. Raises StepRefused."""
    connection.execute(_LOCK, (clean(finding),))
    case = case_of(connection, finding, person)
    why_not = refusal(step, None if case is None else case.course, actor_of(person), now, note)
    if why_not is not None:
        raise StepRefused(why_not)
    return case


def _open(connection: Connection, taken: _Taken) -> None:
    if connection.execute(_OPEN, {"finding": clean(taken.finding), "now": taken.now}).rowcount != 1:
        raise StepRefused("no case can be opened: there is no such finding, it was withdrawn, or it has a case already")
    _write(connection, taken, None)


def _move(connection: Connection, taken: _Taken, before: Case, terms: Terms) -> None:
    move = MOVES[taken.step]
    if move.target is None:
        state, outcome, due = before.state, before.outcome, before.due
    else:
        state, outcome, due = move.target, move.outcome, due_of(move.waits, taken.now, terms)
    anew = None
    if move.target == State.SUSPECTED:
        anew = connection.execute(_FINDING, (taken.finding,)).fetchone()
        if anew is None:
            raise StepRefused("the finding was withdrawn in this moment")
    content, operator = anew or (None, None)
    connection.execute(
        _MOVE,
        {"state": str(state), "outcome": _text(outcome), "due": due, "now": taken.now, "content": content,
         "operator": operator, "sent": taken.step == Step.SEND, "person": taken.person.id, "finding": taken.finding},
    )  # fmt: skip
    _write(connection, taken, before.state)


def _write(connection: Connection, taken: _Taken, before: State | None) -> None:
    row = {"finding": taken.finding, "now": taken.now, "person": taken.person.id, "step": str(taken.step),
           "from": None if before is None else str(before), "note": taken.note,
           "attachment": taken.attachment}  # fmt: skip
    connection.execute(_STEP, row)


def _text(outcome: Outcome | None) -> str | None:
    return None if outcome is None else str(outcome)


def _somebody(by: By) -> Person:
    if by.person is None:
        raise StepRefused("a step is taken by a person")
    return by.person


def _note(note: str | None) -> str | None:
    text = clean(note or "").strip()
    if len(text) > NOTE_MAX:
        raise StepRefused(f"a note has at most {NOTE_MAX} characters: attach what is longer as a document")
    return text or None
