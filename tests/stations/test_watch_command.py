"""`hanhtrinh station watch`: stored weighings, an instrument that drifts, who is told, and what must not change."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from cli.checking.windows import check
from cli.stations.gauges import silent_s, tell_stations
from cli.stations.report import WRITERS, month_forms
from cli.stations.watching import watch_stations
from journey.localtime import DAY_S, day_of, day_start, midnight
from journey.metrics import CheckMetrics
from journey.model import Scale, Weighing
from journey.registry import Registration, Registry, Station
from storage.commit import commit_batch
from storage.database import Connection, connect, transaction
from storage.registry import save_registry
from storage.stations.instruments import drifts_at, instruments
from storage.stations.weighing_views import By, WantedView, weighings_by
from tests.casefolder import LAW
from tests.cli.command import called
from tests.storage.samples import stretch

START = midnight(date(2025, 3, 3))
HEAVY = "12C00001"
STATIONS = (Station("KT1", "Trạm một"), Station("KT2", "Trạm hai", open='"06:00-22:00"'), Station("KT3", "Trạm ba"))
STEP_S = 600
APART = (3300, 1350, 6000, 1350)


def combination(number: int, dice: random.Random, **fields: Any) -> Weighing:
    """A five-axle combination each ten minutes, of a vehicle not on file; from the 800th on 8 % too heavy."""
    steering = int(dice.gauss(5400, 430) * (1.08 if number >= 800 else 1))
    axles = (steering, 7000, 7000, 7000, 7000)
    standing = Weighing("KT1", 1, START + STEP_S * number, "99C00001", None, axles, APART, sum(axles), 1, None,
                        f"T{number}", Scale("WIM-1", "KD-1", plate_permille=990))  # fmt: skip
    return replace(standing, **fields)


def truck(time: int, **fields: Any) -> Weighing:
    standing = Weighing("KT1", 1, time, HEAVY, None, (8000, 12_000), (4000,), 20_000, 1, 0, f"H{time}",
                        Scale("WIM-1", "KD-1", plate_permille=990))  # fmt: skip
    return replace(standing, **fields)


def weighed() -> list[Weighing]:
    dice = random.Random(7)
    made = [combination(number, dice) for number in range(1000)]
    for number in range(650):
        steering = 5300 + 7 * (number % 31)
        made.append(combination(
            number, dice, lane=2, scale=Scale("WIM-2", "KD-2", plate_permille=990), ticket=f"L{number}",
            axle_kg=(steering, 7000, 7000, 7000, 7000), gross_kg=28_000 + steering,
            plate="?" if number % 4 == 0 else "99C00002",
        ))  # fmt: skip
    made += [truck(START + STEP_S * 100 + 60), truck(START + STEP_S * 990 + 60)]
    return [*made, replace(made[0], scale=Scale("WIM-1", "KD-1", plate_permille=991))]


@pytest.fixture
def store(database: str) -> Iterator[Connection]:
    with connect(database) as connection:
        rows = (Registration(HEAVY, "OP1", "truck", payload_kg=30_000, kerb_kg=5000),)
        save_registry(connection, Registry(vehicles=rows, stations=STATIONS))
        commit_batch(connection, stretch("test", 0, 1, weighings=weighed()))
        check(connection, LAW, "test")
        yield connection


def bodies(connection: Connection) -> list[tuple[Any, ...]]:
    with transaction(connection):
        return connection.execute("SELECT id, body::text, content FROM finding ORDER BY row").fetchall()


def watch(connection: Connection, now: int = START + 8 * DAY_S) -> None:
    watch_stations(connection, STATIONS, LAW, now)


def test_the_lane_that_drifts_is_in_alarm_and_the_other_is_not(store: Connection, database: str) -> None:
    before = bodies(store)
    assert called("station", "watch", DATABASE_URL=database).out.startswith("3 stations, 2 instruments")
    with transaction(store):
        one, two = instruments(store)
        early = drifts_at(store, HEAVY, START + STEP_S * 100, START + STEP_S * 101)
        (late,) = drifts_at(store, HEAVY, START + STEP_S * 990, START + STEP_S * 991)
    assert (one.lane, one.state, one.certificate, one.watching) == (1, "alarm", "KD-1", 1000)
    assert (two.lane, two.state, two.watching) == (2, "watched", 650)
    assert early == []
    assert late.direction == "high"
    assert START + STEP_S * 770 <= late.since <= START + STEP_S * 810
    assert late.alarmed_at <= START + STEP_S * 890
    assert late.until is None
    assert 60 <= late.shift_permille <= 100
    assert bodies(store) == before  # said beside the findings, which stay to the byte


def test_watching_again_makes_the_same(store: Connection) -> None:
    tables = ("instrument_day", "instrument_span", "instrument_drift", "station_gap")

    def held() -> list[list[tuple[Any, ...]]]:
        with transaction(store):
            return [sorted(store.execute(f"SELECT * FROM {table}").fetchall(), key=repr) for table in tables]  # noqa: S608

    watch(store)
    once = held()
    watch(store)
    assert held() == once
    assert [len(rows) for rows in once] == [12, 2, 1, 3]


def test_days_count_each_weighing_once_and_the_plates_not_read(store: Connection) -> None:
    watch(store)
    with transaction(store):
        days = store.execute("""
            SELECT lane, sum(weighings), sum(unread), sum(watching) FROM instrument_day GROUP BY lane ORDER BY lane
        """).fetchall()
    assert days == [(1, 1002, 0, 1000), (2, 650, 163, 650)]  # two trucks; what differs in the scale alone is one


def test_views_are_what_a_loop_over_the_records_gives(store: Connection) -> None:
    once = {(one.station, one.time, one.plate, one.lane, one.ticket): one for one in weighed()}.values()
    keys = {
        By.STATION: lambda one: one.station,
        By.HOUR: lambda one: f"{(one.time - day_start(day_of(one.time))) // 3600:02d}",
        By.OPERATOR: lambda one: "OP1" if one.plate == HEAVY else "",
        By.CARGO: lambda one: "truck" if one.plate == HEAVY else "unknown",
        By.DAY: lambda one: str(date.fromordinal(day_of(one.time) + date(1970, 1, 1).toordinal())),
    }  # fmt: skip
    for by, key in keys.items():
        expected: dict[str, list[Weighing]] = {}
        for one in once:
            expected.setdefault(key(one), []).append(one)
        with transaction(store):
            lines = weighings_by(store, WantedView(by, START, START + 30 * DAY_S), 1000)
            paged = weighings_by(store, WantedView(by, START, START + 30 * DAY_S), 1)
            paged += weighings_by(store, WantedView(by, START, START + 30 * DAY_S), 1000, paged[0].key)
        assert lines == paged
        assert [(one.key, one.weighings, one.heaviest_kg, one.unread) for one in lines] == [
            (name, len(some), max(one.gross_kg for one in some), sum(one.plate == "?" for one in some))
            for name, some in sorted(expected.items())
        ]
        # The truck of 20 t at a limit of 16 t is over by a quarter, by its axle of 12 t by a fifth.
        assert [one.over for one in lines] == [sum(one.plate == HEAVY for one in some)
                                               for _, some in sorted(expected.items())]  # fmt: skip
    with transaction(store):
        assert (
            weighings_by(store, WantedView(By.STATION, START, START + DAY_S, operator="OP1"), 9)[0].worst_percent
            == 25.0
        )
        assert weighings_by(store, WantedView(By.STATION, START, START + DAY_S, station="KT2"), 9) == []


def test_gauges_tell_of_drift_plates_and_silence(store: Connection) -> None:
    now = day_start(day_of(START) + 2) + 3600
    watch_stations(store, STATIONS, LAW, START + 20 * DAY_S)
    registry = CollectorRegistry()
    metrics = CheckMetrics(registry)
    with transaction(store):
        tell_stations(store, metrics, now)
        tell_stations(store, metrics, now)  # again is the same, and nothing is away in between
    assert registry.get_sample_value(
        "hanhtrinh_check_instrument_drift", {"station": "KT1", "lane": "1", "instrument": "WIM-1"}) == 2  # fmt: skip
    assert registry.get_sample_value(
        "hanhtrinh_check_instrument_drift", {"station": "KT1", "lane": "2", "instrument": "WIM-2"}) == 0  # fmt: skip
    assert registry.get_sample_value("hanhtrinh_check_unread_plates_ratio", {"station": "KT1", "lane": "2"}) == 0.25
    assert registry.get_sample_value("hanhtrinh_check_lane_weighings", {"station": "KT1", "lane": "2"}) == 144
    assert registry.get_sample_value("hanhtrinh_check_station_silence_seconds", {"station": "KT1"}) == 3600
    assert registry.get_sample_value("hanhtrinh_check_station_silent_seconds", {"station": "KT1"}) == 0
    later = START + STEP_S * 999 + 7200
    with transaction(store):
        tell_stations(store, metrics, later)
    assert registry.get_sample_value("hanhtrinh_check_station_silent_seconds", {"station": "KT1"}) == 7200
    assert registry.get_sample_value("hanhtrinh_check_station_silence_seconds", {"station": "KT3"}) is None


def test_a_closed_station_is_not_silent() -> None:
    station, noon = STATIONS[1], START + 12 * 3600
    assert silent_s(station, None, START + 3 * 3600) == 0
    assert silent_s(station, START - 3 * 3600, noon) == 6 * 3600  # since it opened
    assert silent_s(station, noon - 60, noon) == 60
    assert silent_s(None, noon - 60, noon) == 60


def test_the_monthly_report_has_counts_silences_and_reported_stops(
    store: Connection, database: str, tmp_path: Path
) -> None:
    def stop(*arguments: str) -> Any:
        return called("station", "stop", "KT1", *arguments, DATABASE_URL=database)

    begin = START + STEP_S * 999
    assert stop("--from", "2025-03-09T23:00", "--reason", "mất điện", "--reported", "2025-03-10T09:00").code == 0
    assert stop("--from", "2025-03-01T08:00", "--to", "2025-03-01T09:00", "--reason", "bảo trì", "--reported",
                "2025-03-02T08:00:01").code == 0  # fmt: skip
    assert stop("--from", "2025-03-01T08:00", "--to", "2025-03-01T07:00", "--reason", "x").code == 2
    assert stop("--from", "yesterday", "--reason", "x").code == 2
    with transaction(store):
        one, annex = month_forms(store, LAW, date(2025, 3, 1), midnight(date(2025, 4, 2)))
    rows = {row[1]: list(row[3:]) for row in one.rows}
    month_s = 31 * DAY_S
    # Weighed, in breach, share, unread, heaviest, open, silent, silences, reported, late.
    assert rows["KT1"][:5] == [1652, 2, pytest.approx(2 / 1652), 163, max(each.gross_kg for each in weighed())]
    assert rows["KT1"][5] == month_s
    assert rows["KT1"][6:] == [month_s - (begin - START), 2, 2, 1]
    assert rows["KT2"] == [0, 0, None, 0, None, 31 * 16 * 3600, None, None, 0, 0]
    assert "khoản 3 Điều 18 Thông tư 41/2024/TT-BGTVT (chưa đối chiếu" in one.notes[0]
    march = midnight(date(2025, 3, 1))
    assert [(row[2], row[3], *row[5:8], row[9]) for row in annex.rows] == [
        (march, START, "dữ liệu im lặng", "có", None, None),
        (march + 8 * 3600, march + 9 * 3600, "trạm báo cáo", "có", "bảo trì", "có"),
        (begin, midnight(date(2025, 4, 1)), "dữ liệu im lặng", "có", None, None),
        (march + 8 * DAY_S + 23 * 3600, None, "trạm báo cáo", "có", "mất điện", "không"),
    ]
    for suffix in WRITERS:
        out = tmp_path / f"month{suffix}"
        assert called("station", "month", "--month", "2025-03", "--out", str(out), DATABASE_URL=database).code == 0
        assert out.stat().st_size > 5000
    assert called("station", "month", "--month", "2025-03", "--out", "a.doc", DATABASE_URL=database).code == 2


def test_instruments_are_told_by_line(store: Connection, database: str) -> None:
    assert "no instrument was seen" in called("station", "instruments", DATABASE_URL=database).out
    assert called("station", "instruments", "--format", "json", DATABASE_URL=database).out.strip() == ""
    watch(store)
    lines = [json.loads(line) for line in
             called("station", "instruments", "--format", "json", DATABASE_URL=database).out.splitlines()]  # fmt: skip
    assert [(one["lane"], one["state"]) for one in lines] == [(1, "alarm"), (2, "watched")]
    assert "alarm, steering axle" in called("station", "instruments", DATABASE_URL=database).out
