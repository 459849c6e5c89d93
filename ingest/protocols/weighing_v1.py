"""Our own JSON for weighings: one, an array, or one a line (NDJSON).

    {"station": "KT12", "lane": 1, "time": 1709251200, "plate": "12C-123.45", "trailer": null,
     "axle_kg": [6000, 9000, 9000], "spacing_mm": [3600, 1350], "gross_kg": 24000,
     "persons": 1, "containers": 0, "ticket": "KT12-000123",
     "instrument": "WIM-2", "certificate": "KD-2026-17", "certificate_until": "2026-12-31", "error_permille": 20,
     "speed_kmh": 42.5, "plate_confidence": 0.97, "image": "kt12/2024/03/01/000123.jpg"}

Source: weigh stations. Other keys are ignored.
Units:  kg; mm between neighbouring axles; time in whole Unix seconds, or milliseconds where above 10^11; km/h.
Must:   station, time, plate, axle_kg, spacing_mm, gross_kg. The others may be absent or null; an empty text is none.
        A plate that the reader could not read is written "?". The number of spacings is not compared with that of
        axles: what can be judged without them still is. A null list, or a null in one, says that its figures are not
        known.
Refuses a record: numbers that are not whole (24000.0 is), or negative (but a lane), or above 2^31 - 1; a plate or
        trailer, station or ticket over 64 characters. A bad record among many costs only itself.
"""

from __future__ import annotations

from ingest.protocols._json_records import read_each
from ingest.protocols._weighings import read_weighing
from journey.model import Decoded

NAME = "weighing_v1"


def decode(payload: bytes, received: int | None) -> Decoded:
    """Raises DecodeError where the payload is no JSON of these forms, or its only record is bad."""
    decoded = Decoded()
    decoded.bad = read_each(payload, lambda record, _: decoded.weighings.append(read_weighing(record)))
    return decoded
