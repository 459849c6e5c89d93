"""Weighings with known answers: each masses by axle, written out so that the answer can be checked by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cli.fleet.models import MODELS
from cli.fleet.spec import Answer
from journey.localtime import DAY_S, date_of, day_of

if TYPE_CHECKING:
    import numpy as np

    from cli.fleet.people import People, Vehicle
    from cli.fleet.spec import FleetSpec

STATIONS: list[dict[str, Any]] = [
    {"id": "KT-QL1A", "name": "Trạm kiểm tra tải trọng xe QL1A", "lon": 106.651, "lat": 21.697784,
     "direction_deg": 220, "automatic_one_stage": True, "instrument_error_permille": 0,
     "gross_limit_kg": None, "axle_limit_kg": None, "open": "24/24"},
    {"id": "KT-LUUDONG", "name": "Trạm kiểm tra tải trọng xe lưu động", "lon": 106.499641, "lat": 21.844237,
     "direction_deg": None, "automatic_one_stage": False, "instrument_error_permille": 10,
     "gross_limit_kg": None, "axle_limit_kg": None, "open": None},
    {"id": "KT-CAU-QL4B", "name": "Trạm cân trước cầu QL4B", "lon": 106.970964, "lat": 21.691629,
     "direction_deg": 130, "automatic_one_stage": False, "instrument_error_permille": 0,
     "gross_limit_kg": 20_000, "axle_limit_kg": 8_000, "open": None},
]  # fmt: skip
_PLAIN, _ERROR, _BRIDGE = (station["id"] for station in STATIONS)
PERMIT_KG = 60_000
_INNOCENT_EVERY_DAYS = 3


class Sheet(NamedTuple):
    """One weighing of one model. answers: (rule without `overload_`, band); none: innocent, and only looks over.

    permit: `valid` on the day of the weighing, or `expired` before it.
    """

    model: str
    axle_kg: tuple[int, ...]
    answers: tuple[tuple[str, str], ...]
    why: str
    station: str = _PLAIN
    spacing_mm: tuple[int, ...] | None = None
    persons: int | None = 1
    containers: int | None = None
    permit: str | None = None


# Limits, kg: truck2 16,000; truck3, tanker3 24,000; truck4 30,000; semi5 (king-pin 4.0 m) 38,000; semi6 (6.6 m) 48,000;
# container6 (4.4 m) 40,000, with one container 42,000; tank5 (2.7 m) 37,000. Cargo = gross - kerb - 65 a person.
SHEETS = (
    Sheet("truck4", (4000, 3965, 5000, 5000), (("payload", "10-30"),), "cargo 8,400 of 7,000: 20 %"),
    Sheet("truck4", (4600, 4565, 5100, 5100), (("payload", "30-50"),), "cargo 9,800 of 7,000: 40 %"),
    Sheet("truck4", (5000, 4965, 6100, 6100), (("payload", "50-100"),), "cargo 12,600 of 7,000: 80 %"),
    Sheet("truck4", (5800, 5765, 6700, 6700), (("payload", "100-150"),), "cargo 15,400 of 7,000: 120 %"),
    Sheet("truck4", (6000, 5765, 8000, 8000), (("payload", "150+"),), "cargo 18,200 of 7,000: 160 %"),
    Sheet("tanker3", (6065, 9000, 9000), (("payload", "20-30"),), "liquid, cargo 15,000 of 12,000: 25 %"),
    Sheet("tanker3", (5465, 9000, 9000), (), "liquid, cargo 14,400 of 12,000: 20 % exactly"),
    Sheet("tanker3", (5225, 9000, 9000), (), "liquid, cargo 14,160 of 12,000: 18 %"),
    Sheet("truck3", (7900, 9500, 9500), (("gross", "10-20"),), "gross 26,900 of 24,000: 12.08 %"),
    Sheet("truck3", (8400, 9000, 9000), (), "gross 26,400 of 24,000: 10 % exactly"),
    Sheet("truck3", (4500, 10250, 10250), (("axle", "10-20"),), "tandem 20,500 of 18,000: 13.89 %"),
    Sheet("truck3", (6500, 8500, 8500), (("axle", "50+"),), "tandem at 950 mm, 17,000 of 11,000: 54.55 %",
          spacing_mm=(3600, 950)),
    Sheet("truck3", (6000, 8800, 8800), (), "tandem at 1299 mm, 17,600 of 16,000: 10 % exactly",
          spacing_mm=(3600, 1299)),
    Sheet("truck3", (6500, 8500, 8500), (("gross", "10-20"),), "gross 23,500 of the bridge's 20,000: 17.5 %", _BRIDGE),
    Sheet("truck3", (7400, 9800, 9800), (("gross", "10-20"),), "27,000 less 1 % = 26,730 of 24,000: 11.38 %", _ERROR),
    Sheet("truck3", (7500, 9500, 9500), (), "26,500 less 1 % = 26,235 of 24,000: 9.31 %", _ERROR),
    Sheet("truck2", (3300, 12500), (("axle", "20-50"),), "single axle 12,500 of 10,000: 25 %"),
    Sheet("truck2", (6030, 10500), (), "two persons, cargo 9,900 of 9,000: 10 % exactly", persons=2),
    Sheet("truck2", (6030, 10500), (("payload", "10-30"),), "cargo 9,965 of 9,000: 10.72 %", persons=None),
    Sheet("truck2", (6300, 8900), (("axle", "10-20"),), "single axle 8,900 of the bridge's 8,000: 11.25 %", _BRIDGE),
    Sheet("semi5", (10000, 9000, 9000, 9000, 9000), (("gross", "20-50"),), "gross 46,000 of 38,000: 21.05 %"),
    Sheet("semi5", (10000, 12000, 12000, 12000, 12000),
          (("gross", "50+"), ("axle", "20-50"), ("payload", "30-50")),
          "gross 58,000 of 38,000: 52.63 %; tandem 24,000 of 18,000: 33.33 %; cargo 44,835 of 30,000: 49.45 %"),
    Sheet("semi6", (7000, 8500, 8500, 9000, 9000, 9000), (("axle", "10-20"),), "tridem 27,000 of 24,000: 12.5 %"),
    Sheet("semi6", (10500, 9700, 9700, 8700, 8700, 8700), (), "gross 56,000 with a permit of 60,000", permit="valid"),
    Sheet("semi6", (10500, 9700, 9700, 8700, 8700, 8700), (("gross", "10-20"),),
          "gross 56,000 of 48,000, permit run out: 16.67 %", permit="expired"),
    Sheet("container6", (7500, 8250, 8250, 7000, 7000, 7000), (("gross", "10-20"),),
          "gross 45,000 of 40,000: 12.5 %", containers=0),
    Sheet("container6", (7500, 8250, 8250, 7000, 7000, 7000), (), "gross 45,000 of 42,000: one container",
          containers=1),
    Sheet("tank5", (6000, 8750, 8750, 8750, 8750), (("gross", "10-20"),), "gross 41,000 of 37,000: 10.81 %"),
    Sheet("tank5", (5700, 8750, 8750, 8750, 8750), (), "gross 40,700 of 37,000: 10 % exactly"),
)  # fmt: skip


def weighings(
    spec: FleetSpec, rng: np.random.Generator, who: People, rounds: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[Answer]]:
    """All weighings in order of time, the permits, and the answers. Planted sheets are used `rounds` times each."""
    records: list[dict[str, Any]] = []
    permits: list[dict[str, Any]] = []
    answers: list[Answer] = []
    used: set[tuple[int, int]] = set()
    by_model: dict[str, list[Vehicle]] = {}
    for vehicle in who.vehicles:
        by_model.setdefault(vehicle.model_name, []).append(vehicle)
    for turn in range(rounds):
        for sheet in SHEETS:
            vehicle = by_model[sheet.model][turn % len(by_model[sheet.model])]
            day = int(rng.integers(spec.days))
            if sheet.permit:
                # The permit is for the first day only, so that on other days it has run out.
                day = 0 if sheet.permit == "valid" else int(rng.integers(1, spec.days)) if spec.days > 1 else -1
            if day < 0:
                continue
            time = _moment(spec, rng, vehicle, day, used)
            if sheet.permit:
                permits.append(_permit(vehicle, time, sheet.permit))
            records.append(_record(vehicle, sheet, time, len(records)))
            answers += _answers(vehicle, who, sheet, time)
    for vehicle in who.vehicles:
        lawful = MODELS[vehicle.model_name].axle_kg
        for _ in range(-(-spec.days // _INNOCENT_EVERY_DAYS) if lawful else 0):
            load = rng.uniform(0.6, 0.98)
            axles = tuple(int(mass * load) for mass in lawful)
            time = _moment(spec, rng, vehicle, int(rng.integers(spec.days)), used)
            station = (_PLAIN, _ERROR)[int(rng.integers(2))]
            sheet = Sheet(vehicle.model_name, axles, (), "", station)
            records.append(_record(vehicle, sheet, time, len(records)))
            if spec.noise and rng.random() < 0.1:
                records.append(dict(records[-1]))  # the same record sent twice
    records.sort(key=lambda record: (record["time"], record["plate"], record["ticket"]))
    permits = [dict(row) for row in sorted({tuple(row.items()) for row in permits}, key=str)]
    return records, permits, answers


def _moment(spec: FleetSpec, rng: np.random.Generator, vehicle: Vehicle, day: int, used: set[tuple[int, int]]) -> int:
    """A second between 5:00 and 21:00 of a day, at which the vehicle is not weighed otherwise."""
    while True:
        time = spec.begin + day * DAY_S + int(rng.integers(18_000, 75_600))
        if (vehicle.number, time) not in used:
            used.add((vehicle.number, time))
            return time


def _permit(vehicle: Vehicle, time: int, state: str) -> dict[str, Any]:
    day = day_of(time)
    first, last = (day, day) if state == "valid" else (day - 60, day - 30)
    return {
        "plate": vehicle.trailer,
        "gross_kg": PERMIT_KG,
        "valid_from": date_of(first).isoformat(),
        "valid_to": date_of(last).isoformat(),
    }


def _record(vehicle: Vehicle, sheet: Sheet, time: int, number: int) -> dict[str, Any]:
    model = vehicle.model
    return {
        "station": sheet.station,
        "lane": 1 + number % 2,
        "time": time,
        "plate": vehicle.written if number % 3 == 0 else vehicle.plate,
        "trailer": vehicle.trailer,
        "axle_kg": list(sheet.axle_kg),
        "spacing_mm": list(sheet.spacing_mm or model.spacing_mm),
        "gross_kg": sum(sheet.axle_kg),
        "persons": sheet.persons,
        "containers": model.containers if sheet.containers is None else sheet.containers,
        "ticket": f"{sheet.station}-{number:06d}",
    }


def _answers(vehicle: Vehicle, who: People, sheet: Sheet, time: int) -> list[Answer]:
    return [
        Answer(
            rule=f"overload_{rule}",
            grade="certain",
            vehicle=vehicle.plate,
            driver=None,
            operator=who.operators[vehicle.operator]["id"],
            band=band,
            at_from=time,
            at_to=time,
            why=sheet.why,
        )
        for rule, band in sheet.answers
    ]
