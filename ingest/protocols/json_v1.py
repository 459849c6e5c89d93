"""Our own JSON: a fix, an array of fixes, or one fix a line (NDJSON).

    {"vehicle": "12C-123.45", "driver": "790123456789", "time": 1709251200, "lon": 106.7, "lat": 21.85,
     "speed_kmh": 61.5, "heading": 12.5, "altitude_m": 260, "ignition": true, "door": false, "aircon": true,
     "received": 1709251203}

Source: providers that can choose, and the HTTP entrance. Other keys are ignored.
Units:  time and received in whole Unix seconds, or in milliseconds where above 10^11 (cut to the second; a time in
        milliseconds is marked `scaled`); degrees WGS 84; km/h; heading degrees clockwise from north; m.
        A speed is read as a float64 and rounded half-up to tenths as the shortest decimal of that number.
        Without `received`, the transport's receive time stands.
Must:   vehicle, time, lon, lat, speed_kmh. The others may be absent or null: not known.
Refuses a record: a field of another type (a number as text, a truth value as number, a time with a fraction), NaN and
        infinities, what no store could hold. A bad record among many costs only itself.
"""

from __future__ import annotations

from typing import Any

from ingest.protocols import _fields as fields
from ingest.protocols._json_records import read_each
from journey.model import Decoded, Fix

NAME = "json_v1"


def decode(payload: bytes, received: int | None) -> Decoded:
    """Raises DecodeError where the payload is no JSON of these forms, or its only record is bad."""
    decoded = Decoded()
    decoded.bad = read_each(payload, lambda record, _: decoded.fixes.append(_fix(record, received)))
    return decoded


def _fix(record: dict[str, Any], received: int | None) -> Fix:
    get = record.get
    time, scaled = fields.seconds(get("time"), "time")
    return Fix(
        fields.vehicle(get("vehicle")),
        fields.driver(get("driver")),
        time,
        fields.number(get("lon"), "lon"),
        fields.number(get("lat"), "lat"),
        fields.speed(get("speed_kmh"), "speed_kmh"),
        fields.short_number(get("heading"), "heading"),
        fields.short_number(get("altitude_m"), "altitude_m"),
        fields.truth(get("ignition"), "ignition"),
        fields.truth(get("door"), "door"),
        fields.truth(get("aircon"), "aircon"),
        fields.receipt(get("received"), received),
        scaled,
    )
