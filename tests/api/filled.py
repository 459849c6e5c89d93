"""Two operators with a vehicle, a driver and records each; a third vehicle went from one to the other."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256

from journey.casework import Step
from journey.localtime import date_of, day_of
from journey.model import Finding, Grade
from journey.registry import Driver, Operator, Registration, Registry, Station
from rules.stations.reasons import BY_KIND
from storage.audit.log import By
from storage.cases.attachments import attach
from storage.cases.steps import take_step
from storage.commit import commit_batch
from storage.database import Connection
from storage.findings import Scope, body_of, replace_findings
from storage.lists.published import Entry, Published, add_published
from storage.names import driver_ids, vehicle_ids
from storage.people.tokens import allowed, issue_token
from storage.registry import save_registry
from storage.stations.reviews import replace_reviews
from tests.people.samples import person
from tests.storage.samples import DAY, NOON, finding, fix, frame, new_run, stretch, weighing

NOW = NOON + 6 * 3600
DATE = date_of(DAY)
MONTH = f"{DATE:%Y-%m}"
WEEK = f"{DATE.isocalendar().year}-W{DATE.isocalendar().week:02d}"
PLATES = {"OP1": "12C11111", "OP2": "29H22222"}
SOLD = "12C33333"  # of OP1 up to the day before, of OP2 from DAY on
TRAILER = "29R00001"  # of OP2
LICENCES = {"OP1": "790111111111", "OP2": "790222222222"}
REGISTRY = Registry(
    operators=(Operator("OP1", "Công ty Vận tải Đường Việt", "0101"), Operator("OP2", "Hợp tác xã Xanh", "0202")),
    vehicles=(
        Registration(PLATES["OP1"], "OP1", "truck", payload_kg=8000),
        Registration(PLATES["OP2"], "OP2", "coach", seats=45),
        Registration(SOLD, "OP1", "truck", valid_to=date_of(DAY - 1)),
        Registration(SOLD, "OP2", "truck", valid_from=DATE),
        Registration(TRAILER, "OP2", "semi_trailer"),
    ),
    drivers=(Driver(LICENCES["OP1"], "Nguyễn Văn Một", "OP1"), Driver(LICENCES["OP2"], "Trần Thị Hai", "OP2")),
    stations=(Station("KT12", "Trạm cân"),),
)  # fmt: skip
_RUN = {"peak_speed": 96.0, "mean_speed": 95.5, "fixes": 4, "distance_m": 2400.0, "segments": ["QL1A-10"]}
DOCUMENTS = {"OP1": 1, "OP2": 2}  # number of the document in the case of each
PAPER = b"%PDF-1.4\n% of the store\n%%EOF\n"
EVIDENCE: dict[str, dict[str, object]] = {
    "unweighed": {"away_m": 12, "queue": 1, "around": 3, "clock_s": -60},
    "detour": {"left_at": NOON - 900, "way_m": 14_000, "direct_m": 6000, "journeys": 12, "stop_s": 80, "queue": 0,
               "around": 4, "clock_s": 0},
    "wait": {"stood_from": NOON - 5000, "stood_until": NOON - 60, "closed_at": NOON - 600, "away_m": 1500,
             "driven_s": 600, "day_s": 600, "queue": 0, "around": 2, "clock_s": 0},
    "silent": {"gross_kg": 24_000, "ticket": "T1", "sent_before": NOON - 9000, "sent_after": None, "others": 3,
               "others_sending": 2, "clock_s": None},
}  # fmt: skip
RULES = ("speeding", "double_login", "overload_gross")


def fill(connection: Connection, cases: bool = True) -> None:
    """Registry, records, findings, sums, a list, and cases unless they are not wanted; committed."""
    save_registry(connection, REGISTRY)
    fixes, weighings = [], []
    for operator, plate in PLATES.items():
        fixes += [
            fix(plate, NOON + 30 * step, driver=LICENCES[operator], lon=105.5 + step * 1e-3) for step in range(60)
        ]
        weighings += [weighing(plate=plate, time=NOON + 60, ticket=plate, trailer=TRAILER),
                      weighing(plate=plate, time=NOON - 86_400, ticket="=1+1")]  # fmt: skip
    fixes += [fix(SOLD, NOON - 86_400 + 30 * step, driver=LICENCES["OP1"]) for step in range(10)]
    fixes += [fix(SOLD, NOON + 30 * step, driver=LICENCES["OP2"]) for step in range(10)]
    fixes.append(fix("99X99999", NOON, driver=None))  # registered for nobody
    commit_batch(connection, stretch("s", 0, 1, frame(fixes), weighings=weighings))
    new_run(connection)
    findings = every_finding()
    scopes = [Scope(RULES, plate, None, 0, 1 << 33) for plate in {one.vehicle for one in findings}]
    replace_findings(connection, "run-1", scopes, findings, "test")
    connection.commit()
    _activities(connection)
    _sums(connection)
    _list(connection)
    _reviews(connection)
    connection.commit()
    if cases:
        open_cases(connection)


def every_finding() -> list[Finding]:
    found = []
    for operator, plate in PLATES.items():
        shared = {"vehicle": plate, "driver": LICENCES[operator], "operator": operator}
        found += [
            finding(**shared, start=NOON + 60 * step, at=NOON + 60 * step + 30, detail=_RUN) for step in range(12)
        ]
        found.append(finding(**shared, rule="overload_gross", band="=cmd", start=NOON, at=NOON, grade=Grade.POSSIBLE))
    found.append(finding(vehicle=PLATES["OP1"], driver=LICENCES["OP1"], operator="OP1", rule="double_login",
                         start=NOON + 5, at=NOON + 50,
                         detail={"vehicles": [PLATES["OP1"], PLATES["OP2"]]}))  # fmt: skip
    found.append(finding(vehicle="99X99999", driver=None, operator=None, detail=_RUN))
    return found


def _activities(connection: Connection) -> None:
    vehicles = vehicle_ids(connection, [*PLATES.values(), SOLD])
    drivers = driver_ids(connection, LICENCES.values())
    one, two = (drivers[LICENCES[operator]] for operator in ("OP1", "OP2"))
    first, second = (vehicles[PLATES[operator]] for operator in ("OP1", "OP2"))
    rows = [(first, one, NOON, NOON + 600, 0), (first, one, NOON + 600, NOON + 900, 1),
            (vehicles[SOLD], one, NOON - 86_400, NOON - 86_000, 0), (vehicles[SOLD], one, NOON, NOON + 300, 0),
            (second, two, NOON, NOON + 600, 0)]  # fmt: skip
    for row in rows:
        connection.execute(
            "INSERT INTO activity (vehicle_id, driver_id, start_time, end_time, kind) "
            "VALUES (%s, %s, to_timestamp(%s::bigint), to_timestamp(%s::bigint), %s)", row,
        )  # fmt: skip


def _sums(connection: Connection) -> None:
    for plate in PLATES.values():
        connection.execute(
            "INSERT INTO service_day SELECT id, %s, 60, 59, 1, 0, 60, 30, 30, 20, 1, 1, 1, 10, 20, '{}', 'run-1' "
            "FROM vehicle WHERE plate = %s", (DAY - 1, plate),
        )  # fmt: skip


def open_cases(connection: Connection) -> None:
    """A case of each operator, sent to it, with a document."""
    by = By(person(connection, "opener", "inspector"), "test")
    for operator in PLATES:
        for step in (Step.OPEN, Step.SEND):
            take_step(connection, by, first_finding(connection, operator), step, None, NOW)
        made = attach(connection, by, first_finding(connection, operator), f"{operator}.pdf", PAPER, NOW)
        assert made.id == DOCUMENTS[operator]
    connection.commit()


def first_finding(connection: Connection, operator: str) -> str:
    """The id of one of an operator's findings."""
    row = connection.execute(
        "SELECT id FROM finding WHERE operator = %s AND rule = 'speeding' ORDER BY row LIMIT 1", (operator,)
    ).fetchone()
    assert row is not None
    return str(row[0])


def _reviews(connection: Connection) -> None:
    """Of every kind, of each operator, and one that the record makes innocent."""
    rows = [
        {"kind": kind, "station": "KT12", "vehicle": plate, "at": NOON + 60, "operator": operator, "excuse": None,
         "body": {"evidence": evidence, "reasons": list(BY_KIND[kind]), "law": []}}
        for operator, plate in PLATES.items()
        for kind, evidence in EVIDENCE.items()
    ]  # fmt: skip
    rows.append({**rows[0], "at": NOON + 90, "excuse": "full"})
    replace_reviews(connection, DAY, rows, "test")


def _list(connection: Connection) -> None:
    """A published list with one finding of each operator."""
    entries = [
        Entry(one.id, "listed", one.content, body_of(one), 1, None, None, None, "run-1")
        for one in every_finding() if one.start == NOON and one.rule == "speeding" and one.operator
    ]  # fmt: skip
    files = {"list.csv": b"a,b", "list.bin": b"c"}
    sums = [{"name": name, "sha256": sha256(content).hexdigest()} for name, content in files.items()]
    manifest = json.dumps({"files": sums}).encode()
    one = Published(1, DATE.year, 1, WEEK, 0, NOW, "law", "method", "code", 1, 1, 0, None, manifest, None)
    add_published(connection, one, entries, files)


def token_of(connection: Connection, login: str, role: str, operator: str | None,
             scopes: tuple[str, ...] = ("read", "write", "export")) -> str:  # fmt: skip
    """The secret of a new account's new token."""
    who = person(connection, login, role, operator)
    return issue_token(connection, who, set(scopes) & allowed(who), "test", NOW, 300)[1]


assert day_of(NOON) == DAY
assert isinstance(DATE, date)
