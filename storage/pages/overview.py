"""What a week brought, what waits for a person, and from whom nothing came. All in the open transaction.

operator, wherever it is an argument: of its things alone; None: of all.
"""

from __future__ import annotations

from typing import LiteralString, NamedTuple

from storage.cases.reading import own
from storage.database import Connection, scalar
from storage.names import clean
from storage.people.accounts import Person

# There are thousands of findings and dozens of cases: the first are counted in an index, the others looked up.
_WEEK: LiteralString = """
    WITH found AS (
        SELECT rule, grade, count(*) AS findings FROM finding f
        WHERE {found} AND at >= to_timestamp(%(start)s::bigint) AND at < to_timestamp(%(stop)s::bigint)
        GROUP BY rule, grade),
    opened AS (
        SELECT f.rule, f.grade, count(*) AS findings FROM finding_case c JOIN finding f ON f.id = c.finding
        WHERE {found} AND c.at >= to_timestamp(%(start)s::bigint) AND c.at < to_timestamp(%(stop)s::bigint)
        GROUP BY f.rule, f.grade)
    SELECT rule, grade, found.findings, found.findings - coalesce(opened.findings, 0)
    FROM found LEFT JOIN opened USING (rule, grade) ORDER BY rule, grade
""".replace("{found}", "f.withdrawn_at IS NULL AND (%(operator)s::text IS NULL OR f.operator = %(operator)s::text)")
_LATEST: LiteralString = "SELECT extract(epoch FROM max(at))::bigint FROM finding WHERE withdrawn_at IS NULL {own}"
_CHANGES: LiteralString = """
    SELECT count(*) FILTER (WHERE NOT withdrawn), count(*) FILTER (WHERE withdrawn)
    FROM finding_change WHERE changed_at >= to_timestamp(%(since)s::bigint)
    AND (%(operator)s::text IS NULL OR operator = %(operator)s::text)
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
    seen AS (SELECT DISTINCT vehicle_id FROM day_summary WHERE day >= %(first)s AND day < %(stop)s AND fixes > 0),
    newest AS (
        SELECT operator, max(newest_fix) AS fix, max(hour) AS hour FROM intake
        WHERE hour >= to_timestamp(%(books)s::bigint) GROUP BY operator)
    SELECT f.operator, o.name, count(*), count(s.vehicle_id), extract(epoch FROM max(n.fix))::bigint
    FROM fleet f LEFT JOIN seen s USING (vehicle_id) LEFT JOIN operator o ON o.id = f.operator
    LEFT JOIN newest n ON n.operator = f.operator
    GROUP BY f.operator, o.name ORDER BY count(*) - count(s.vehicle_id) DESC, f.operator
"""


class RuleCount(NamedTuple):
    """Current findings of a rule and grade in a period; unopened: those for which nobody has opened a case."""

    rule: str
    grade: str
    findings: int
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


def rule_counts(connection: Connection, start: int, stop: int, operator: str | None) -> list[RuleCount]:
    """Current findings with `at` in [start, stop) s UTC."""
    asked = {"start": start, "stop": stop, "operator": operator}
    return [RuleCount(*row) for row in connection.execute(_WEEK, asked)]


def latest_finding(connection: Connection, operator: str | None) -> int | None:
    """`at` of the latest current finding, s UTC."""
    if operator is None:
        found = scalar(connection, _LATEST.replace("{own}", ""))
    else:
        found = scalar(connection, _LATEST.replace("{own}", "AND operator = %s"), (operator,))
    return None if found is None else int(found)


def changed_since(connection: Connection, since: int, operator: str | None) -> Changed:
    """Findings added and withdrawn since an instant (s UTC)."""
    return Changed(*(connection.execute(_CHANGES, {"since": since, "operator": operator}).fetchone() or (0, 0)))


def case_counts(connection: Connection, person: Person, now: int) -> list[CaseCount]:
    """Cases that a person may see, by state."""
    return [CaseCount(*row) for row in connection.execute(_CASES, {"own": own(person), "now": now})]


def case_states(connection: Connection, ids: list[str], person: Person) -> dict[str, str]:
    """States of the cases that a person may know of, by finding."""
    asked = {"ids": [clean(one) for one in ids], "own": own(person)}
    return dict(connection.execute(_STATES, asked).fetchall())


def fleets(
    connection: Connection, days: tuple[int, int], books_from: int, towed: list[str], operator: str | None
) -> list[Fleet]:
    """Operators with a vehicle registered in local days [first, stop), those with most silent vehicles first.

    books_from: s UTC, from when on the books are asked for the newest fix. towed: kinds without a recorder.
    """
    asked = {"first": days[0], "stop": days[1], "books": books_from, "towed": towed, "operator": operator}
    return [Fleet(*row) for row in connection.execute(_FLEETS, asked)]
