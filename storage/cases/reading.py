"""Cases as they stand: read by the inspectorate and by the operator they concern, and what of them may be published.

Every function runs in the open transaction. Who asks is an argument, so that nothing is read past his rights.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import LiteralString, NamedTuple

from journey.casework import OPERATOR, Actor, Course, Outcome, Standing, State, may_see
from storage.database import Connection
from storage.names import clean
from storage.people.accounts import Person
from storage.stations.instruments import IN_DOUBT

PAGE_MAX = 1000

_CASES: LiteralString = """
    SELECT c.finding, c.rule, c.operator, v.plate, d.licence, c.state, c.outcome,
           CASE WHEN f.id IS NULL THEN 'withdrawn' WHEN f.content = c.content THEN 'stands' ELSE 'changed' END,
           extract(epoch FROM c.opened_at)::bigint, extract(epoch FROM c.moved_at)::bigint,
           extract(epoch FROM c.sent_at)::bigint, c.sent_by, extract(epoch FROM c.due)::bigint
    FROM {cases} c JOIN vehicle v ON v.id = c.vehicle_id LEFT JOIN driver d ON d.id = c.driver_id
    LEFT JOIN finding f ON f.id = c.finding AND f.withdrawn_at IS NULL
"""
_ONE: LiteralString = _CASES.replace("{cases}", "finding_case") + " WHERE c.finding = %s"
# An operator's own: the second condition of may_see, so that a page is full of what he may see. Names and findings are
# looked up for the page alone.
_SOME: LiteralString = """
    SELECT * FROM finding_case c
    WHERE (%(own)s::text IS NULL OR (c.operator = %(own)s::text AND c.sent_at IS NOT NULL))
    AND (%(operator)s::text IS NULL OR c.operator = %(operator)s::text)
    AND (%(states)s::text[] IS NULL OR c.state = ANY(%(states)s::text[]))
    AND (%(late)s::bigint IS NULL OR c.due <= to_timestamp(%(late)s::bigint))
    AND (c.moved_at, c.finding) > (to_timestamp(%(after_at)s::bigint), %(after)s::text)
    ORDER BY c.moved_at, c.finding LIMIT %(limit)s
"""
_PAGE: LiteralString = _CASES.replace("{cases}", f"({_SOME})") + " ORDER BY c.moved_at, c.finding"
_STEPS = """
    SELECT s.row, extract(epoch FROM s.at)::bigint, p.login, p.name, p.role, s.step, s.from_state, s.to_state, s.note,
           extract(epoch FROM s.due)::bigint, s.attachment_id
    FROM case_step s JOIN person p ON p.id = s.person_id
    WHERE s.finding = %(finding)s
    AND (%(own)s::text IS NULL OR (s.operator = %(own)s::text AND s.step <> 'open'
                                   AND NOT (s.step = 'note' AND p.role <> 'operator')))
    ORDER BY s.row
"""
# Of a finding f and its case c, at %(now)s; publishable says what it means.
_CASE_LISTED: LiteralString = """
    f.content = c.content AND (
        c.outcome IN ('accepted', 'unanswered', 'upheld')
        OR (f.grade = 'certain' AND c.state = 'sent_to_operator' AND c.due <= to_timestamp(%(now)s::bigint)
            AND NOT {doubt}))
"""
_LISTED: LiteralString = """
    CASE WHEN c.finding IS NULL THEN f.grade = 'certain' AND %(unheard)s AND NOT {doubt} ELSE {case} END
""".replace("{case}", _CASE_LISTED)
MAY_BE_LISTED: LiteralString = _LISTED.replace("{doubt}", IN_DOUBT)
# The same of a finding that rests on no scale and has a case: the database need not plan a look at the weighings.
UNWEIGHED_CASE_MAY_BE_LISTED: LiteralString = _CASE_LISTED.replace("{doubt}", "false")
_PUBLISHABLE: LiteralString = """
    SELECT f.id FROM finding f LEFT JOIN finding_case c ON c.finding = f.id
    WHERE f.id = ANY(%(ids)s::text[]) AND f.withdrawn_at IS NULL AND {listed}
""".replace("{listed}", MAY_BE_LISTED)


class Case(NamedTuple):
    """A case as it stands. Times: s UTC. due: the first instant at which what it waits for is late; None: nothing.

    driver: licence. outcome: None while it is open. sent_at: when it was last sent to the operator. sent_by: a
    person's id. standing: what late data made of its finding since a person last took it up.
    """

    finding: str
    rule: str
    operator: str | None
    vehicle: str
    driver: str | None
    state: State
    outcome: Outcome | None
    standing: Standing
    opened_at: int
    moved_at: int
    sent_at: int | None
    sent_by: int | None
    due: int | None

    @property
    def course(self) -> Course:
        """What decides which steps it may take (journey.casework.possible_steps)."""
        return Course(self.state, self.standing, self.operator, self.sent_at is not None, self.sent_by, self.due)


class CaseStep(NamedTuple):
    """A step of a case. at, due: s UTC. attachment: its number, for the step attach."""

    row: int
    at: int
    login: str
    name: str
    role: str
    step: str
    from_state: str | None
    to_state: str
    note: str | None
    due: int | None
    attachment: int | None


class ListRule(StrEnum):
    """What a list asks of its findings."""

    UNDISPUTED = "undisputed"
    HEARD = "heard"


def actor_of(person: Person) -> Actor:
    return Actor(person.id, person.role, person.operator)


def case_of(connection: Connection, finding: str, person: Person) -> Case | None:
    """The case of a finding's id; None: there is none that this person may know of."""
    row = connection.execute(_ONE, (clean(finding),)).fetchone()
    if row is None:
        return None
    case = case_from(row)
    return case if may_see(case.course, actor_of(person)) else None


def cases(
    connection: Connection,
    person: Person,
    limit: int,
    states: Collection[State] | None = None,
    operator: str | None = None,
    late_at: int | None = None,
    after: tuple[int, str] | None = None,
) -> list[Case]:
    """Cases that a person may see, by their last step.

    states, operator: only such. late_at: only those late at this instant (s UTC). after: moved_at and finding of the
    last one of the page before. Raises ValueError for a limit beyond PAGE_MAX.
    """
    if not 0 < limit <= PAGE_MAX:
        raise ValueError(f"a page of {limit} cases: 1 to {PAGE_MAX} can be asked for")
    at, finding = (-1, "") if after is None else after
    asked = {"own": own(person), "operator": None if operator is None else clean(operator), "late": late_at,
             "states": None if states is None else sorted(map(str, states)), "after_at": at, "after": clean(finding),
             "limit": limit}  # fmt: skip
    return [case_from(row) for row in connection.execute(_PAGE, asked)]


def steps_of(connection: Connection, finding: str, person: Person) -> list[CaseStep]:
    """The steps of a case that a person may see, in order.

    An operator sees those taken while the case was its own, without the opening and the inspectorate's bare notes.
    """
    if case_of(connection, finding, person) is None:
        return []
    asked = {"finding": clean(finding), "own": own(person)}
    return [CaseStep(*row) for row in connection.execute(_STEPS, asked)]


def publishable(
    connection: Connection, ids: Collection[str], now: int, rule: ListRule = ListRule.UNDISPUTED
) -> set[str]:
    """Which of these findings (by id) may go on a list at an instant (s UTC).

    Never: a finding that was withdrawn; one with a case that was dismissed, lapsed or was decided against it; one that
    is disputed and not decided; one whose case is not yet sent, or is with the operator in its time to answer; one that
    states something else than what was confirmed or upheld, until its case is renewed and has come so far again.
    Always, else: a finding that was confirmed or upheld; a certain one on which the operator let its time pass.
    And by the rule UNDISPUTED, a certain finding for which nobody has opened a case; by HEARD not: the operator of each
    finding on the list was asked. A possible finding goes on no list unless a person confirmed it, and neither does a
    certain one that rests on a doubted instrument (storage.stations.instruments.doubted): it stands as a possible one.
    """
    asked = {"ids": sorted({clean(one) for one in ids}), "now": now, "unheard": rule == ListRule.UNDISPUTED}
    return {finding for (finding,) in connection.execute(_PUBLISHABLE, asked)}


def case_from(row: tuple[object, ...]) -> Case:
    """A case of a row of CASES."""
    case = Case(*row)  # type: ignore[arg-type]
    return case._replace(
        state=State(case.state),
        outcome=None if case.outcome is None else Outcome(case.outcome),
        standing=Standing(case.standing),
    )


def own(person: Person) -> str | None:
    """The operator whose records alone a person may see; None: those of all operators."""
    return (person.operator or "") if person.role == OPERATOR else None
