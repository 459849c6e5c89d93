"""Our own JSON for weighings: one, an array, or one a line (NDJSON).

    {"station": "KT12", "lane": 1, "time": 1709251200, "plate": "12C-123.45", "trailer": null,
     "axle_kg": [6000, 9000, 9000], "spacing_mm": [3600, 1350], "gross_kg": 24000,
     "persons": 1, "containers": 0, "ticket": "KT12-000123"}

Source: weigh stations. Other keys are ignored.
Units:  kg; mm between neighbouring axles; time in whole Unix seconds, or milliseconds where above 10^11.
Must:   station, time, plate, axle_kg, spacing_mm, gross_kg. lane, trailer, persons, containers and ticket may be absent
        or null, and an empty trailer or ticket is none. The number of spacings is not compared with that of axles: what
        can be judged without them still is. A null list, or a null in one, says that its figures are not known.
Refuses a record: numbers that are not whole (24000.0 is), or negative (but a lane), or above 2^31 - 1; a plate or
        trailer, station or ticket over 64 characters. A bad record among many costs only itself.
"""

from __future__ import annotations

from typing import Any

from ingest.protocols import _fields as fields
from ingest.protocols._json_records import read_each
from journey.model import Decoded, Weighing

NAME = "weighing_v1"
_INT32_MAX = 2**31 - 1


def decode(payload: bytes, received: int | None) -> Decoded:
    """Raises DecodeError where the payload is no JSON of these forms, or its only record is bad."""
    decoded = Decoded()
    decoded.bad = read_each(payload, lambda record, _: decoded.weighings.append(_weighing(record)))
    return decoded


def _weighing(record: dict[str, Any]) -> Weighing:
    get = record.get
    station = fields.text(get("station"), "station").strip()
    if not station:
        raise fields.missing("station")
    lane, persons, containers = get("lane"), get("persons"), get("containers")
    return Weighing(
        station=station,
        lane=None if lane is None else _whole(lane, "lane", least=-_INT32_MAX),
        time=fields.seconds(get("time"), "time")[0],
        plate=fields.vehicle(get("plate"), "plate"),
        trailer=fields.vehicle(trailer, "trailer") if (trailer := _told(record, "trailer")) else None,
        axle_kg=_wholes(record, "axle_kg"),
        spacing_mm=_wholes(record, "spacing_mm"),
        gross_kg=_whole(get("gross_kg"), "gross_kg"),
        persons=None if persons is None else _whole(persons, "persons"),
        containers=None if containers is None else _whole(containers, "containers"),
        ticket=_told(record, "ticket"),
    )


def _told(record: dict[str, Any], field: str) -> str | None:
    """Text that may be absent, null or blank, which all say nothing."""
    value = record.get(field)
    return None if value is None else fields.text(value, field).strip() or None


def _whole(value: object, field: str, least: int = 0) -> int:
    result = fields.whole(value, field)
    if not least <= result <= _INT32_MAX:
        raise fields.beyond(field, value, f"not from {least} to {_INT32_MAX}")
    return result


def _wholes(record: dict[str, Any], field: str) -> tuple[int, ...]:
    """A list of whole numbers; null, or a null in it, says that they are not known: none."""
    if field not in record:
        raise fields.missing(field)
    value = record[field]
    if value is None:
        return ()
    if type(value) is not list:
        raise fields.wrong(field, value, "a list")
    if None in value:
        return ()
    return tuple(_whole(item, f"{field}[{index}]") for index, item in enumerate(value))
