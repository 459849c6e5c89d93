"""What an examination asks of the store: reached, its version, schema, kind, roles, clock, zone, and what waits."""

from __future__ import annotations

import time
from collections.abc import Iterator

from psycopg.errors import InsufficientPrivilege

from cli.doctor.examining import BAD, GOOD, WARNING, Told
from cli.doctor.machine import ZONE
from cli.store.commands import untouched
from journey.localtime import DAY_S, day_of, day_start, name_week
from journey.settings import Settings
from storage import migrate as schema
from storage.database import Connection, transaction
from storage.errors import MigrationRefused, StoreUnavailable
from storage.roles import ROLES
from storage.upkeep import status
from storage.upkeep.examination import clock_s, makers, missing_roles, rest_rows, timescale_offered, zone_offset_s
from storage.upkeep.parts import parts
from storage.upkeep.standing import queue
from storage.upkeep.status import on_hypertables

_CLOCK_S = 2.0
_LATE_WINDOWS = 100_000
_LOCAL_OFFSET_S = 7 * 3600
_WEEK_DAYS = 7


def examined_store(settings: Settings) -> Iterator[Told]:
    """What can be said of the store; where it cannot be reached, that alone."""
    embedded = settings.database_url is None
    if embedded and not settings.data_folder.expanduser().exists():
        return  # told of as a folder that is not there; none is made by looking
    try:
        with untouched(settings) as connection, transaction(connection):
            yield Told(GOOD, "database", f"PostgreSQL {status.server_version(connection)}"
                                         + (", embedded" if embedded else ""))  # fmt: skip
            yield _clock(connection)
            yield _zone(connection)
            yield _kind(connection, embedded)
            if not embedded:
                yield _roles(connection)
            whole = _schema(connection)
            yield whole
            if whole.state is GOOD:
                yield from _work(connection)
    except StoreUnavailable as error:
        yield Told(BAD, "database", str(error), "see docs/runbooks/store-away.md")
    except InsufficientPrivilege as error:  # a role of least privilege: what it may not read it cannot tell of
        yield Told(WARNING, "rights", f"this user may not look at all of it: {error.diag.message_primary}",
                   "`hanhtrinh doctor` as the owner of the tables looks at the rest")  # fmt: skip


def _clock(connection: Connection) -> Told:
    apart = clock_s(connection) - time.time()
    if abs(apart) <= _CLOCK_S:
        return Told(GOOD, "clock", f"within {_CLOCK_S:.0f} s of the database's")
    return Told(BAD, "clock", f"the database's is {abs(apart):.1f} s {'ahead' if apart > 0 else 'behind'}",
                "let both be set by NTP")  # fmt: skip


def _zone(connection: Connection) -> Told:
    offset = zone_offset_s(connection, ZONE)
    if offset == _LOCAL_OFFSET_S:
        return Told(GOOD, "time zone", f"the database knows {ZONE}")
    said = f"the database does not know {ZONE}" if offset is None else f"the database has {ZONE} {offset} s from UTC"
    return Told(BAD, "time zone", said, "install tzdata on its machine and start it again")


def _kind(connection: Connection, embedded: bool) -> Told:
    version = status.timescale_version(connection)
    if version is not None:
        return Told(GOOD, "TimescaleDB", version)
    if timescale_offered(connection):
        return Told(WARNING, "TimescaleDB", "the server offers it, this database does not use it",
                    "CREATE EXTENSION timescaledb before the first `hanhtrinh db migrate`, not after")  # fmt: skip
    return Told(GOOD, "TimescaleDB", "not there: partitions by week" + ("" if embedded else ", no compression"))


def _roles(connection: Connection) -> Told:
    missing = missing_roles(connection, ROLES)
    if not missing:
        return Told(GOOD, "roles", ", ".join(ROLES))
    return Told(WARNING, "roles", f"missing: {', '.join(missing)}", "`hanhtrinh db roles --apply` makes them")


def _schema(connection: Connection) -> Told:
    try:
        lacking = schema.missing_of(connection)
    except MigrationRefused as refusal:
        return Told(BAD, "schema", str(refusal), "program and store are of different versions: install the right one")
    if lacking:
        names = ", ".join(one.name for one in lacking)
        return Told(BAD, "schema", f"missing: {names}", "`hanhtrinh db migrate` as the owner of the tables")
    return Told(GOOD, "schema", f"{len(schema.applied(connection))} migrations, none missing")


def _makers(connection: Connection) -> Told:
    """Whether different programs judge side by side, or did within a day."""
    found = makers(connection, int(time.time()) - DAY_S)
    if len(found) <= 1:
        return Told(GOOD, "runs", "of one law, method and code within a day" if found else "none within a day")
    said = "; ".join(f"law {law}, {method}, {code}" for law, method, code in found)
    return Told(WARNING, "runs", f"within a day by {len(found)} programs: {said}",
                "right on the day of an upgrade; else two versions of check run side by side: stop the old one, then "
                "`hanhtrinh check --all`")  # fmt: skip


def _partitions(connection: Connection) -> Told:
    """Whether this week and the next have their partitions."""
    there = parts(connection, "fix")
    today = day_of(int(time.time()))
    lacking = [day for day in (today, today + _WEEK_DAYS)
               if not any(one.start <= day_start(day) < one.end for one in there)]  # fmt: skip
    if not lacking:
        return Told(GOOD, "partitions", f"{len(there)}, those of this week and the next among them")
    names = ", ".join(name_week(day_start(day)) for day in lacking)
    return Told(WARNING, "partitions", f"none for {names}: what comes lies together in one table",
                "`hanhtrinh db keep` makes them; run it every day, as the schedule does")  # fmt: skip


def _work(connection: Connection) -> Iterator[Told]:
    windows = queue(connection).windows
    late = windows > _LATE_WINDOWS
    yield Told(WARNING if late else GOOD, "check", f"{windows} vehicle-days wait to be judged",
               "see docs/runbooks/check-queue.md" if late else "")  # fmt: skip
    yield _makers(connection)
    if not on_hypertables(connection):
        yield _partitions(connection)
    if rest_rows(connection):
        yield Told(WARNING, "partitions", "fixes lie in no partition of their week",
                   "`hanhtrinh db keep` makes them; run it every day")  # fmt: skip
