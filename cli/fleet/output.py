"""A fleet as files, in the forms of the worked cases and of providers' feeds, and as a table for benchmarks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from cli.fleet.ufms import write_frames
from journey.track import FIX, on_grid

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cli.fleet.spec import Fleet

FORMS = ("positions.csv", "feed.csv", "feed.ndjson", "feed.ufms")
_CSV = ("vehicle", "driver", "time", "lon", "lat", "speed_kmh", "heading", "ignition", "received")
_UNKNOWN = ("", "000000000000", "12-345")  # ways to name no driver


def provider_form(number: int) -> str:
    """What a provider sends when feeds are split: the first two CSV, the next two JSON, the others UFMS frames."""
    return ("feed.csv", "feed.csv", "feed.ndjson", "feed.ndjson")[number] if number < 4 else "feed.ufms"


def frame(fleet: Fleet) -> pl.DataFrame:
    """All fixes as journey.track.FIX, in arrival order, decoded as a decoder would."""
    fixes = fleet.fixes
    plates, licences = pl.Series(fleet.plates, dtype=pl.String), pl.Series(fleet.licences, dtype=pl.String)
    driver = fixes["driver"]
    decoded = fixes.select(
        plates.gather(fixes["vehicle"]).alias("vehicle"),
        licences.gather(driver.replace(-1, None)).alias("driver"),
        *(pl.col(name) for name in list(FIX)[2:]),
    )
    return on_grid(decoded.cast(FIX))


def write(fleet: Fleet, folder: Path, forms: Sequence[str] | None = None) -> None:
    """Write the inputs of a case, the answers, and the feed in arrival order in each of `forms` (see FORMS).

    A form named holds all fixes. Without `forms`: positions.csv, and where the spec splits the feeds also feed.csv,
    feed.ndjson and feed.ufms, each with the fixes of its own providers only.
    """
    unknown = set(forms or ()) - set(FORMS)
    if unknown:
        raise ValueError(f"no such form: {', '.join(sorted(unknown))}; there are {', '.join(FORMS)}")
    write_reference(fleet, folder)
    for form in forms or ("positions.csv",):
        _feed(fleet, fleet.fixes, folder / form)
    if forms is None and fleet.spec.split_feeds:
        for form in FORMS[1:]:
            own = [vehicle for vehicle, number in enumerate(fleet.provider) if provider_form(number) == form]
            if own:
                _feed(fleet, fleet.fixes.filter(pl.col("vehicle").is_in(own)), folder / form)


def write_reference(fleet: Fleet, folder: Path) -> None:
    """Write all but the fixes."""
    folder.mkdir(parents=True, exist_ok=True)
    _json(folder / "registry.json", fleet.registry)
    _json(folder / "stations.json", fleet.stations)
    _json(folder / "permits.json", fleet.permits)
    _json(folder / "roads.geojson", fleet.roads)
    _lines(folder / "weighings.ndjson", fleet.weighings)
    _lines(folder / "answers.ndjson", fleet.answers)
    if fleet.spec.scale:
        _lines(folder / "reviews.ndjson", fleet.reviews)


def _json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _lines(path: Path, rows: Iterable[Any]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _feed(fleet: Fleet, fixes: pl.DataFrame, path: Path) -> None:
    if path.suffix == ".csv":
        sent = as_sent(fleet, fixes, scaled=True).select(_CSV)
        sent.with_columns(pl.col("ignition").cast(pl.Int8)).write_csv(path)
    elif path.suffix == ".ndjson":
        as_sent(fleet, fixes, scaled=True).write_ndjson(path)
    else:
        with path.open("wb") as out:
            write_frames(as_sent(fleet, fixes, scaled=False), out)


def as_sent(fleet: Fleet, fixes: pl.DataFrame, *, scaled: bool) -> pl.DataFrame:
    """Fixes with names as written and speed in km/h. scaled: some times in ms, which an int32 cannot hold."""
    time = pl.col("time")
    if scaled:
        time = pl.when("scaled").then(time * 1000 + time % 997).otherwise(time)
    return fixes.select(
        _written(fixes["vehicle"] * 4 + fixes["plate_form"], _plates(fleet)).alias("vehicle"),
        _written((fixes["driver"] + 1) * 3 + fixes["driver_form"], _drivers(fleet)).alias("driver"),
        time.alias("time"),
        pl.col("lon", "lat"),
        (pl.col("speed_dkmh") / 10).alias("speed_kmh"),
        pl.col("heading", "altitude_m", "ignition", "door", "aircon", "received"),
    )


def _written(code: pl.Series, names: list[str]) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(code.cast(pl.UInt32))


def _plates(fleet: Fleet) -> list[str]:
    """Four ways to write each plate: 12C12345, 12C-123.45, 12c 12345, 12C-12345 with a blank before it."""
    names = []
    for plate, painted in zip(fleet.plates, fleet.written, strict=True):
        names += [plate, painted, f"{plate[:-5].lower()} {plate[-5:]}", f" {plate[:-5]}-{plate[-5:]}"]
    return names


def _drivers(fleet: Fleet) -> list[str]:
    """Three ways to write each licence, those of no driver first."""
    names = list(_UNKNOWN)
    for licence in fleet.licences:
        names += [licence, licence, f"{licence[:2]}.{licence[2:6]}-{licence[6:]}"]
    return names
