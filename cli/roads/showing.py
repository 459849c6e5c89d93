"""Roads as a person wants to see them: what is known, what was assumed, and the limit of each class with its law."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from journey.localtime import midnight
from journey.registry import Road
from rules.law import Dated, Law
from rules.roads.index import BACKWARD, FORWARD
from rules.roads.limits import NO_LAW, assumed_of, limit_on, stated_by

_DIRECTIONS = ((FORWARD, "forward"), (BACKWARD, "backward"))


class ClassLimit(NamedTuple):
    """A limit and what it rests on. direction: both, forward or backward along the line."""

    vehicles: str
    direction: str
    limit_kmh: float | None
    rests_on: str
    assumed: str


def class_limits(road: Road, day: date, law: Law) -> list[ClassLimit]:
    """The limit of each class on a local day; both directions in one line where they are equal."""
    time = midnight(day)
    table = law.at("speed.outside", time)
    rows: list[ClassLimit] = []
    for letter in sorted(table.value) if table else [""]:
        for goods in (False, True) if _goods_signed(road) else (False,):
            found = [
                _row(road, way, name, letter, goods, time, law)
                for way, name in _DIRECTIONS
                if way == FORWARD or not road.oneway
            ]
            if len({row._replace(direction="") for row in found}) == 1 and not road.oneway:
                found = [found[0]._replace(direction="both")]
            rows += found
    return rows


def _goods_signed(road: Road) -> bool:
    return any(s is not None for s in (road.maxspeed_hgv, road.maxspeed_hgv_forward, road.maxspeed_hgv_backward))


def _row(road: Road, way: int, name: str, letter: str, goods: bool, time: int, law: Law) -> ClassLimit:
    dkmh, source = limit_on(road, way, letter, goods, time, law)
    vehicles = f"class {letter}" + (", goods vehicles" if goods else "")
    dated = stated_by(source, time, law)
    if dkmh == NO_LAW or dated is None:
        return ClassLimit(vehicles, name, None, "no law was in force", "")
    return ClassLimit(vehicles, name, dkmh / 10, f"{dated.path}: {dated.citation}", ", ".join(assumed_of(road, source)))


def lowest(road: Road, day: date, law: Law) -> Dated | None:
    """The law's minimum on an expressway; None on another road, and where none is on file. Nothing is judged by it."""
    return law.at("speed.expressway_min", midnight(day)) if road.kind == "expressway" else None


def as_document(road: Road, day: date, law: Law) -> dict[str, Any]:
    """A road with its limits as plain data; the line as GeoJSON coordinates."""
    plain = {name: getattr(road, name) for name in road.__dataclass_fields__}
    plain["assumed"] = sorted(road.assumed)
    least = lowest(road, day, law)
    minimum = None if least is None else {"kmh": least.printed, "rests_on": f"{least.path}: {least.citation}"}
    return plain | {"limits": [row._asdict() for row in class_limits(road, day, law)], "minimum": minimum}
