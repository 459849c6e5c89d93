"""One weighing as a record of named fields, read strictly; what the JSON and the CSV form of weighings share."""

from __future__ import annotations

from datetime import date
from typing import Any

from ingest.protocols import _fields as fields
from journey.model import Scale, Weighing

INT32_MAX = 2**31 - 1
PERMILLE = 1000
_IMAGE_MAX = 500


def read_weighing(record: dict[str, Any]) -> Weighing:
    """Raises DecodeError, which names the field."""
    get = record.get
    station = fields.text(get("station"), "station").strip()
    if not station:
        raise fields.missing("station")
    return Weighing(
        station=station,
        lane=_count(get("lane"), "lane", least=-INT32_MAX),
        time=fields.seconds(get("time"), "time")[0],
        plate=fields.vehicle(get("plate"), "plate"),
        trailer=fields.vehicle(trailer, "trailer") if (trailer := told(record, "trailer")) else None,
        axle_kg=_wholes(record, "axle_kg"),
        spacing_mm=_wholes(record, "spacing_mm"),
        gross_kg=whole(get("gross_kg"), "gross_kg"),
        persons=_count(get("persons"), "persons"),
        containers=_count(get("containers"), "containers"),
        ticket=told(record, "ticket"),
        scale=_scale(record),
    )


def flat(weighing: Weighing) -> dict[str, Any]:
    """The record that `read_weighing` reads to this weighing; what is not known is left out."""
    names = ("station", "lane", "time", "plate", "trailer", "axle_kg", "spacing_mm", "gross_kg", "persons",
             "containers", "ticket")  # fmt: skip
    record = {name: getattr(weighing, name) for name in names}
    if (scale := weighing.scale) is not None:
        record |= {name: getattr(scale, name) for name in
                   ("instrument", "certificate", "certificate_until", "error_permille", "image")}  # fmt: skip
        record["speed_kmh"] = None if scale.speed_dkmh is None else scale.speed_dkmh / 10
        record["plate_confidence"] = None if scale.plate_permille is None else scale.plate_permille / PERMILLE
    return {name: value for name, value in record.items() if value is not None}


def _scale(record: dict[str, Any]) -> Scale | None:
    scale = Scale(
        instrument=told(record, "instrument"),
        certificate=told(record, "certificate"),
        certificate_until=_day(record, "certificate_until"),
        error_permille=_count(record.get("error_permille"), "error_permille", most=PERMILLE - 1),
        speed_dkmh=None if record.get("speed_kmh") is None else _speed(record["speed_kmh"]),
        plate_permille=_share(record.get("plate_confidence"), "plate_confidence"),
        image=told(record, "image", _IMAGE_MAX),
    )
    return None if scale == Scale() else scale


def told(record: dict[str, Any], field: str, longest: int = fields.TEXT_MAX) -> str | None:
    """Text that may be absent, null or blank, which all say nothing."""
    value = record.get(field)
    return None if value is None else fields.text(value, field, longest).strip() or None


def whole(value: object, field: str, least: int = 0, most: int = INT32_MAX) -> int:
    result = fields.whole(value, field)
    if not least <= result <= most:
        raise fields.beyond(field, value, f"not from {least} to {most}")
    return result


def _count(value: object, field: str, least: int = 0, most: int = INT32_MAX) -> int | None:
    return None if value is None else whole(value, field, least, most)


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
    return tuple(whole(item, f"{field}[{index}]") for index, item in enumerate(value))


def _day(record: dict[str, Any], field: str) -> str | None:
    text = told(record, field)
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise fields.wrong(field, text, "a day such as 2026-03-31") from None


def _speed(value: object) -> int:
    speed = fields.speed(value, "speed_kmh")
    if speed < 0:
        raise fields.beyond("speed_kmh", value, "negative")
    return speed


def _share(value: object, field: str) -> int | None:
    """A share from 0 to 1 in permille, cut: a reader is never taken for surer than he says."""
    if value is None:
        return None
    share = fields.number(value, field)
    if not 0 <= share <= 1:
        raise fields.beyond(field, value, "not from 0 to 1")
    return int(round(share * 1e6) // PERMILLE)
