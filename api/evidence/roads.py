"""The roads that a limit rests on, in words: which, at what limit, by whom, since when; how sure, what else.

Words only: every figure comes from the dossier.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from api.evidence.dossier import Dossier, RoadGround
from api.evidence.road_words import Words
from journey.model import Finding

_SHOWN = 4  # roads of each kind in a table; a package has them all in finding.json
_MATCHED = "matched"


class RoadRow(NamedTuple):
    """One road of the table as text. applied: its limit is one that the finding rests on."""

    road: str
    limit: str
    basis: str
    holds: str
    fixes: str
    applied: bool


def rows(dossier: Dossier, said: Words) -> list[RoadRow]:
    """Roads whose limits were applied, then those that may have been driven on as well; of each kind the first few."""
    applied = [_applied(one, said) for one in dossier.grounds]
    stated = {(one.id, one.limit_kmh) for one in dossier.grounds}
    alternatives = dossier.finding.detail.get("alternatives", ())
    others = [_alternative(one, said) for one in alternatives if (one["id"], one["limit"]) not in stated]
    return [*_few(applied, said), *_few(others, said)]


def _few(some: list[RoadRow], said: Words) -> list[RoadRow]:
    if len(some) <= _SHOWN:
        return some
    left = len(some) - (_SHOWN - 1)
    return [*some[: _SHOWN - 1], RoadRow(said.more.format(left=left), "", said.see, "", "", some[0].applied)]


def _applied(one: RoadGround, said: Words) -> RoadRow:
    limit, fixes = f"{said.number(one.limit_kmh, 0)} km/h", said.number(one.fixes, 0)
    if one.id is None:
        return RoadRow(said.no_road, limit, said.cite(one.basis), "", fixes, True)
    source = said.sources.get(one.source, one.source) + (f" ({one.dataset})" if one.dataset else "")
    basis = [said.cite(one.basis), said.data.format(source=source)]
    if one.assumed:
        basis.append(said.not_known.format(assumed=_named(one.assumed, said)))
    if one.conditional:
        basis.append(said.unusable.format(conditional=one.conditional))
    holds = _holds(one.since, one.until, said)
    return RoadRow(_name(one.id, one.ref, one.name), limit, "; ".join(basis), holds, fixes, True)


def _alternative(one: dict[str, Any], said: Words) -> RoadRow:
    return RoadRow(
        _name(one["id"], None, one["name"]), f"{said.number(one['limit'], 0)} km/h", said.alternative,
        _holds(one["valid_from"], None, said), said.number(one["fixes"], 0), False,
    )  # fmt: skip


def _name(id_: str, ref: str | None, name: str | None) -> str:
    named = " ".join(part for part in (ref, name) if part)
    return f"{named} ({id_})" if named else id_


def _named(assumed: Iterable[str], said: Words) -> str:
    return ", ".join(said.assumed.get(name, name) for name in assumed)


def _holds(since: str | None, until: str | None, said: Words) -> str:
    begins = said.no_since if since is None else said.since.format(day=_day(since))
    return begins if until is None else said.until.format(begins=begins, day=_day(until))


def _day(text: str) -> str:
    return "/".join(reversed(text.split("-")))


def certainty(finding: Finding, said: Words) -> Iterator[str]:
    """How surely the limits held: by which reading of the roads, and why speeds are doubted."""
    detail = finding.detail
    reading = detail.get("reading")
    yield said.by_places if reading is None else _matched(detail, reading, said)
    if detail.get("assumed"):
        yield said.highest_assumed.format(assumed=_named(detail["assumed"], said))
    if doubt := detail.get("doubt"):
        yield said.doubts.get(doubt) or said.doubt.format(doubt=doubt)


def _matched(detail: dict[str, Any], reading: str, said: Words) -> str:
    fixes, sure = detail["fixes"], detail["certain_limits"]
    text = said.matched.format(matched=detail["matched"], fixes=fixes)
    text += said.all_same if sure == fixes else said.some_same.format(sure=sure, fixes=fixes)
    if reading == _MATCHED:
        return text + said.not_ruled_out
    return text if sure == fixes else text + said.whichever


def averages(dossier: Dossier, said: Words) -> Iterator[str]:
    """Speeds without what the device reports as speed: by positions and times alone, and between two weighings."""
    if measure := dossier.finding.detail.get("average"):
        yield said.average.format(
            way=said.number(measure["distance_m"], 0), time=said.duration(measure["seconds"]),
            speed=said.number(measure["speed_kmh"]), least=said.number(measure["least_kmh"]),
        )  # fmt: skip
    if pair := dossier.between:
        yield said.between.format(
            first=pair.first, first_time=said.when(pair.first_time), second=pair.second,
            second_time=said.when(pair.second_time), way=said.number(pair.straight_m / 1000, 2),
            least=said.number(pair.least_kmh),
        )  # fmt: skip
