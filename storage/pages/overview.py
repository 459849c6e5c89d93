"""What a week brought, what waits for a person, and from whom nothing came. All in the open transaction.

operator, wherever it is an argument: of its things alone; None: of all.
"""

from __future__ import annotations

from typing import LiteralString, NamedTuple

from journey.localtime import day_of, week_start
from storage.cases.reading import own
from storage.database import Connection, scalar
from storage.names import clean
from storage.people.accounts import Person

# Cases are looked up: there are dozens of a week.
_WEEK: LiteralString = """
    WITH found AS (
        SELECT rule, sum(certain)::bigint AS certain, sum(possible)::bigint AS possible FROM rule_week
        WHERE week = %(week)s::int AND (%(operator)s::text IS NULL OR operator = %(operator)s::text) GROUP BY rule),
    opened AS (
        SELECT c.rule, count(*) AS findings
        FROM finding_case c JOIN finding f ON f.id = c.finding AND f.withdrawn_at IS NULL
        WHERE c.at >= to_timestamp(%(start)s::bigint) AND c.at < to_timestamp(%(stop)s::bigint)
        AND (%(operator)s::text IS NULL OR c.operator = %(operator)s::text)
        GROUP BY c.rule)
    SELECT rule, certain, possible, certain + possible - coalesce(opened.findings, 0)
    FROM found LEFT JOIN opened USING (rule) WHERE certain + possible > 0 ORDER BY certain DESC, rule
"""
_LATEST: LiteralString = "SELECT extract(epoch FROM max(at))::bigint FROM finding WHERE withdrawn_at IS NULL {own}"
_CHANGES: LiteralString = """
    SELECT coalesce(sum(added), 0)::bigint, coalesce(sum(withdrawn), 0)::bigint FROM change_day
    WHERE day >= %(day)s::int AND (%(operator)s::text IS NULL OR operator = %(operator)s::text)
"""
_CASES: LiteralString = """
    SELECT state, count(*), count(*) FILTER (WHERE due <= to_timestamp(%(now)s::bigint)) FROM finding_case
    WHERE (%(own)s::text IS NULL OR (operator = %(own)s::text AND sent_at IS NOT NULL)) GROUP BY state
"""
_STATES: LiteralString = """
    SELECT finding, state FROM finding_case WHERE finding = ANY(%(ids)s::text[])
    AND (%(own)s::text IS NULL OR (operator = %(own)s::text AND sent_at IS NOT NULL))
"""
# Towed units have no recorder. The newest data are those of the books of the last weeks.
_FLEETS: LiteralString = """
    WITH fleet AS (
        SELECT DISTINCT operator, vehicle_id FROM registration
        WHERE NOT coalesce(kind, '') = ANY(%(towed)s::text[])
        AND (valid_from IS NULL OR valid_from < date '1970-01-01' + %(stop)s::int)
        AND (valid_to IS NULL OR valid_to >= date '1970-01-01' + %(first)s::int)
        AND (%(operator)s::text IS NULL OR operator = %(operator)s::text)),
    newest AS (
        SELECT operator, max(newest_fix) AS fix, max(hour) AS hour FROM intake
        WHERE hour >= to_timestamp(%(books)s::bigint) GROUP BY operator)
    SELECT f.operator, o.name, count(*), count(s.vehicle_id), extract(epoch FROM max(n.fix))::bigint
    FROM fleet f LEFT JOIN summary_week s ON s.vehicle_id = f.vehicle_id AND s.week = %(week)s::int AND s.sending > 0
    LEFT JOIN operator o ON o.id = f.operator
    LEFT JOIN newest n ON n.operator = f.operator
    GROUP BY f.operator, o.name ORDER BY count(*) - count(s.vehicle_id) DESC, f.operator
"""


class RuleCount(NamedTuple):
    """Current findings of a rule in a week; unopened: those for which nobody has opened a case."""

    rule: str
    certain: int
    possible: int
    unopened: int


class Changed(NamedTuple):
    added: int
    withdrawn: int


class CaseCount(NamedTuple):
    """Cases in a state; late: those whose term is over."""

    state: str
    cases: int
    late: int


class Fleet(NamedTuple):
    """How much of an operator's fleet was heard of in a period. newest: its newest fix by the books, s UTC."""

    operator: str
    name: str | None
    registered: int
    seen: int
    newest: int | None


def rule_counts(connection: Connection, week: int, operator: str | None) -> list[RuleCount]:
    """Of a week by its number, the rules with most certain findings first."""
    asked = {"week": week, "start": week_start(week), "stop": week_start(week + 1), "operator": operator}
    return [RuleCount(*row) for row in connection.execute(_WEEK, asked)]


def latest_finding(connection: Connection, operator: str | None) -> int | None:
    """`at` of the latest current finding, s UTC."""
    if operator is None:
        found = scalar(connection, _LATEST.replace("{own}", ""))
    else:
        found = scalar(connection, _LATEST.replace("{own}", "AND operator = %s"), (operator,))
    return None if found is None else int(found)


def changed_since(connection: Connection, day: int, operator: str | None) -> Changed:
    """Findings added and withdrawn on a local day (number) and since."""
    return Changed(*(connection.execute(_CHANGES, {"day": day, "operator": operator}).fetchone() or (0, 0)))


def case_counts(connection: Connection, person: Person, now: int) -> list[CaseCount]:
    """Cases that a person may see, by state."""
    return [CaseCount(*row) for row in connection.execute(_CASES, {"own": own(person), "now": now})]


def case_states(connection: Connection, ids: list[str], person: Person) -> dict[str, str]:
    """States of the cases that a person may know of, by finding."""
    asked = {"ids": [clean(one) for one in ids], "own": own(person)}
    return dict(connection.execute(_STATES, asked).fetchall())


def fleets(connection: Connection, week: int, books_from: int, towed: list[str], operator: str | None) -> list[Fleet]:
    """Operators with a vehicle registered in a week, by its number, those with most silent vehicles first.

    books_from: s UTC, from when on the books are asked for the newest fix. towed: kinds without a recorder.
    """
    first, stop = day_of(week_start(week)), day_of(week_start(week + 1))
    asked = {"week": week, "first": first, "stop": stop, "books": books_from, "towed": towed, "operator": operator}
    return [Fleet(*row) for row in connection.execute(_FLEETS, asked)]
