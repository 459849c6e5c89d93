"""Places at which overloads begin, beside a plain count of the same records."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from typing import Any

from journey.localtime import day_of
from journey.model import Finding, Grade
from storage.commit import commit_batch
from storage.database import Connection
from storage.findings import Scope, replace_findings
from storage.stations.origins import CELL_DEGREES, WantedOrigins, overload_origins
from tests.api.overloads import placed
from tests.storage.samples import NOON, finding, new_run, stretch, weighing

STATIONS, PLATES, OPERATORS = ("KT1", "KT2"), tuple(f"12C0000{k}" for k in range(6)), ("OP1", "OP2", None)
_CASE = """
    INSERT INTO finding_case (finding, content, rule, operator, vehicle_id, at, state, outcome, opened_at, moved_at)
    SELECT f.id, 'c', f.rule, f.operator, f.vehicle_id, f.at, %s, %s, now(), now() FROM finding f
    JOIN vehicle v ON v.id = f.vehicle_id WHERE v.plate = %s AND f.at = to_timestamp(%s::bigint) AND f.rule = %s
"""
_ENDS = (("confirmed", "accepted"), ("decided", "upheld"), ("dismissed", "dismissed"), ("decided", "overturned"),
         ("suspected", None), None)  # fmt: skip
AGAINST = ("dismissed", "overturned")


def test_as_a_plain_count_has_it(connection: Connection) -> None:
    dice = random.Random(7)
    rows = [
        {"plate": dice.choice(PLATES), "time": NOON + 3600 * k, "station": dice.choice(STATIONS),
         "operator": dice.choice(OPERATORS), "lon": 106.7 + 0.005 * dice.randrange(3) + dice.uniform(-0.002, 0.002),
         "lat": 21.8 + dice.uniform(-0.002, 0.002), "placed": dice.random() < 0.8,
         "grade": dice.choice((Grade.CERTAIN, Grade.CERTAIN, Grade.POSSIBLE, None)),
         "excess": float(dice.randrange(11, 90)), "two": dice.random() < 0.3, "end": dice.choice(_ENDS)}
        for k in range(90)
    ]  # fmt: skip
    _stored(connection, rows)
    days = (day_of(NOON), day_of(NOON) + 5)
    for first, stop in (days, (days[0] + 1, days[0] + 3), (days[0] + 9, days[0] + 10)):
        for station in (None, *STATIONS):
            for operator in (None, "OP1", "OP2", "OP3"):
                wanted = WantedOrigins(first, stop, station, operator)
                found = [(round(one.lon / CELL_DEGREES), round(one.lat / CELL_DEGREES), *one[2:])
                         for one in overload_origins(connection, wanted, 50)]  # fmt: skip
                assert found == _counted(rows, wanted), wanted
    assert (
        overload_origins(connection, WantedOrigins(*days), 1)
        == overload_origins(connection, WantedOrigins(*days), 50)[:1]
    )


def _stored(connection: Connection, rows: list[dict[str, Any]]) -> None:
    weighed = [weighing(plate=one["plate"], time=one["time"], station=one["station"], ticket=str(one["time"]))
               for one in rows]  # fmt: skip
    commit_batch(connection, stretch("test", 0, 1, weighings=weighed))
    run = new_run(connection)
    for plate in PLATES:
        found = [given for one in rows if one["plate"] == plate for given in _findings(one)]
        scope = Scope(("overload_axle", "overload_gross"), plate, None, 0, 1 << 33)
        replace_findings(connection, run, [scope], found, "test")
    for one in rows:
        if one["placed"]:
            placed(connection, one["lon"], one["lat"], one["plate"], one["time"])
        if one["end"] is not None:
            connection.execute(_CASE, (*one["end"], one["plate"], one["time"], "overload_axle"))


def _findings(one: dict[str, Any]) -> list[Finding]:
    if one["grade"] is None:
        return []
    given = {"vehicle": one["plate"], "driver": None, "operator": one["operator"], "start": one["time"],
             "end": one["time"], "at": one["time"], "grade": one["grade"], "unit": "kg",
             "detail": {"station": one["station"], "ticket": str(one["time"])}}  # fmt: skip
    both = [finding(**given, rule="overload_axle", excess=one["excess"])]
    return [*both, finding(**given, rule="overload_gross", excess=one["excess"] - 10)] if one["two"] else both


def _counted(rows: list[dict[str, Any]], wanted: WantedOrigins) -> list[tuple[Any, ...]]:
    weighed: Counter[tuple[int, int]] = Counter()
    over: dict[tuple[int, int], list[tuple[str, str | None, float]]] = defaultdict(list)
    for one in rows:
        inside = wanted.first <= day_of(one["time"]) < wanted.stop and one["station"] in (
            (wanted.station,) if wanted.station else STATIONS
        )
        if not (one["placed"] and inside):
            continue
        cell = (round(one["lon"] / CELL_DEGREES), round(one["lat"] / CELL_DEGREES))
        weighed[cell] += 1
        standing = [] if one["end"] is not None and one["end"][1] in AGAINST else [one["excess"]]
        standing += [one["excess"] - 10] if one["two"] else []
        if one["grade"] is Grade.CERTAIN and standing and wanted.operator in (None, one["operator"]):
            over[cell].append((one["plate"], one["operator"], max(standing)))
    found = [
        (*cell, len(some), weighed[cell], len({plate for plate, _, _ in some}),
         tuple(sorted({operator for _, operator, _ in some if operator is not None})), max(worst for *_, worst in some))
        for cell, some in over.items()
    ]  # fmt: skip
    return sorted(found, key=lambda row: (-row[2], row[0], row[1]))
