"""Findings: replaced scope by scope, withdrawn where they no longer hold, never deleted."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import orjson

from journey.localtime import day_of
from journey.model import Finding, Grade, LawUse, in_order
from storage.database import Connection
from storage.errors import AmbiguousPrefix
from storage.names import driver_ids, known_drivers, known_vehicles, vehicle_ids
from storage.pages.finding_places import keep_places

_SCOPED = """
    WITH scope AS MATERIALIZED (
        SELECT * FROM unnest(%(rule)s::text[], %(vehicle)s::int[], %(driver)s::int[], %(driverless)s::bool[],
                             %(start)s::bigint[], %(stop)s::bigint[], %(by_at)s::bool[])
            AS s (rule, vehicle_id, driver_id, driverless, start, stop, by_at))
    SELECT DISTINCT f.row, f.id, f.content FROM scope s CROSS JOIN LATERAL (
        SELECT * FROM finding WHERE s.vehicle_id IS NOT NULL AND vehicle_id = s.vehicle_id
        UNION ALL
        SELECT * FROM finding WHERE s.vehicle_id IS NULL AND driver_id = s.driver_id
        UNION ALL
        SELECT * FROM finding WHERE s.vehicle_id IS NULL AND s.driver_id IS NULL AND rule = s.rule) AS f
    WHERE f.withdrawn_at IS NULL AND f.rule = s.rule
    AND (s.driver_id IS NULL OR f.driver_id = s.driver_id) AND (NOT s.driverless OR f.driver_id IS NULL)
    AND CASE WHEN s.by_at THEN f.at ELSE f.start_time END >= to_timestamp(s.start)
    AND CASE WHEN s.by_at THEN f.at ELSE f.start_time END < to_timestamp(s.stop)
"""
# A run's law version covers its method's figures too: where the method file is another one, that is what is said.
_WITHDRAW = """
    UPDATE finding SET withdrawn_at = clock_timestamp(), withdrawn_run = %(run)s, reason = COALESCE((
        SELECT NULLIF(concat_ws(', ', CASE WHEN new.method <> old.method THEN 'method'
                                           WHEN new.law_version <> old.law_version THEN 'law' END,
                                      CASE WHEN new.code_version <> old.code_version THEN 'code' END), '')
        FROM run AS old, run AS new WHERE old.id = finding.run_id AND new.id = %(run)s), %(reason)s)
    WHERE row = ANY(%(rows)s::bigint[])
"""
_ADD = """
    INSERT INTO finding (id, content, run_id, rule, grade, vehicle_id, driver_id, operator, start_time, end_time, at,
                         day, band, excess, body)
    SELECT id, content, %s, rule, grade, vehicle_id, driver_id, operator, to_timestamp(start), to_timestamp(stop),
           to_timestamp(at), day, band, excess, body
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::int[], %s::int[], %s::text[], %s::bigint[],
                %s::bigint[], %s::bigint[], %s::int[], %s::text[], %s::float8[], %s::json[])
        AS f (id, content, rule, grade, vehicle_id, driver_id, operator, start, stop, at, day, band, excess, body)
    RETURNING id, row
"""
_LOAD = """
    SELECT body::text FROM finding
    WHERE withdrawn_at IS NULL AND at >= to_timestamp(%(from)s::bigint) AND at < to_timestamp(%(to)s::bigint)
    AND (%(grade)s::text IS NULL OR grade = %(grade)s::text)
    AND (%(rules)s::text[] IS NULL OR rule = ANY(%(rules)s::text[]))
    AND (%(vehicles)s::int[] IS NULL OR vehicle_id = ANY(%(vehicles)s::int[]))
"""
_RULEBOOKS = """
    SELECT DISTINCT r.law_version, r.method FROM finding f JOIN run r ON r.id = f.run_id
    WHERE f.withdrawn_at IS NULL AND f.at >= to_timestamp(%s::bigint) AND f.at < to_timestamp(%s::bigint)
"""
_BY_PREFIX = (
    "SELECT id, body::text FROM finding WHERE withdrawn_at IS NULL AND id >= %s AND id < %s ORDER BY id LIMIT %s"
)
_HEX = re.compile(r"[0-9a-f]{1,32}")
_LISTED_MAX = 20  # findings that an ambiguous prefix names


@dataclass(frozen=True, slots=True)
class Scope:
    """A set of findings that was computed anew as a whole.

    Findings of `rules` with start (or at, as `by` says) in [start_from, start_to) s UTC; of one vehicle, one driver,
    both, or where neither is given of all. `driverless`: only those with no driver.
    """

    rules: tuple[str, ...]
    plate: str | None
    licence: str | None
    start_from: int
    start_to: int
    by: Literal["start", "at"] = "start"
    driverless: bool = False

    def holds(self, finding: Finding) -> bool:
        """Whether a finding belongs to the set."""
        return (
            finding.rule in self.rules
            and self.plate in (None, finding.vehicle)
            and self.licence in (None, finding.driver)
            and not (self.driverless and finding.driver is not None)
            and self.start_from <= (finding.at if self.by == "at" else finding.start) < self.start_to
        )


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids. `changed`: the same offence now states something else; it was withdrawn and added anew."""

    added: tuple[str, ...]
    withdrawn: tuple[str, ...]
    changed: tuple[str, ...]
    kept: tuple[str, ...]


def replace_findings(
    connection: Connection, run_id: str, scopes: Sequence[Scope], findings: Sequence[Finding], reason: str
) -> Changes:
    """Make `findings` the current ones of the scopes, inside the open transaction.

    What is equal by id and content is not touched; what is gone or says something else is withdrawn. The reason kept
    with it is "law", "method" or "code", each where it is not that of the run that had added it; else `reason`.
    Raises ValueError for a finding that belongs to no scope, or two of one id; nothing is written then.
    """
    new = {one.id: one for one in findings}
    if len(new) != len(findings):
        raise ValueError("two findings have the same id: rule, vehicle, driver, start, at and record are equal")
    _require_scoped(scopes, findings)
    current = {
        id_: (row, content) for row, id_, content in connection.execute(_SCOPED, _scope_rows(connection, scopes))
    }
    contents = {id_: one.content for id_, one in new.items()}
    kept = {id_ for id_, (_, content) in current.items() if contents.get(id_) == content}
    changed = {id_ for id_ in current.keys() & new.keys() if id_ not in kept}
    gone = current.keys() - new.keys()
    withdrawn = sorted(current[id_][0] for id_ in changed | gone)
    if withdrawn:
        connection.execute(_WITHDRAW, {"run": run_id, "reason": reason, "rows": withdrawn})
    _add(connection, run_id, [one for id_, one in new.items() if id_ not in kept])
    added = new.keys() - current.keys()
    return Changes(*(tuple(sorted(ids)) for ids in (added, gone, changed, kept)))


def _require_scoped(scopes: Sequence[Scope], findings: Sequence[Finding]) -> None:
    by_subject: dict[tuple[str | None, str | None], list[Scope]] = defaultdict(list)
    for scope in scopes:
        by_subject[scope.plate, scope.licence].append(scope)
    for one in findings:
        subjects = ((one.vehicle, None), (None, one.driver), (one.vehicle, one.driver), (None, None))
        if not any(scope.holds(one) for subject in set(subjects) for scope in by_subject.get(subject, ())):
            raise ValueError(
                f"finding {one.id} ({one.rule}, {one.vehicle}, start {one.start}) belongs to no scope given"
            )


def _scope_rows(connection: Connection, scopes: Sequence[Scope]) -> dict[str, list[Any]]:
    vehicles = known_vehicles(connection, {one.plate for one in scopes if one.plate is not None})
    drivers = known_drivers(connection, {one.licence for one in scopes if one.licence is not None})
    columns: dict[str, list[Any]] = {
        name: [] for name in ("rule", "vehicle", "driver", "driverless", "start", "stop", "by_at")
    }
    for scope in scopes:
        # -1: a name never seen, of which nothing can be stored.
        vehicle = None if scope.plate is None else vehicles.get(scope.plate, -1)
        driver = None if scope.licence is None else drivers.get(scope.licence, -1)
        for rule in scope.rules:
            values = (rule, vehicle, driver, scope.driverless, scope.start_from, scope.start_to, scope.by == "at")
            for column, value in zip(columns.values(), values, strict=True):
                column.append(value)
    return columns


def _add(connection: Connection, run_id: str, findings: Sequence[Finding]) -> None:
    if not findings:
        return
    vehicles = vehicle_ids(connection, {one.vehicle for one in findings})
    drivers = driver_ids(connection, {one.driver for one in findings if one.driver is not None})
    rows = [
        (
            one.id,
            one.content,
            one.rule,
            str(one.grade),
            vehicles[one.vehicle],
            drivers[one.driver] if one.driver else None,
            one.operator,
            one.start,
            one.end,
            one.at,
            day_of(one.at),
            one.band,
            float(one.excess),
            body_of(one),
        )
        for one in findings
    ]
    made = connection.execute(_ADD, (run_id, *(list(column) for column in zip(*rows, strict=True))))
    numbers: dict[str, int] = dict(made)
    keep_places(connection, [(numbers[one.id], vehicles[one.vehicle], one) for one in findings])


def body_of(finding: Finding) -> str:
    """The text under which a finding is stored, keys in the order of the published form."""
    return json.dumps(finding.as_dict(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def finding_of(body: str) -> Finding:
    """The finding of a stored text."""
    fields = orjson.loads(body)
    law = tuple(_law_use(use) for use in fields.pop("law"))
    return Finding(**{**fields, "grade": Grade(fields["grade"]), "law": law})


def _law_use(fields: dict[str, Any]) -> LawUse:
    """The same figure is one object for all findings of a load: a province's weeks rest on a few dozen."""
    value = fields["value"]
    return LawUse(**fields) if isinstance(value, list | dict) else _shared_use(**fields)


# typed: 5 and 5.0 are equal, but not the same text.
_shared_use = lru_cache(maxsize=4096, typed=True)(LawUse)


def load_findings(
    connection: Connection,
    at_from: int,
    at_to: int,
    grade: Grade | None = None,
    plates: Collection[str] | None = None,
    rules: Collection[str] | None = None,
) -> list[Finding]:
    """Current findings with `at` in [at_from, at_to) s UTC, of all vehicles and rules or of those named, in the order
    of the published form."""
    vehicles = None if plates is None else list(known_vehicles(connection, plates).values())
    asked = {"from": at_from, "to": at_to, "grade": grade, "vehicles": vehicles,
             "rules": None if rules is None else list(rules)}  # fmt: skip
    return in_order(finding_of(body) for (body,) in connection.execute(_LOAD, asked))


def rulebooks(connection: Connection, at_from: int, at_to: int) -> set[tuple[str, str]]:
    """Law versions and methods of the runs that gave the current findings with `at` in [at_from, at_to) s UTC."""
    return {(version, method) for version, method in connection.execute(_RULEBOOKS, (at_from, at_to))}


def is_prefix(text: str) -> bool:
    """Whether an id can begin so."""
    return _HEX.fullmatch(text) is not None


def get_finding(connection: Connection, id_or_prefix: str) -> Finding | None:
    """The current finding of an id, or of the unique start of one. Raises AmbiguousPrefix where several begin so."""
    prefix = id_or_prefix.strip().lower()
    if not is_prefix(prefix):
        return None
    rows = connection.execute(_BY_PREFIX, (prefix, prefix + "g", _LISTED_MAX)).fetchall()
    if len(rows) > 1:
        raise AmbiguousPrefix(prefix, [id_ for id_, _ in rows])
    return finding_of(rows[0][1]) if rows else None
