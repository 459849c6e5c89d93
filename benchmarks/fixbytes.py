"""Bytes a fix and the error of its place, by how its columns are kept: why the table of fixes is as it is.

A day of 150 vehicles of the benchmark fleet in the TimescaleDB that the tests run on, before and after compression, and
of all of its vehicles in the embedded PostgreSQL.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
import psycopg

from benchmarks.fleet import read
from journey.track import EARTH_RADIUS_M, GRID, Float
from storage.server.embedded import open_embedded
from tests.timescale.server import start

_DAY = 20_515
_ENGINE_VEHICLES = 150
_TAIL = "flags smallint, ignition boolean, door boolean, aircon boolean, scaled boolean"
_TAIL_VALUES = "0::smallint, ignition, door, aircon, false"
_COMPACT = """"time" timestamptz, {clock}, batch_id bigint, vehicle_id integer, driver_id integer,
    lon {place}, lat {place}, speed integer, heading real, altitude real, """
_COMPACT_VALUES = "to_timestamp(t), {clock}, batch, vehicle, driver, {lon}, {lat}, speed, heading, altitude, "
_E7 = {"lon": "round(lon * 1e7)::int", "lat": "round(lat * 1e7)::int"}
# name: columns, what fills them, how a place is kept
_LAYOUTS = {
    "degrees, as they came to us": (
        """vehicle_id integer, "time" timestamptz, received timestamptz, lon float8, lat float8, speed integer,
           driver_id integer, heading real, altitude real, ignition boolean, door boolean, aircon boolean,
           flags smallint, scaled boolean, batch_id bigint""",
        """vehicle, to_timestamp(t), to_timestamp(r), lon, lat, speed, driver, heading, altitude, ignition, door,
           aircon, 0::smallint, false, batch""",
        "double",
    ),
    "degrees, by width": (
        _COMPACT.format(clock="received timestamptz", place="float8") + _TAIL,
        _COMPACT_VALUES.format(clock="to_timestamp(r)", lon="lon", lat="lat") + _TAIL_VALUES,
        "double",
    ),
    "single precision, delay": (
        _COMPACT.format(clock="delay_s bigint", place="real") + _TAIL,
        _COMPACT_VALUES.format(clock="r - t", lon="lon::real", lat="lat::real") + _TAIL_VALUES,
        "single",
    ),
    "1e-7 degrees, received": (
        _COMPACT.format(clock="received timestamptz", place="integer") + _TAIL,
        _COMPACT_VALUES.format(clock="to_timestamp(r)", **_E7) + _TAIL_VALUES,
        "e7",
    ),
    "1e-7 degrees, delay (ours)": (
        _COMPACT.format(clock="delay_s bigint", place="integer") + _TAIL,
        _COMPACT_VALUES.format(clock="r - t", **_E7) + _TAIL_VALUES,
        "e7",
    ),
}


def _kept(degrees: Float, how: str) -> Float:
    if how == "single":
        return degrees.astype(np.float32).astype(np.float64)
    return np.rint(degrees * GRID) / GRID if how == "e7" else degrees


def main(folder: Path) -> None:
    fixes = read(folder).filter(pl.col("time") // 86_400 == _DAY).unique(["vehicle", "time"], keep="first").sort("time")
    names = fixes["vehicle"].unique().sort()
    few = fixes.filter(pl.col("vehicle").is_in(names.head(_ENGINE_VEHICLES).to_list()))
    # Places as fine as a computation gives them, not as the fleet rounds them.
    fine = fixes["lon"].to_numpy() + np.random.default_rng(1).uniform(-5e-7, 5e-7, len(fixes))
    with tempfile.TemporaryDirectory() as scratch:
        with open_embedded(Path(scratch) / "data") as url:
            plain = {name: _bytes(url, fixes, name, hyper=False) for name in _LAYOUTS}
        with start(Path(scratch) / "engine") as url:
            hyper = {name: _bytes(url, few, name, hyper=True) for name in _LAYOUTS}
    for name, (_, _, how) in _LAYOUTS.items():
        error_mm = np.abs(np.radians(_kept(fine, how) - fine)).max() * EARTH_RADIUS_M * 1000
        print(
            f"{name:<28} {plain[name][0]:6.1f} bytes a fix with the key; TimescaleDB {hyper[name][0]:6.1f}, compressed "
            f"{hyper[name][1]:5.1f}; error of a place up to {error_mm:,.1f} mm",
            flush=True,
        )


def _bytes(url: str, fixes: pl.DataFrame, name: str, hyper: bool) -> tuple[float, float]:
    columns, values, _ = _LAYOUTS[name]
    text = fixes.select(
        pl.col("vehicle").rank("dense").cast(pl.Int32), pl.col("driver").rank("dense").cast(pl.Int32),
        pl.int_range(pl.len()) // 5000, "time", "received", "lon", "lat", "speed_dkmh", "heading", "altitude_m",
        "ignition", "door", "aircon",
    ).write_csv(include_header=False)  # fmt: skip
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS sent")
        connection.execute("DROP TABLE IF EXISTS kept")
        connection.execute(
            "CREATE TABLE sent (vehicle int, driver int, batch bigint, t bigint, r bigint, lon float8, lat float8, "
            "speed int, heading real, altitude real, ignition bool, door bool, aircon bool)"
        )
        with connection.cursor() as cursor, cursor.copy("COPY sent FROM STDIN (FORMAT csv)") as copy:
            copy.write(text)
        connection.execute(f'CREATE TABLE kept ({columns}, PRIMARY KEY (vehicle_id, "time"))')
        if hyper:
            connection.execute(
                "SELECT create_hypertable('kept', by_range('time', interval '1 day'), create_default_indexes => false)"
            )
        # Batch by batch, as they come: the key's pages split as they do in life.
        for batch in range(0, len(fixes) // 5000 + 1, 10):
            connection.execute(
                f"INSERT INTO kept SELECT {values} FROM sent WHERE batch >= %s AND batch < %s "  # noqa: S608
                "ORDER BY vehicle, t",
                (batch, batch + 10),
            )
        if not hyper:
            row = connection.execute("SELECT pg_total_relation_size('kept')").fetchone()
            return (row[0] if row else 0) / len(fixes), 0.0
        before = connection.execute("SELECT hypertable_size('kept')").fetchone()
        connection.execute(
            "ALTER TABLE kept SET (timescaledb.compress, timescaledb.compress_segmentby = 'vehicle_id', "
            "timescaledb.compress_orderby = '\"time\"')"
        )
        connection.execute("SELECT compress_chunk(c) FROM show_chunks('kept') c")
        after = connection.execute("SELECT hypertable_size('kept')").fetchone()
        return (before[0] if before else 0) / len(fixes), (after[0] if after else 0) / len(fixes)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
