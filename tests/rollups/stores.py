"""Stores full of what a month and an operator's page count, drawn at random and written straight into the tables."""

from __future__ import annotations

from datetime import date
from random import Random

from journey.localtime import date_of, day_of, day_start
from journey.model import Finding, Grade, Weighing
from journey.registry import Operator, Permit, Registration, Registry, Station
from rules.checks.overload import record_of
from storage.commit import commit_batch
from storage.database import Connection, transaction
from storage.findings import Scope, replace_findings
from storage.registry import save_registry
from tests.storage.samples import DAY, finding, new_run, stretch, weighing

FIRST, STOP = DAY - 100, DAY + 1  # of all records, local days
NOW = day_start(DAY) + 40_000
OPERATORS, PLATES = ("A", "B"), ("12C00001", "12C00002", "12C00003", "12C00004")
STATIONS = ("KT12", "KT13")
_EXCESS = (4.9, 5.0, 5.04, 5.05, 5.0500000000000001, 5.1, 18.5)  # around what is not counted
_STATES = (
    ("suspected", None), ("sent_to_operator", None), ("confirmed", "accepted"), ("confirmed", "unanswered"),
    ("dismissed", "dismissed"), ("disputed", None), ("decided", "upheld"), ("decided", "overturned"),
)  # fmt: skip
_DAY_SUMS = """
    INSERT INTO day_summary SELECT id, %s, %s, %s, '{}', %s, %s, 0, %s, 'run-1' FROM vehicle WHERE plate = %s
"""
_SERVICE = """
    INSERT INTO service_day SELECT id, %s, 60, %s, 1, 2, 3, 30, 29, 20, 10, 9, 8, %s, %s, '{}', 'run-1'
    FROM vehicle WHERE plate = %s
"""
_CASE = """
    INSERT INTO finding_case (finding, content, rule, operator, vehicle_id, at, state, outcome, opened_at, moved_at,
                              sent_at, due)
    SELECT id, CASE WHEN %s THEN content ELSE 'before' END, rule, operator, vehicle_id, at, %s, %s, now(), now(), now(),
           to_timestamp(%s::bigint)
    FROM finding WHERE id = %s AND withdrawn_at IS NULL
"""


def fill(connection: Connection, seed: int) -> Registry:
    """Fill an empty store; its registry."""
    dice = Random(seed)
    registry = Registry(
        operators=tuple(Operator(one, f"Operator {one}") for one in OPERATORS),
        vehicles=tuple(row for plate in PLATES for row in _rows(dice, plate)),
        stations=(Station("KT12", "one", automatic_one_stage=True), Station("KT13", "two")),
        permits=(Permit(PLATES[0], 40_000, date_of(DAY - 40), date_of(DAY - 20)),),
    )
    save_registry(connection, registry)
    weighings = [
        weighing(plate=dice.choice(PLATES), time=_instant(dice), ticket=f"{number}", station=dice.choice(STATIONS))
        for number in range(dice.randrange(12))
    ]  # fmt: skip
    commit_batch(connection, stretch("s", 0, 1, weighings=weighings))
    with transaction(connection):
        new_run(connection)
        _add_days(connection, dice)
        found = {one.id: one for one in _findings(dice, weighings)}
        scopes = [Scope(("speeding", "overload_axle", "overload_gross", "moving_silence"), None, None, 0, 1 << 33)]
        replace_findings(connection, "run-1", scopes, list(found.values()), "test")
        kept = [one for one in found.values() if dice.random() < 0.9]
        replace_findings(connection, "run-1", scopes, kept, "test")  # the others are withdrawn
        for one in kept:
            if dice.random() < 0.4:
                state, outcome = dice.choice(_STATES)
                connection.execute(_CASE, (dice.random() < 0.7, state, outcome,
                                           NOW + dice.choice((-1, 0, 1)), one.id))  # fmt: skip
    return registry


def _rows(dice: Random, plate: str) -> list[Registration]:
    rows: list[Registration] = []
    for _ in range(dice.randrange(4)):
        ends = sorted(dice.sample(range(FIRST - 20, STOP + 20), 2))
        begin, end = (None if dice.random() < 0.3 else date_of(one) for one in ends)
        kind = "semi_trailer" if dice.random() < 0.2 else "truck"
        rows.append(Registration(plate, dice.choice(OPERATORS), kind, badge=str(len(rows)), valid_from=begin,
                                 valid_to=end))  # fmt: skip
    by_begin = {row.valid_from: row for row in rows}  # one a day of beginning, as the registry keeps them
    return list(by_begin.values())


def _add_days(connection: Connection, dice: Random) -> None:
    for plate in PLATES:
        connection.execute("INSERT INTO vehicle (plate) VALUES (%s) ON CONFLICT DO NOTHING", (plate,))
        for day in dice.sample(range(FIRST, STOP), 30):
            fixes = dice.choice((0, 5, 60))
            connection.execute(_DAY_SUMS, (day, fixes, fixes, dice.randrange(9000), dice.randrange(9000),
                                           dice.randrange(200_000) / 1000, plate))  # fmt: skip
            connection.execute(
                _SERVICE, (day, dice.choice((0, 59)), dice.randrange(10**6), dice.randrange(10**6), plate)
            )


def _findings(dice: Random, weighings: list[Weighing]) -> list[Finding]:
    found = []
    for _ in range(dice.randrange(40)):
        at, excess = _instant(dice), dice.choice(_EXCESS)
        found.append(finding(
            vehicle=dice.choice(PLATES), driver=None, operator=dice.choice((*OPERATORS, None)),
            rule=dice.choice(("speeding", "speeding", "moving_silence")), grade=_grade(dice), start=at - 60, end=at,
            at=at, excess=excess, measured=60 + excess,
        ))  # fmt: skip
    for one in weighings:
        rule = dice.choice(("overload_axle", "overload_gross"))
        measured = dice.choice((30_000, 33_000, 33_001, 36_000))
        found.append(finding(
            vehicle=one.plate, driver=None, operator=dice.choice(OPERATORS), rule=rule, grade=_grade(dice),
            start=one.time, end=one.time, at=one.time, measured=measured, limit=30_000, unit="kg",
            excess=(measured - 30_000) / 300,
            detail={"record": record_of(one), "station": one.station, "ticket": one.ticket},
        ))  # fmt: skip
    return found


def _grade(dice: Random) -> Grade:
    return Grade.POSSIBLE if dice.random() < 0.2 else Grade.CERTAIN


def _instant(dice: Random) -> int:
    return dice.randrange(day_start(FIRST), day_start(STOP))


def months() -> list[date]:
    """Those that the records reach into, and one beside them."""
    days = range(FIRST - 40, STOP)
    return sorted({date_of(day).replace(day=1) for day in days})


def last_day() -> int:
    return day_of(NOW)
