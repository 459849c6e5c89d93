"""An overload of OP1 in the store of the API's tests, and the place at which its journey began."""

from __future__ import annotations

from journey.localtime import day_of
from journey.model import Finding, Grade
from storage.database import Connection
from storage.findings import Scope, replace_findings
from tests.api.filled import PLATES
from tests.storage.samples import NOON, finding

AT = NOON + 60
OVERLOAD: Finding = finding(
    vehicle=PLATES["OP1"], driver=None, operator="OP1", rule="overload_axle", start=AT, end=AT, at=AT,
    measured=12_000.0, limit=10_000.0, excess=20.0, unit="kg", band="10-20", grade=Grade.CERTAIN,
    detail={"station": "KT12", "ticket": PLATES["OP1"], "axles": "1", "record": "x"},
)  # fmt: skip
_PLACE = """
    INSERT INTO weighing_place (hash, day, "time", station, vehicle_id, status, passed_at, origin_lon, origin_lat)
    SELECT w.hash, %s::int, w."time", w.station, w.vehicle_id, 'passed', w."time", %s, %s
    FROM weighing w JOIN vehicle v ON v.id = w.vehicle_id WHERE v.plate = %s AND w."time" = to_timestamp(%s::bigint)
"""


def overload(store: Connection) -> None:
    """In the open transaction."""
    replace_findings(store, "run-1", [Scope(("overload_axle",), PLATES["OP1"], None, 0, 1 << 33)], [OVERLOAD], "test")


def placed(store: Connection, lon: float, lat: float, plate: str = PLATES["OP1"], time: int = AT) -> None:
    """In the open transaction: the weighing of a vehicle came from there."""
    store.execute(_PLACE, (day_of(time), lon, lat, plate, time))
