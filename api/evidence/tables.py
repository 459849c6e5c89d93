"""The fixes, activities and masses of a package as files that any program reads."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from io import StringIO
from typing import Any

from api.evidence.dossier import Arrival, Dossier, FixRow, flag_names, local
from journey.model import Weighing
from journey.track import KIND_NAMES

# A spreadsheet would run these as a formula; one leading apostrophe is taken off to have the text back.
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
# Columns are added at the end, never moved: verify.py of an older package is read beside newer ones.
FIX_COLUMNS = (
    "vehicle", "time", "local_time", "received", "driver", "lon", "lat", "speed_kmh", "heading", "altitude_m",
    "ignition", "door", "aircon", "flags", "usable", "used", "copy", "conflict", "step", "limit_kmh", "road",
    "lon_sent", "lat_sent", "batch", "connection", "committed", "stream_parts",
)  # fmt: skip


def fixes_csv(dossier: Dossier) -> bytes:
    """Every stored copy of each fix, by vehicle and time, the standing one first. RFC 4180, UTF-8 without mark."""
    arrivals = {one.id: one for one in dossier.arrivals}
    return _csv([FIX_COLUMNS, *(_fix(row, arrivals.get(row.batch)) for row in dossier.fixes)])


def activities_csv(dossier: Dossier) -> bytes:
    """What the driver did in the time of the finding, cut to it."""
    rows = [(one.vehicle, one.start, one.end, local(one.start), local(one.end), KIND_NAMES[one.kind],
             one.end - one.start, int(one.counts)) for one in dossier.pieces]  # fmt: skip
    return _csv(
        [("vehicle", "start", "end", "local_start", "local_end", "class", "seconds", "counts_as_driving"), *rows]
    )


def fixes_geojson(dossier: Dossier) -> bytes:
    """RFC 7946: the way of each vehicle as a line of its usable fixes, and every standing fix as a point."""
    features: list[dict[str, Any]] = []
    for vehicle in dict.fromkeys(row.vehicle for row in dossier.standing):
        line = [[row.lon, row.lat] for row in dossier.standing if row.vehicle == vehicle and row.usable]
        if len(line) > 1:
            features.append(_feature("LineString", line, {"vehicle": vehicle, "finding": dossier.record.id}))
    for row in dossier.standing:
        properties = {
            "vehicle": row.vehicle, "time": row.time, "local_time": local(row.time), "driver": row.driver,
            "speed_kmh": row.speed_dkmh / 10, "limit_kmh": _tenths(row.limit_dkmh), "flags": [*flag_names(row.flags)],
            "usable": row.usable, "used": row.used, "batch": row.batch,
        }  # fmt: skip
        features.append(_feature("Point", [row.lon, row.lat], properties))
    return json_bytes({"type": "FeatureCollection", "features": features}, indent=None)


def weighing_json(dossier: Dossier) -> bytes:
    """The weighing as sent and as judged. Masses kg, spacings mm."""
    weighed = dossier.weighed
    assert weighed is not None  # noqa: S101 - only findings on weighings have the file
    station = weighed.station
    return json_bytes(
        {
            "sent": _sent(weighed.sent),
            "station": None if station is None else {
                "id": station.id, "name": station.name, "lon": station.lon, "lat": station.lat,
                "instrument_error_permille": station.instrument_error_permille,
                "automatic_one_stage": station.automatic_one_stage,
                "gross_limit_kg": station.gross_limit_kg, "axle_limit_kg": station.axle_limit_kg,
            },
            "judged": {
                "axle_kg": weighed.axle_kg, "gross_kg": weighed.gross_kg,
                "groups": [group._asdict() for group in weighed.groups],
                "gross_limit_kg": weighed.gross_limit_kg, "payload_limit_kg": weighed.payload_limit_kg,
            },
            "arrivals": [_arrival(one) for one in dossier.arrivals],
        }
        | ({"instrument_drifts": [one._asdict() for one in dossier.drifts]} if dossier.drifts else {})
    )  # fmt: skip


def _sent(weighing: Weighing) -> dict[str, Any]:
    """The record field by field; what it was weighed with only where the station says so."""
    fields = asdict(weighing)
    return fields if fields["scale"] else {name: value for name, value in fields.items() if name != "scale"}


def json_bytes(value: Any, indent: int | None = 1) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False, default=str)
    return (text + "\n").encode("utf-8", "replace")


def _arrival(one: Arrival) -> dict[str, Any]:
    return {"batch": one.id, "connection": one.connection, "committed": local(one.committed_at), "parts": one.parts}


def _fix(row: FixRow, arrival: Arrival | None) -> Sequence[Any]:
    return (
        row.vehicle, row.time, local(row.time), row.received, row.driver, row.lon, row.lat, row.speed_dkmh / 10,
        _short(row.heading), _short(row.altitude_m), row.ignition, row.door, row.aircon,
        " ".join(flag_names(row.flags)), row.usable, row.used, row.copy, row.conflict, row.step,
        _tenths(row.limit_dkmh), row.road, row.lon_sent, row.lat_sent, row.batch,
        arrival.connection if arrival else None, local(arrival.committed_at) if arrival else None,
        "; ".join(f"{source} {start}-{stop}" for source, start, stop in arrival.parts) if arrival else None,
    )  # fmt: skip


def _csv(rows: Iterable[Sequence[Any]]) -> bytes:
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return out.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_RISKY) else value
    return int(value) if isinstance(value, bool) else value


def _short(value: float | None) -> float | None:
    """Without the digits that single precision adds."""
    return None if value is None else round(value, 3)


def _tenths(value: int | None) -> float | None:
    return None if value is None else value / 10


def _feature(kind: str, coordinates: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}
