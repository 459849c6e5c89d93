"""The jobs: each does its work for a slot, may be done again without harm, and says what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from api import verify
from api.exports.publication import file_stem
from cli.lists.amending import amend
from cli.lists.publishing import publish, terms_of, write_published
from cli.lists.stamping import NotStamped, stamp_published
from cli.outfile import write_all
from cli.proof.running import prove
from cli.reference import InputError
from cli.rollups.commands import read_month
from cli.rollups.files import as_csv, as_ndjson
from cli.schedule.papers import monthly_papers
from cli.schedule.plan import AMEND, KEEP, PROVE, PUBLISH, Slot
from cli.schedule.settings import Amend, Proposals, Prove, Publish, Schedule
from cli.stations.watching import watch_stations
from cli.store.keep import keep_up
from journey.localtime import day_of, parse_month
from journey.settings import Settings
from rules.law import Law
from rules.months import bounds
from rules.rollups import proposed_vehicles
from storage.database import Connection, transaction
from storage.lists.history import marks
from storage.lists.papers import keep_papers, papers_of
from storage.lists.published import Published, every_published, published_of
from storage.lists.stamps import stamps_of
from storage.proofs import OUTAGE
from storage.registry import load_stations

# One snapshot for all that is read, and none of it can be written.
_READ_ONLY = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_PREFIX = "de-xuat"


type Stop = Callable[[], bool]


def run(
    url: str, connection: Connection, law: Law, settings: Settings, schedule: Schedule, slot: Slot, stop: Stop
) -> str:
    """Do what a slot is due for; what came of it, in words. Raises InputError where it cannot be done now."""
    if slot.job == KEEP:
        made: list[str] = []
        keep_up(connection, int(time.time()), made.append)
        with transaction(connection):
            stations = load_stations(connection)
        watched = watch_stations(connection, stations, law, int(time.time()))
        return f"{len(made)} partitions made, hourly sums brought up to date, {watched} weigh stations watched"
    if slot.job == PUBLISH and schedule.publish is not None:
        return _publish(connection, law, settings, schedule.publish, slot.name)
    if slot.job == AMEND and schedule.amend is not None:
        return _amend(connection, law, settings, schedule.amend)
    if slot.job == PROVE and schedule.prove is not None:
        return _prove(url, law, settings, schedule.prove, stop)
    if schedule.proposals is not None:
        return _propose(connection, law, schedule.proposals, slot.name)
    raise ValueError(f"{slot.job}: is not in the schedule")


def _prove(url: str, law: Law, settings: Settings, to: Prove, stop: Stop) -> str:
    """A proof that failed is done: its result is on record, and an alert tells of it. One kept by an outage is not."""
    one = prove(url, law, settings, to.address, wait_s=60 * to.wait_min, stop=stop)
    if one.outcome == OUTAGE:
        raise InputError(one.detail)
    return f"{one.outcome}: {one.detail}"


def _publish(connection: Connection, law: Law, settings: Settings, to: Publish, week: str) -> str:
    terms = terms_of(settings, unsigned=to.unsigned)
    one, new = publish(connection, law, week, terms)
    with transaction(connection):
        every = published_of(connection, week)
    unstamped = _stamp(connection, settings, every)
    write_published(connection, to.folder, every)
    if unstamped:
        raise InputError(f"list {one.title} of {week} is published, without a time stamp: {unstamped}")
    return f"list {one.title} of {week}" + ("" if new else ": was published already")


def _amend(connection: Connection, law: Law, settings: Settings, to: Amend) -> str:
    """All weeks are tried; where one cannot be amended now the job is to be run again."""
    terms = terms_of(settings, unsigned=to.unsigned)
    with transaction(connection):
        chain = every_published(connection)
    weeks = sorted({one.week for one in chain})[-to.weeks :]
    said, refused = [], []
    for week in weeks:
        try:
            one = amend(connection, law, week, terms)
        except InputError as error:
            refused.append(str(error))
            continue
        if one is not None:
            said.append(f"amendment {one.title} of {week}")
    with transaction(connection):
        known = [one for one in every_published(connection) if one.week in weeks]
    unstamped = _stamp(connection, settings, known)
    if unstamped:
        refused.append(f"without a time stamp: {unstamped}")
    with transaction(connection):
        stamps = stamps_of(connection)
    missing = [one for one in known if not _lies(to.folder, one, one.position in stamps)]
    write_published(connection, to.folder, missing)
    if refused:
        raise InputError("; ".join([*said, *refused]))
    return ", ".join(said) or f"nothing differs in {len(weeks)} weeks"


def _stamp(connection: Connection, settings: Settings, some: list[Published]) -> str:
    """Why there is no stamp where one is asked for; the job is run again then. Empty: nothing is missing."""
    try:
        if settings.timestamp_url is not None:
            stamp_published(connection, settings.timestamp_url, some)
    except NotStamped as error:
        return str(error)
    return ""


def _lies(folder: Path, one: Published, stamped: bool) -> bool:
    stem = file_stem(one.week, one.amendment)
    return all((folder / f"{stem}{end}").is_file() for end in (verify.MANIFEST, *(verify.STAMP,) * stamped))


def _propose(connection: Connection, law: Law, to: Proposals, name: str) -> str:
    """What was made and kept goes into the folder again as it was: so it does at its recipients, if it is asked for."""
    month = parse_month(name)
    start, end = bounds(month)
    made_at = int(time.time())
    with transaction(connection):
        kept = papers_of(connection, name)
    if kept:
        write_all(to.folder, kept)
        return f"papers of {name}: made already, {len(kept)} files written again"
    with transaction(connection):
        connection.execute(_READ_ONLY)
        waiting = marks(connection, day_of(start), day_of(end)).waiting
        if waiting:
            raise InputError(f"{waiting} vehicle-days of {name} wait to be judged: run `hanhtrinh check`")
        report = read_month(connection, law, month, made_at)
        papers = monthly_papers(connection, law, report, made_at) if to.papers else {}
    files = {f"{_PREFIX}-{name}.csv": as_csv(report), f"{_PREFIX}-{name}.ndjson": as_ndjson(report)}
    files |= papers
    with transaction(connection):
        keep_papers(connection, name, files)
        files = papers_of(connection, name)
    write_all(to.folder, files)
    rolled = report.rolled
    vehicles, operators = len(proposed_vehicles(rolled)), sum(one.proposed for one in rolled.operators)
    return f"proposals of {name}: on {vehicles} vehicles and {operators} operators; {len(files)} files"
