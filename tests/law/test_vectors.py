"""The worked examples that stand with the facts: speeds, badge counts, weighings, a drive with a break too short."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from journey.localtime import midnight
from journey.model import Finding, Weighing
from journey.registry import Registration, Registry, Station
from journey.track import ACTIVITY, DRIVING, STANDING
from rules import law as rulebook
from rules.bands import band_of
from rules.engine import driver_floor, know, weighing_floor
from rules.weighings.masses import gross_limit

LAW = rulebook.load()
TIMES = {year: midnight(date(year, 6, 2)) + 8 * 3600 for year in (2021, 2023, 2025, 2026)}
ON_25 = TIMES[2025]


@pytest.mark.parametrize("year", TIMES)
@pytest.mark.parametrize(("speed", "band"), [(64.9, None), (65.0, "5-10"), (70.0, "10-20"), (80.0, "10-20"),
                                             (80.1, "20-35"), (95.0, "20-35"), (95.1, "35+")])  # fmt: skip
def test_speeds_at_a_limit_of_60(year: int, speed: float, band: str | None) -> None:
    bands = LAW.at("speed.bands", TIMES[year])
    assert bands is not None
    found = band_of(bands.value, round(speed * 10) - 600)
    assert (found["band"] if found else None) == band


@pytest.mark.parametrize(("excess_dkmh", "counted"), [(50, False), (51, True)])
def test_the_badge_counts_above_five(excess_dkmh: int, counted: bool) -> None:
    over, bands = LAW.at("rollups.speeding_excess_over", ON_25), LAW.at("speed.bands", ON_25)
    assert over is not None
    assert bands is not None
    assert (excess_dkmh > over.value) == counted
    assert band_of(bands.value, excess_dkmh) is not None  # fined all the same


@pytest.mark.parametrize(("breaches", "km", "met"), [(6, 1150, True), (5, 1010, False), (5, 1000, True)])
def test_breaches_per_1000_km(breaches: int, km: int, met: bool) -> None:
    least, distance = LAW.at("rollups.speeding_breaches_min", ON_25), LAW.at("rollups.speeding_distance", ON_25)
    assert least is not None
    assert distance is not None
    assert (breaches * distance.value >= least.value * km * 1_000_000) == met


def row(plate: str, kind: str, **figures: int | bool) -> Registration:
    return Registration(plate, "OP1", kind, "goods", **figures)  # type: ignore[arg-type]


def weighing(time: int, plate: str, axle_kg: tuple[int, ...], spacing_mm: tuple[int, ...], gross_kg: int,
             trailer: str | None = None, persons: int = 1) -> Weighing:  # fmt: skip
    return Weighing("KT1", 1, time, plate, trailer, axle_kg, spacing_mm, gross_kg, persons, 0, "T1")


def judged(one: Weighing, *rows: Registration) -> dict[str, Finding]:
    registry = Registry(vehicles=rows, stations=(Station("KT1", "KT1"),))
    findings, _ = weighing_floor([one], know(registry, LAW), LAW)
    return {finding.rule: finding for finding in findings}


TRACTOR = row("12C10001", "tractor", kerb_kg=7111)
SEMI = row("12R10001", "semi_trailer", kerb_kg=6300, payload_kg=29_000, kingpin_mm=6600)
FAR = (3300, 2500, 2500, 2500, 2500)  # single axles


@pytest.mark.parametrize("year", TIMES)
def test_payload_binds_before_the_road_limit_of_48_t(year: int) -> None:
    lawful = weighing(TIMES[year], TRACTOR.plate, (7000, *[7000] * 5), FAR, 42_476, SEMI.plate)
    assert not judged(lawful, TRACTOR, SEMI)
    over = judged(weighing(TIMES[year], TRACTOR.plate, (8000,) * 6, FAR, 48_000, SEMI.plate), TRACTOR, SEMI)
    assert set(over) == {"overload_payload"}
    payload = over["overload_payload"]
    assert (payload.measured, payload.limit, payload.excess, payload.band) == (34_524, 29_000, 19.05, "10-30")


@pytest.mark.parametrize("year", TIMES)
@pytest.mark.parametrize(("gross", "band"), [(26_400, None), (26_500, "10-20")])
def test_a_rigid_vehicle_of_three_axles(year: int, gross: int, band: str | None) -> None:
    found = judged(weighing(TIMES[year], "12C10002", (8000, 9000, 9000), (3300, 2500), gross), row("12C10002", "truck"))
    assert {rule: finding.band for rule, finding in found.items()} == ({"overload_gross": band} if band else {})


@pytest.mark.parametrize("year", TIMES)
def test_a_tandem_that_counts_without_a_fine(year: int) -> None:
    found = judged(
        weighing(TIMES[year], "12C10002", (2000, 10_500, 10_500), (3300, 1350), 23_000), row("12C10002", "truck")
    )
    assert set(found) == {"overload_axle"}
    axle = found["overload_axle"]
    assert (axle.limit, axle.excess, axle.band, axle.detail["fine"]) == (18_000, 16.67, "10-20", "none")
    assert [one["fined"] for one in axle.detail["consequences"]] == [False] * (1 if year == 2021 else 2)


@pytest.mark.parametrize("year", TIMES)
@pytest.mark.parametrize(("cargo", "band"), [(11_800, None), (12_100, "20-30")])
def test_a_liquid_tanker(year: int, cargo: int, band: str | None) -> None:
    tanker = row("12C10003", "tanker_truck", kerb_kg=8000, payload_kg=10_000, liquid_tank=True)
    gross = cargo + 8000 + 65
    found = judged(weighing(TIMES[year], tanker.plate, (5000,) * 4, (3300,) * 3, gross), tanker)
    assert {rule: finding.band for rule, finding in found.items()} == ({"overload_payload": band} if band else {})


@pytest.mark.parametrize("year", TIMES)
def test_half_a_metre_of_king_pin_missing(year: int) -> None:
    semi = row("12R10002", "semi_trailer", kingpin_mm=2700)
    one = weighing(TIMES[year], TRACTOR.plate, (7000,) * 5, FAR[:4], 35_000, semi.plate)
    limit = gross_limit(TRACTOR, semi, one, LAW)
    assert limit is not None
    assert limit.kg == 37_000


@pytest.mark.parametrize("year", TIMES)
@pytest.mark.parametrize(("stop_min", "measured"), [(14, 4 * 3600 + 5 * 60), (15, None)])
def test_a_break_too_short_for_goods(year: int, stop_min: int, measured: int | None) -> None:
    start = TIMES[year]
    times = [start, start + 130 * 60, start + (130 + stop_min) * 60, start + (130 + stop_min + 115) * 60]
    frame = pl.DataFrame(
        {"vehicle": [0, 0, 0], "driver": [0, 0, 0], "start": times[:3], "end": times[1:],
         "kind": [DRIVING, STANDING, DRIVING]}, schema=ACTIVITY,
    )  # fmt: skip
    registry = Registry(vehicles=(row("12C10002", "truck"),))
    findings, _ = driver_floor(frame, ("12C10002",), ("790123456789",), know(registry, LAW), LAW)
    assert [finding.measured for finding in findings] == ([measured] if measured else [])
