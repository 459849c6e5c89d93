"""A store in which every panel of every board has something to show."""

from __future__ import annotations

import json
import random
import time

from cli.stations.watching import watch_stations
from journey.model import Notice, Reason, Rejection, Scale, Weighing
from storage.commit import commit_batch
from storage.connections import pause, say_alive
from storage.database import Connection, transaction
from storage.intake import Account
from storage.proofs import FAILED, Counts, Proof, add_proof
from storage.registry import load_stations
from storage.upkeep.hours import refresh_all, save_hours
from tests.api.filled import NOW, PLATES, fill
from tests.casefolder import LAW
from tests.operations.grafana import Range
from tests.storage.samples import DAY, NOON, fix, frame, stretch, weighing

SHOWN = Range(NOON - 5 * 86_400, int(time.time()) + 3600)


def fill_boards(connection: Connection) -> None:
    """What `fill` of the API's tests makes, and records, refusals, outages and sums beside it; committed."""
    fill(connection)
    plate = PLATES["OP1"]
    rubbish = Rejection("mqtt", "message", Reason.UNDECODABLE, "no JSON", b"\xff", NOW, sender="OP1")
    model = Notice("vehicle", plate, {"deviceModel": "VT-100"})
    late = fix(plate, NOON + 7200, driver=None, received=NOON + 7230)
    heavy = weighing(plate=plate, time=NOON, ticket="heavy", gross_kg=49_000)
    batch = stretch("mqtt", 0, 1, frame([late]), weighings=[heavy], rejections=[rubbish], notices=[model],
                    received=NOW, accounts=(Account("OP1", "OP1"),))  # fmt: skip
    commit_batch(connection, batch)
    commit_batch(connection, stretch("mqtt", 1, 2, weighings=drifting_instrument(), received=NOW))
    with transaction(connection):
        stations = load_stations(connection)
    watch_stations(connection, stations, LAW, NOON + 86_400)
    connection.execute(
        "INSERT INTO day_summary SELECT id, %s, 60, 59, %s, 3600, 60, 0, 40000.0, 'run-1' "
        "FROM vehicle WHERE plate = %s",
        (DAY - 1, json.dumps({"jump": 1}), plate),
    )
    connection.execute(
        "UPDATE finding SET withdrawn_at = clock_timestamp(), reason = 'late_data' "
        "WHERE row = (SELECT max(row) FROM finding WHERE operator = 'OP1' AND rule = 'speeding')"
    )
    connection.execute("UPDATE finding_case SET state = 'dismissed', outcome = 'dismissed' WHERE operator = 'OP1'")
    connection.commit()
    say_alive(connection, "mqtt", 1, begins=True)
    connection.execute("UPDATE connection SET alive_at = alive_at - interval '1 hour'")
    connection.commit()
    say_alive(connection, "mqtt", 1)
    pause(connection, "mqtt", "the last 1000 messages held nothing that could be taken in")
    connection.commit()
    rules = {"speeding": Counts(6, 6, 0), "overload_axle": Counts(6, 5, 1)}
    said = "1 planted findings are missing, 1 are extra"
    proof = Proof(NOW, 0, FAILED, "http", "2026-W09", 9, 9, 0, 2.0, 3.0, "law", "method", "code", said, [], rules)
    add_proof(connection, proof)
    days = [(number, day) for (number,) in connection.execute("SELECT id FROM vehicle") for day in (DAY - 1, DAY)]
    save_hours(connection, days)
    connection.commit()
    refresh_all(connection, int(time.time()))


def drifting_instrument() -> list[Weighing]:
    """Five-axle combinations of a lane over two days, the last eighty of them weighed a tenth too heavy."""
    dice = random.Random(1)
    made = []
    for number in range(700):
        steering = int(dice.gauss(5400, 430) * (1.1 if number >= 620 else 1))
        axles = (steering, 7000, 7000, 7000, 7000)
        made.append(Weighing("KT12", 2, NOON - 172_800 + 300 * number, "?" if number % 20 == 0 else "99C00001", None,
                             axles, (3300, 1350, 6000, 1350), sum(axles), 1, None, f"W{number}",
                             Scale("WIM-2", "KD-1", plate_permille=990)))  # fmt: skip
    return made
