"""All that a package states, as plain data. Every file of it is printed from this and from nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal, NamedTuple

from api.drawings.driving_chart import Piece
from api.drawings.track_map import RoadLine
from journey.localtime import ZONE
from journey.model import Finding, Flag, Weighing
from journey.registry import Registration, Station

# What the stored records say to the stored finding: the same, something else, or nothing of the kind.
type Derived = Literal["equal", "changed", "gone"]
STEPS = ("driving", "standing", "unknown")


class FixRow(NamedTuple):
    """One stored copy of a fix. Times s UTC; lon, lat as the rules take them; the rest as it was sent.

    A copy that does not stand has copy True, and neither a step nor a limit. step: what the vehicle did from this fix
    to the next usable one, as in STEPS; limit_dkmh: None where it was not looked up; road: whose limit it is.
    """

    vehicle: str
    time: int
    received: int | None
    driver: str | None
    lon: float
    lat: float
    lon_sent: float
    lat_sent: float
    speed_dkmh: int
    heading: float | None
    altitude_m: float | None
    ignition: bool | None
    door: bool | None
    aircon: bool | None
    flags: int
    usable: bool
    used: bool
    copy: bool
    conflict: bool
    step: str
    limit_dkmh: int | None
    band: int
    road: str
    batch: int


class Arrival(NamedTuple):
    """A transaction that brought records: its connection or file, when it was committed, which parts of streams."""

    id: int
    connection: str
    committed_at: int
    parts: tuple[tuple[str, int, int], ...]


class Axles(NamedTuple):
    """Axles judged together: first and last from 1, mass, limit (None: the law states none).

    over: above it by as much as the law counts.
    """

    first: int
    last: int
    kg: int
    limit_kg: int | None
    over: bool


@dataclass(frozen=True, slots=True)
class Weighed:
    """A weighing as sent, and less the station's error; what its axle groups, its whole and its cargo may weigh."""

    sent: Weighing
    axle_kg: tuple[int, ...]
    gross_kg: int
    station: Station | None
    groups: tuple[Axles, ...]
    gross_limit_kg: int | None
    payload_limit_kg: int | None


class RoadGround(NamedTuple):
    """A limit on a road that fixes of the finding were judged by. id: None where no road is known near.

    basis: the law that the limit stands in, as its file cites it, empty where there is none; since, until: ISO days of
    the road's row; assumed: what of the road nobody stated; fixes: how many it was the limit of.
    """

    id: str | None
    ref: str | None
    name: str | None
    limit_kmh: float
    basis: str
    source: str
    dataset: str | None
    since: str | None
    until: str | None
    assumed: tuple[str, ...]
    conditional: str | None
    fixes: int


class ScaleDrift(NamedTuple):
    """A time in which the scale of the weighing stood in alarm. direction: high where it showed more than under its
    certificate at first, low where less; shift_permille: of the steering axles, with its sign. Times s UTC; until
    None: it goes on."""

    lane: int | None
    instrument: str | None
    certificate: str | None
    direction: str
    shift_permille: int
    since: int
    alarmed_at: int
    until: int | None


class BetweenStations(NamedTuple):
    """Two weighings of the vehicle around the finding: where, when (s UTC), and the least that it drove on average."""

    first: str
    first_time: int
    second: str
    second_time: int
    straight_m: float
    least_kmh: float


@dataclass(frozen=True, slots=True)
class Record:
    """The finding's own record in the store, and the run that made it. Times: s UTC."""

    id: str
    content: str
    body: str
    added_at: int
    withdrawn_at: int | None
    withdrawn_run: str | None
    reason: str | None
    run: str
    run_made_at: int
    watermark: int
    law_version: str
    method: str
    code_version: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """One finding with all that is known of it.

    differences: field, as stored, as derived now. context: [start, end] s UTC of the fixes given. bands: of the
    excess of speed, as the law names them. backups: that hold fixes of the finding's time which the store has no more;
    their names. law: the excerpt that becomes law.json; explanation: what `explain` prints.
    """

    finding: Finding
    record: Record
    derived: Derived
    differences: tuple[tuple[str, Any, Any], ...]
    arithmetic: str
    explanation: str
    context: tuple[int, int]
    fixes: tuple[FixRow, ...]
    arrivals: tuple[Arrival, ...]
    pieces: tuple[Piece, ...]
    weighed: Weighed | None
    roads: tuple[RoadLine, ...]
    grounds: tuple[RoadGround, ...]
    between: BetweenStations | None
    bands: tuple[str, ...]
    backups: tuple[str, ...]
    units: tuple[Registration | None, ...]
    operator_name: str | None
    law: dict[str, Any]
    law_version: str
    method: str
    method_title: str
    code_version: str
    authority: str
    made_at: int | None
    drifts: tuple[ScaleDrift, ...] = ()

    @property
    def standing(self) -> Iterator[FixRow]:
        return (row for row in self.fixes if not row.copy)

    @property
    def used(self) -> list[FixRow]:
        return [row for row in self.fixes if row.used]

    @property
    def on_weighing(self) -> bool:
        """Whether the finding is on masses; the weighing itself may be gone."""
        return self.finding.rule.startswith("overload_")

    @property
    def groundless(self) -> bool:
        """Whether the store has none of the records that the finding rests on."""
        return self.weighed is None if self.on_weighing else not self.used

    def flagged(self) -> Counter[str]:
        """Fixes by the name of each flag."""
        return Counter(name for row in self.standing for name in flag_names(row.flags))


@cache  # of as many as there are sums of flags
def flag_names(flags: int) -> tuple[str, ...]:
    return tuple(str(flag.name).lower() for flag in Flag if flags & flag)


def local(time: int) -> str:
    """Local time with its offset, ISO 8601."""
    return datetime.fromtimestamp(time, ZONE).isoformat()
