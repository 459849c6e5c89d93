"""What each report form is made of, read from the store; rows are made while they are written, in one transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import batched

from api.reports import episodes, summaries, tracks
from api.reports.episodes import Event, Stop, Who
from api.reports.form import Form
from api.reports.summaries import Loss, Tally
from api.reports.words import Frame, business
from cli.reference import InputError
from cli.reports.tracks import driven_by_licence, located, track_fixes
from journey.localtime import day_of, day_start
from journey.model import Finding, Grade
from journey.registry import Registry
from journey.track import DRIVING, STANDING, UNKNOWN
from rules.engine import Known, know
from rules.law import Law
from rules.registered import Registered, index
from rules.service_rates import registered_days
from storage.cases.reading import publishable
from storage.database import Connection
from storage.sums.reports import FleetDay, Stretch, Subject, findings_of, fleet_days, stretches_of_driver
from storage.sums.reports import stretches_of_vehicles as of_vehicles
from storage.sums.service import VehicleService, service_sums

_AT_ONCE = 200
_WARNED = "recorder.silence_warned_after"


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from: a period of local days [first, stop) of one subject. tell: called as parts are done."""

    connection: Connection
    law: Law
    registry: Registry
    known: Known
    registered: Registered
    codes: dict[str, int]
    names: dict[str, str]
    subject: Subject
    first: int
    stop: int
    plates: tuple[str, ...]
    least_stop_s: int
    frame: Frame
    tell: Callable[[int], None]

    @property
    def span(self) -> tuple[int, int]:
        return day_start(self.first), day_start(self.stop)

    def who(self, plate: str, licence: str | None, time: int) -> Who:
        return Who(plate, self.names.get(licence or ""), licence, self.business(plate, time))

    def business(self, plate: str, time: int) -> str | None:
        row = self.registered.row_at(self.codes[plate], time) if plate in self.codes else None
        return business(row.business) if row else None

    def owns(self, plate: str, time: int) -> bool:
        """Whether a vehicle is the subject's at an instant; always, where the subject is no operator."""
        if self.subject.operator is None:
            return True
        row = self.registered.row_at(self.codes[plate], time) if plate in self.codes else None
        return row is not None and row.operator == self.subject.operator


def open_source(
    connection: Connection, law: Law, registry: Registry, subject: Subject, days: tuple[int, int], least_stop_s: int,
    frame: Frame, tell: Callable[[int], None] = lambda _: None,
) -> Source:  # fmt: skip
    """Prepare a source. Args: days: local days [first, stop)."""
    fleet = registered_days(registry.vehicles, *days)
    plates = [subject.plate] if subject.plate else [plate for owner, plate in fleet if owner == subject.operator]
    every = sorted({row.plate for row in registry.vehicles})
    return Source(
        connection, law, registry, know(registry, law), index(registry.vehicles, every),
        {plate: code for code, plate in enumerate(every)}, {one.licence: one.name for one in registry.drivers},
        subject, *days, tuple(sorted(plates)), least_stop_s, frame, tell,
    )  # fmt: skip


def journey(source: Source) -> Form:
    return tracks.journey(source.frame, _track(source))


def speeds(source: Source) -> Form:
    return tracks.speeds(source.frame, _track(source))


def _track(source: Source) -> Iterator[tracks.TrackFix]:
    return track_fixes(source.connection, source.plates[0], range(source.first, source.stop), source.known, source.law,
                       lambda: source.tell(1))  # fmt: skip


def over_limit(source: Source) -> Form:
    found, frame = _counted(source, "speeding")
    return episodes.over_limit(frame, _events(source, found))


def continuous(source: Source) -> Form:
    found, frame = _counted(source, "continuous_driving")
    return episodes.continuous(frame, _events(source, found))


def _events(source: Source, findings: Iterable[Finding]) -> Iterator[Event]:
    for some in batched(findings, _AT_ONCE):
        points = [(one.vehicle, time) for one in some for time in (one.start, one.end)]
        spots = located(source.connection, points, source.known, source.law)
        for one in some:
            ends = (spots.get((one.vehicle, time)) for time in (one.start, one.end))
            yield Event(one, source.who(one.vehicle, one.driver, one.start), *ends)


def _counted(source: Source, *rules: str) -> tuple[list[Finding], Frame]:
    """Findings of rules without the certain ones that cases keep back, and a frame that says how many those are."""
    found = findings_of(source.connection, source.subject, *source.span, rules)
    certain = [one.id for one in found if one.grade == Grade.CERTAIN]
    held = set(certain) - publishable(source.connection, certain, source.frame.made_at)
    if not held:
        return found, source.frame
    said = (
        f"Đã trừ {len(held)} phát hiện theo hồ sơ giải trình, khiếu nại (đang chờ, hoặc kết thúc theo hướng không vi "
        "phạm)."
    )
    frame = replace(source.frame, warnings=(*source.frame.warnings, said))
    return [one for one in found if one.id not in held], frame


def stops(source: Source) -> Form:
    return episodes.stops(source.frame, _stops(source), source.least_stop_s)


def _stops(source: Source) -> Iterator[Stop]:
    for some in batched(_stands(source), _AT_ONCE):
        points = [(one.plate, one.start) for one in some]
        spots = located(source.connection, points, source.known, source.law)
        for one in some:
            who = source.who(one.plate, one.licence, one.start)
            yield Stop(who, one.start, one.end, spots.get((one.plate, one.start)))


def _stands(source: Source) -> list[Stretch]:
    stands = _stretches(source, STANDING)
    return [one for one in stands if one.end - one.start >= source.least_stop_s and source.owns(one.plate, one.start)]


def _stretches(source: Source, kind: int) -> Iterator[Stretch]:
    if source.subject.licence is not None:
        return stretches_of_driver(source.connection, source.subject.licence, kind, *source.span)
    return of_vehicles(source.connection, source.plates, kind, *source.span)


def by_vehicle(source: Source) -> Form:
    found, frame = _vehicle_tallies(source)
    counts = Counter(one.plate for one in _stands(source))
    for plate, one in found.items():
        one.stops = None if one.driven_mm is None else counts[plate]
    rows = [(plate, source.business(plate, source.span[1] - 1), one) for plate, one in sorted(found.items())]
    return summaries.by_vehicle(frame, rows)


def of_operator(source: Source) -> Form:
    found, frame = _vehicle_tallies(source)
    return summaries.of_operator(frame, sorted(found.items()))


def _vehicle_tallies(source: Source) -> tuple[dict[str, Tally], Frame]:
    """By plate, vehicles without any data too."""
    found = {plate: Tally() for plate in source.plates}
    counted, frame = _counted(source, "speeding", "continuous_driving", "daily_driving")
    found |= summaries.tallies(counted, by_driver=False)
    for day in _fleet(source):
        one = found.setdefault(day.plate, Tally())
        if day.fixes or one.driven_mm is not None:
            one.driven_mm = (one.driven_mm or 0) + day.driven_mm
        one.driving_days += day.driving_s > 0
    return found, frame


def _fleet(source: Source) -> Iterator[FleetDay]:
    for day in fleet_days(source.connection, source.first, source.stop, source.plates):
        if source.subject.operator in (None, day.operator):
            yield day


def by_driver(source: Source) -> Form:
    counted, frame = _counted(source, "speeding", "continuous_driving")
    found = summaries.tallies(counted, by_driver=True)
    for plate, days in _driving_days(source).items():
        driven = driven_by_licence(source.connection, plate, days, source.known, source.law)
        for licence, mm in driven.items():
            if source.subject.licence in (None, licence):
                one = found.setdefault(licence or "", Tally())
                one.driven_mm = (one.driven_mm or 0) + mm
        source.tell(1)
    rows = [(source.names.get(licence), licence or None, one) for licence, one in sorted(found.items())]
    return summaries.by_driver(frame, rows)


def _driving_days(source: Source) -> dict[str, list[int]]:
    """Local days on which vehicles were driven (by the subject, if that is a driver), by plate."""
    days: defaultdict[str, set[int]] = defaultdict(set)
    if source.subject.licence is None:
        for one in _fleet(source):
            if one.driven_mm:
                days[one.plate].add(one.day)
    else:
        for stretch in _stretches(source, DRIVING):
            days[stretch.plate] |= set(range(day_of(stretch.start), day_of(stretch.end - 1) + 1))
    return {plate: sorted(some) for plate, some in sorted(days.items())}


def loss(source: Source) -> Form:
    services: defaultdict[str, list[VehicleService]] = defaultdict(list)
    for row in service_sums(source.connection, source.first, source.stop):
        if row.plate in source.plates and source.subject.operator in (None, row.operator):
            services[row.plate].append(row)
    silences: defaultdict[str, list[int]] = defaultdict(list)
    for one in _stretches(source, UNKNOWN):
        least = source.law.at(_WARNED, one.end)
        if one.end - one.start >= (least.value if least and least.value else 0) and source.owns(one.plate, one.start):
            silences[one.plate].append(one.end - one.start)
    rows = [_loss(source, plate, services[plate], silences[plate]) for plate in source.plates]
    figure = source.law.at(_WARNED, source.span[1] - 1)
    return summaries.loss(source.frame, rows, int(figure.value) if figure and figure.value else None)


def _loss(source: Source, plate: str, services: Iterable[VehicleService], silences: list[int]) -> Loss:
    sums = [one.sums for one in services]
    judged = sum(one.moving_judged + one.standing_judged for one in sums)
    timely = sum(one.moving_timely + one.standing_timely for one in sums)
    fixes = sum(one.fixes for one in sums)
    sent = bool(fixes or silences)
    return Loss(
        plate, source.business(plate, source.span[1] - 1), len(silences) if sent else None,
        sum(silences) if sent else None, judged - timely if judged else None,
        fixes - sum(one.usable for one in sums) if fixes else None,
    )  # fmt: skip


# Name: what makes it, and of whom it can be made.
FORMS: dict[str, tuple[Callable[[Source], Form], tuple[str, ...]]] = {
    "journey": (journey, ("vehicle",)),
    "speed": (speeds, ("vehicle",)),
    "over-limit": (over_limit, ("vehicle", "driver", "operator")),
    "continuous": (continuous, ("vehicle", "driver", "operator")),
    "stops": (stops, ("vehicle", "driver", "operator")),
    "by-vehicle": (by_vehicle, ("vehicle", "operator")),
    "by-driver": (by_driver, ("vehicle", "driver", "operator")),
    "operator-summary": (of_operator, ("operator",)),
    "data-loss": (loss, ("vehicle", "operator")),
}


def maker(form: str, of: str) -> Callable[[Source], Form]:
    """What makes a form. Raises InputError for one that there is not, or not of such a subject."""
    if form not in FORMS:
        raise InputError(f"form {form!r}: there is none; name one of {', '.join(FORMS)}")
    make, allowed = FORMS[form]
    if of not in allowed:
        raise InputError(f"form {form}: is made of {' or '.join(f'--{one}' for one in allowed)}, not of --{of}")
    return make
