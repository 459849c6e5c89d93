from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import psycopg
import pytest

from journey.model import Finding, Grade
from storage.database import Connection, scalar
from storage.errors import AmbiguousPrefix
from storage.findings import Changes, Scope, body_of, finding_of, get_finding, load_findings, replace_findings
from storage.runs import Run, get_run, save_run
from tests.storage.samples import DAY, NOON, finding, new_run

ALL = Scope(("speeding", "continuous_driving"), None, None, 0, 2**33)


@pytest.fixture
def run(connection: Connection) -> str:
    return new_run(connection)


def put(connection: Connection, findings: Sequence[Finding], *scopes: Scope) -> Changes:
    changes = replace_findings(connection, "run-1", scopes or (ALL,), findings, "new data")
    connection.commit()
    return changes


def current(connection: Connection) -> list[Finding]:
    return load_findings(connection, 0, 2**33)


def test_equal_figures_of_another_type_stay_apart() -> None:
    """5 and 5.0 are equal to Python and two texts in a finding's hash."""
    some = [replace(finding(), law=(finding().law[0]._replace(value=value),)) for value in (5, 5.0, True, [5], 5)]
    bodies = [body_of(one) for one in some]
    assert [body_of(finding_of(body)) for body in bodies] == bodies
    assert finding_of(bodies[0]).law[0] is finding_of(bodies[4]).law[0]


@pytest.mark.usefixtures("run")
def test_a_finding_comes_back_byte_for_byte(connection: Connection) -> None:
    one = finding(detail={"z": 1.10, "a": ["ừ", None, {"y": 1e-7}], "big": 12345678901234567890, "nul": "a\0b"},
                  measured=80, limit=0.1 + 0.2)  # fmt: skip
    put(connection, [one])
    assert scalar(connection, "SELECT body::text FROM finding") == body_of(one)
    assert current(connection) == [one]
    assert finding_of(body_of(one)).content == one.content
    assert list(json.loads(body_of(one))) == list(one.as_dict())
    row = connection.execute(
        "SELECT id, content, rule, grade, operator, day, band, extract(epoch FROM at)::bigint FROM finding"
    ).fetchone()
    assert row == (one.id, one.content, "speeding", "certain", "OP1", DAY, "10-20", NOON + 30)


@pytest.mark.usefixtures("run")
def test_kept_changed_withdrawn_added(connection: Connection) -> None:
    kept, changing, gone = (finding(start=NOON + place) for place in (0, 1, 2))
    assert put(connection, [kept, changing, gone]).added == tuple(sorted(one.id for one in (kept, changing, gone)))
    rows = dict(connection.execute("SELECT id, row FROM finding").fetchall())
    new = finding(start=NOON + 3, driver=None, operator=None, band=None)
    changed = replace(changing, measured=99.5)
    assert changed.id == changing.id
    assert put(connection, [kept, changed, new]) == Changes((new.id,), (gone.id,), (changed.id,), (kept.id,))
    assert current(connection) == sorted([kept, changed, new], key=Finding.order)
    assert scalar(connection, "SELECT row FROM finding WHERE id = %s", (kept.id,)) == rows[kept.id]
    past = connection.execute(
        "SELECT id, withdrawn_run, reason FROM finding WHERE withdrawn_at IS NOT NULL ORDER BY row"
    ).fetchall()
    assert past == [(changing.id, "run-1", "new data"), (gone.id, "run-1", "new data")]
    # What comes back is a new row.
    assert gone.id in put(connection, [kept, changed, new, gone]).added
    assert scalar(connection, "SELECT count(*) FROM finding WHERE id = %s", (gone.id,)) == 2


@pytest.mark.usefixtures("run")
def test_again_is_nothing(connection: Connection) -> None:
    findings = [finding(start=NOON + place) for place in range(5)]
    put(connection, findings)
    assert put(connection, findings) == Changes((), (), (), tuple(sorted(one.id for one in findings)))
    assert scalar(connection, "SELECT count(*) FROM finding") == 5


A, B = "12C12345", "29B00001"
X, Y = "790123456789", "790123456790"


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(
    ("scope", "left"),
    [
        (Scope(("speeding",), None, None, 0, 2**33), {"c"}),
        (Scope(("speeding",), A, None, 0, 2**33), {"b", "c"}),
        (Scope(("speeding", "continuous_driving"), None, X, 0, 2**33), {"b", "d"}),
        (Scope(("speeding",), A, X, 0, 2**33), {"b", "c", "d"}),
        (Scope(("speeding",), A, None, 0, 2**33, driverless=True), {"a", "b", "c"}),
        (Scope(("speeding",), None, None, NOON, NOON + 10), {"b", "c", "d"}),
        (Scope(("speeding",), None, None, NOON + 1, NOON + 100), {"a", "c"}),
        (Scope(("speeding",), None, None, NOON, NOON + 30, by="at"), {"a", "b", "c", "d"}),
        (Scope(("speeding",), None, None, NOON, NOON + 31, by="at"), {"c"}),
        (Scope(("speeding",), "99A99999", None, 0, 2**33), {"a", "b", "c", "d"}),
        (Scope(("speeding",), None, "799999999999", 0, 2**33), {"a", "b", "c", "d"}),
        (Scope((), None, None, 0, 2**33), {"a", "b", "c", "d"}),
    ],
)
def test_only_what_lies_in_the_scope_is_withdrawn(connection: Connection, scope: Scope, left: set[str]) -> None:
    findings = {
        "a": finding(vehicle=A, driver=X),
        "b": finding(vehicle=B, driver=Y, start=NOON + 10),
        "c": finding(vehicle=A, driver=X, rule="continuous_driving"),
        "d": finding(vehicle=A, driver=None, start=NOON + 10),
    }
    put(connection, list(findings.values()))
    put(connection, [], scope)
    assert {name for name, one in findings.items() if one in current(connection)} == left
    inside = {name for name, one in findings.items() if scope.holds(one)}
    assert inside == set(findings) - left


@pytest.mark.usefixtures("run")
def test_scopes_may_overlap(connection: Connection) -> None:
    one = finding()
    put(connection, [one])
    both = (Scope(("speeding",), A, None, 0, 2**33), Scope(("speeding",), None, X, NOON, NOON + 1))
    assert put(connection, [one], *both).kept == (one.id,)
    assert put(connection, [], *both).withdrawn == (one.id,)


@pytest.mark.usefixtures("run")
def test_what_belongs_to_no_scope_or_comes_twice_is_refused(connection: Connection) -> None:
    with pytest.raises(ValueError, match="belongs to no scope"):
        put(connection, [finding()], Scope(("speeding",), B, None, 0, 2**33))
    with pytest.raises(ValueError, match="same id"):
        put(connection, [finding(), finding(measured=99.0)])


@pytest.mark.usefixtures("run")
def test_at_most_one_row_of_an_id_is_current(connection: Connection) -> None:
    put(connection, [finding()])
    again = """INSERT INTO finding (id, content, run_id, rule, grade, vehicle_id, start_time, end_time, at, day, body)
               SELECT id, content, run_id, rule, grade, vehicle_id, start_time, end_time, at, day, body FROM finding"""
    with pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute(again)


@pytest.mark.usefixtures("run")
def test_load_by_period_and_grade(connection: Connection) -> None:
    early, late = finding(at=NOON), finding(at=NOON + 10, grade=Grade.POSSIBLE)
    put(connection, [late, early])
    assert load_findings(connection, NOON, NOON + 10) == [early]
    assert load_findings(connection, NOON, NOON + 11) == sorted([early, late], key=Finding.order)
    assert load_findings(connection, NOON, NOON + 11, Grade.CERTAIN) == [early]
    assert load_findings(connection, NOON, NOON + 11, Grade.POSSIBLE) == [late]


@pytest.mark.usefixtures("run")
def test_by_id_or_the_start_of_one(connection: Connection) -> None:
    findings = [finding(start=NOON + place) for place in range(40)]
    put(connection, findings)
    one = findings[0]
    assert get_finding(connection, one.id) == one
    assert get_finding(connection, f" {one.id[:12].upper()}") == one
    for nothing in ("", "zz", "%", "0" * 32, one.id + "0"):
        assert get_finding(connection, nothing) is None
    twice = next(a.id[0] for a in findings for b in findings if a.id < b.id and a.id[0] == b.id[0])
    with pytest.raises(AmbiguousPrefix) as caught:
        get_finding(connection, twice)
    assert caught.value.ids == sorted(each.id for each in findings if each.id[0] == twice)
    put(connection, findings[1:])
    assert get_finding(connection, one.id) is None


def test_a_run_comes_back(connection: Connection) -> None:
    run = Run("r", NOON, {"từ": [1, None]}, 2**40, "law", "method", "code")
    save_run(connection, run)
    assert get_run(connection, "r") == run
    assert get_run(connection, "s") is None
    with pytest.raises(psycopg.errors.UniqueViolation):
        save_run(connection, run)
