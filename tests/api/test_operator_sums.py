"""What the page of an operator shows is what is counted one day, one finding and one vehicle at a time."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.pages._fleets import Fleets
from api.pages._operator import WEEKS, MonthLine, OperatorWhole, read_operator
from journey.localtime import date_of, day_of, week_of, week_start
from journey.registry import Registration, Registry
from rules.months import bounds
from rules.rollups import proposed_vehicles
from rules.weighings.masses import TOWED
from storage.database import Connection, connect, transaction
from tests.casefolder import LAW
from tests.checking.test_windows_equal_whole import reset
from tests.rollups.plain import rolled_up
from tests.rollups.stores import NOW, OPERATORS, PLATES, fill, months

EXAMPLES = int(os.environ.get("HANHTRINH_TEST_EXAMPLES", "40"))


@pytest.fixture(scope="module")
def store(module_database: str) -> Iterator[Connection]:
    with connect(module_database) as connection:
        yield connection


@pytest.fixture(scope="module")
def fleets() -> Fleets:
    """Kept from one registry to the next."""
    return Fleets()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1 << 30), operator=st.sampled_from(OPERATORS),
       month=st.one_of(st.none(), st.sampled_from(months())))  # fmt: skip
def test_the_page_is_the_same(store: Connection, fleets: Fleets, seed: int, operator: str, month: date | None) -> None:
    reset(store)
    registry = fill(store, seed)
    with transaction(store):
        whole = read_operator(store, operator, month, LAW, NOW, fleets)
        assert whole is not None
        _agree_on_weeks(store, registry, operator, whole)
        _agree_on_service(store, registry, operator, whole)
        _agree_on_month(store, registry, operator, whole)
        assert month is None or whole.chosen == month


def test_of_an_operator_that_there_is_not_nothing_is_read(store: Connection) -> None:
    reset(store)
    fill(store, 1)
    with transaction(store):
        assert read_operator(store, "nobody", None, LAW, NOW, Fleets()) is None


def in_force(registry: Registry, plate: str, day: int) -> Registration | None:
    """The row of a day: of several the latest begun, then the last in the file."""
    best = None
    for row in registry.vehicles:
        begun = row.valid_from is None or row.valid_from <= date_of(day)
        ended = row.valid_to is not None and row.valid_to < date_of(day)
        if row.plate == plate and begun and not ended:
            later = best is None or best.valid_from is None
            if later or (row.valid_from is not None and best is not None and row.valid_from >= best.valid_from):  # type: ignore[operator]
                best = row
    return best


def owner(registry: Registry, plate: str, day: int) -> str | None:
    row = in_force(registry, plate, day)
    return None if row is None else row.operator


def _agree_on_weeks(store: Connection, registry: Registry, operator: str, whole: OperatorWhole) -> None:
    found = store.execute(
        "SELECT v.plate, f.day, f.grade, extract(epoch FROM f.at)::bigint FROM finding f JOIN vehicle v "
        "ON v.id = f.vehicle_id WHERE f.withdrawn_at IS NULL AND f.operator = %s", (operator,)
    ).fetchall()  # fmt: skip
    latest = min(max((at for *_, at in found), default=NOW), NOW)
    assert whole.last_week == week_of(latest)
    assert (whole.first, whole.stop) == (day_of(week_start(week_of(latest) - WEEKS + 1)),
                                         day_of(week_start(week_of(latest) + 1)))  # fmt: skip
    inside = range(whole.first, whole.stop)
    certain: Counter[int | str] = Counter()
    possible: Counter[int] = Counter()
    for plate, day, grade, _ in found:
        if day in inside:
            week = (day + 3) // 7
            certain.update([week, plate] if grade == "certain" else [])
            possible.update([week] if grade != "certain" else [])
    driven_mm: Counter[int | str] = Counter()
    last_day: dict[str, int] = {}
    known = set()
    rows = store.execute("SELECT v.plate, d.day, d.fixes, d.driving_m FROM day_summary d JOIN vehicle v "
                         "ON v.id = d.vehicle_id")  # fmt: skip
    for plate, day, fixes, driving_m in rows:
        if day in inside and owner(registry, plate, day) == operator:
            week = (day + 3) // 7
            known.add(week)
            driven_mm.update({week: round(driving_m * 1000), plate: round(driving_m * 1000)})
            if fixes:
                last_day[plate] = max(day, last_day.get(plate, day))
    weeks = known | {(day + 3) // 7 for _, day, *_ in found if day in inside}
    assert whole.weeks == {week: (certain[week], possible[week], driven_mm[week] / 1000) for week in weeks}
    assert whole.total[:2] == (sum(certain[week] for week in weeks), sum(possible[week] for week in weeks))
    assert whole.total.driven_m == sum(driven_mm[week] for week in weeks) / 1000
    mine = [row for plate in PLATES if (row := in_force(registry, plate, whole.stop - 1)) is not None]
    lines = [
        (row.plate, row.kind, row.business, row.badge, driven_mm[row.plate] / 1000, certain[row.plate],
         last_day.get(row.plate))
        for row in mine if row.operator == operator
    ]  # fmt: skip
    assert whole.vehicles == sorted(lines, key=lambda line: (-line[5], line[0]))


def _agree_on_service(store: Connection, registry: Registry, operator: str, whole: OperatorWhole) -> None:
    start, end = bounds(whole.chosen)
    days = range(day_of(start), min(day_of(end), day_of(NOW)))
    rows = [
        row for row in store.execute(
            "SELECT v.plate, d.day, d.usable, d.fixes, d.driving_mm, d.track_mm FROM service_day d JOIN vehicle v "
            "ON v.id = d.vehicle_id")
        if row[1] in days and owner(registry, row[0], row[1]) == operator
    ]  # fmt: skip
    service = whole.service
    assert service.online_days == sum(row[2] > 0 for row in rows)
    assert (service.usable, service.fixes, service.driving_mm, service.track_mm) == tuple(
        sum(row[column] for row in rows) for column in (2, 3, 4, 5)
    )
    mine = [row for plate in PLATES for day in days if (row := in_force(registry, plate, day)) is not None]
    assert service.registered_days == sum(row.operator == operator and row.kind not in TOWED for row in mine)


def _agree_on_month(store: Connection, registry: Registry, operator: str, whole: OperatorWhole) -> None:
    fleet = sorted({row.plate for row in registry.vehicles if row.operator == operator and row.kind not in TOWED})
    rolled = rolled_up(store, whole.chosen, registry, LAW, fleet, NOW)
    speeding = {one.vehicle: one for one in rolled.speeding}
    weighings = {one.vehicle: one.n for one in rolled.overload}
    shown = {plate for plate, one in speeding.items() if one.n} | weighings.keys()
    lines = {one.plate: one for one in whole.month.lines}
    assert lines.keys() == shown
    for plate, line in lines.items():
        one = speeding.get(plate)
        assert (line.breaches, line.weighings) == (one.n if one else 0, weighings.get(plate, 0))
        assert (line.driven_m, line.coverage) == ((one.driven_mm / 1000, one.coverage) if one else (0, 0))
        assert line.proposed == (plate in proposed_vehicles(rolled))
    assert [one.plate for one in whole.month.lines] == [one.plate for one in sorted(whole.month.lines, key=_nearest)]
    mine = [one for one in rolled.operators if one.operator == operator]
    expected = (mine[0].vehicles, mine[0].revoked, mine[0].proposed) if mine else (len(fleet), 0, False)
    assert (whole.month.vehicles, whole.month.revoked, whole.month.review) == expected


def _nearest(line: MonthLine) -> tuple[object, ...]:
    return not line.proposed, -(line.rate or 0), -line.weighings, line.plate
