"""Publishing a week's list: once, numbered, sealed. What was published is written again as it was, never made anew."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api import verify
from api.exports import rendered
from api.exports.publication import Publication, file_stem, moment
from cli.lists.sealing import read_key, seal_files, sealed
from cli.lists.weekly import bounds, read_weekly
from cli.outfile import write_all
from cli.reference import InputError
from cli.root import code_version
from journey.localtime import DAY_S, day_of, show
from journey.settings import Settings
from rules.law import Law
from storage.cases.reading import publishable
from storage.database import Connection, transaction
from storage.errors import PublishedMeanwhile
from storage.findings import rulebooks
from storage.lists.history import Marks, current_findings, marks
from storage.lists.published import Entry, Published, add_published, files_of, last_published, next_number, published_of
from storage.lists.stamps import stamps_of

# One snapshot for all that goes into a list.
SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
# A block of driving may reach into a week from the day before, and out of it.
_AROUND_DAYS = 1
_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Terms:
    """How one publishes: the cut-off, the signing key (None: unsigned), whether gaps are let through and said."""

    grace_days: int
    key: Ed25519PrivateKey | None
    anyway: bool = False
    made_at: int | None = None  # s UTC; None: now

    def closing(self, week_end: int) -> int:
        """The moment from which a week's list can be published."""
        return week_end + self.grace_days * DAY_S


def terms_of(settings: Settings, anyway: bool = False, unsigned: bool = False, made_at: int | None = None) -> Terms:
    """Raises InputError where there is no key and `unsigned` does not let that through."""
    if settings.list_key is None and not unsigned:
        raise InputError("no key signs this list: set HANHTRINH_LIST_KEY and make one with `hanhtrinh list key`, or "
                         "give --unsigned")  # fmt: skip
    signing = None if settings.list_key is None else read_key(settings.list_key)
    return Terms(settings.list_grace_days, signing, anyway, made_at)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the chain something is about to go, and how the store stands for its week."""

    position: int
    year: int
    number: int
    previous: str | None
    made_at: int
    marks: Marks
    other_rulebooks: tuple[tuple[str, str], ...]

    def publication(self, week: str, terms: Terms) -> Publication:
        closed = terms.closing(bounds(week)[1])
        number = f"{self.number:02d}/{self.year}"
        return Publication(
            number, closed, terms.grace_days, self.marks.touched, self.marks.waiting, self.other_rulebooks
        )

    def published(self, law: Law, week: str, amendment: int) -> Published:
        """Without its manifest yet."""
        return Published(
            self.position, self.year, self.number, week, amendment, self.made_at, law.version, law.method_name,
            code_version(), self.marks.touched, self.marks.checked, self.marks.waiting, self.previous, b"", None,
        )  # fmt: skip


def publish(connection: Connection, law: Law, week: str, terms: Terms) -> tuple[Published, bool]:
    """Publish a week's list, or find it published; with whether this call did it.

    Raises InputError before the week is closed, or where it is not wholly judged and `terms` do not let that through.
    """
    return at_once(connection, lambda: publish_in_snapshot(connection, law, week, terms))


def publish_in_snapshot(connection: Connection, law: Law, week: str, terms: Terms) -> tuple[Published, bool]:
    before = published_of(connection, week)
    if before:
        return before[0], False
    place = find_place(connection, law, week, terms)
    start, end = bounds(week)
    weekly = read_weekly(connection, law, week, place.made_at, place.publication(week, terms))
    files = rendered(weekly, file_stem(week))
    current = current_findings(connection, start, end)
    allowed = publishable(connection, [one.finding for one in current], place.made_at)
    entries = [
        Entry(one.finding, "listed", one.content, one.body, one.row, None, None, None, one.run_id)
        for one in current
        if one.finding in allowed
    ]
    published = sealed(place.published(law, week, 0), file_stem(week), files, entries, terms.key)
    add_published(connection, published, entries, files)
    return published, True


def at_once[T](connection: Connection, attempt: Callable[[], T]) -> T:
    """Run `attempt` in a transaction over one snapshot; anew where another process published meanwhile."""
    for left in reversed(range(_ATTEMPTS)):
        try:
            with transaction(connection):
                connection.execute(SNAPSHOT)
                return attempt()
        except PublishedMeanwhile:
            if not left:
                raise
    raise AssertionError("an attempt returns or raises")


def find_place(connection: Connection, law: Law, week: str, terms: Terms) -> Place:
    """The next place of the chain. Raises InputError where nothing may be published for this week now."""
    start, end = bounds(week)
    now = int(time.time())
    made_at = now if terms.made_at is None else terms.made_at
    if made_at > now:
        raise InputError(f"--made-at {made_at}: lies ahead; nothing is published in the future")
    if made_at < terms.closing(end):
        raise InputError(
            f"{week} is open until {show(terms.closing(end))}: {terms.grace_days} days after its end, for late data "
            "(HANHTRINH_LIST_GRACE_DAYS); `hanhtrinh export` shows a draft"
        )
    last = last_published(connection)
    if last and made_at < last.made_at:
        raise InputError(f"--made-at {made_at}: lies before {last.title} was published ({show(last.made_at)})")
    stands = marks(connection, day_of(start) - _AROUND_DAYS, day_of(end) + _AROUND_DAYS)
    others = tuple(sorted(rulebooks(connection, start, end) - {(law.version, law.method_name)}))
    if stands.waiting and not terms.anyway:
        raise InputError(f"{stands.waiting} vehicle-days of {week} and the days beside it wait to be judged: run "
                         "`hanhtrinh check` first, or give --anyway: the list then says so")  # fmt: skip
    if others and not terms.anyway:
        named = " and ".join(f"{version}, {method}" for version, method in others)
        raise InputError(f"findings of {week} were judged under law {named}, which is not the rulebook of today: run "
                         "`hanhtrinh check --all` first, or give --anyway: the list then says so")  # fmt: skip
    year = moment(made_at).year
    return Place(
        position=last.position + 1 if last else 1,
        year=year,
        number=next_number(connection, year),
        previous=last.manifest_hash if last else None,
        made_at=made_at,
        marks=stands,
        other_rulebooks=others,
    )


def write_published(connection: Connection, folder: Path, some: list[Published]) -> list[Path]:
    """Write published lists and amendments as they went out, with their seals; returns the files.

    The manifest comes last: where it lies all lies, whatever ended the writing before.
    """
    paths: dict[Path, None] = {}
    for one in some:
        name = file_stem(one.week, one.amendment)
        with transaction(connection):
            files, stamp = files_of(connection, one), stamps_of(connection).get(one.position)
        files |= seal_files(one, name, stamp)
        files[f"{name}{verify.MANIFEST}"] = files.pop(f"{name}{verify.MANIFEST}")
        paths |= dict.fromkeys(write_all(folder, files))
    return list(paths)
