"""The books of intake: what arrived, by hour, connection, sender and operator, and what became of it.

Every row adds up: received = stored + duplicates + rejected. Rows are entered in the transaction that stores what they
count, so that the books agree with the tables whatever is killed when.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from journey.model import Flag
from journey.track import Bool, Int
from storage.database import Connection

STORED, DUPLICATE, CONFLICT = 0, 1, 2
_NEVER = np.iinfo(np.int64).min

# In the order of the key, so that two transactions wait for each other one way round only.
_ENTER = """
    INSERT INTO intake (hour, connection, sender, operator, received, stored, duplicates, conflicts, flagged, rejected,
                        newest_fix)
    SELECT date_trunc('hour', statement_timestamp()), %s, sender, operator, received, stored, duplicates, conflicts,
           flagged, rejected, to_timestamp(newest_fix)
    FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
                %s::bigint[], %s::bigint[])
        AS n (sender, operator, received, stored, duplicates, conflicts, flagged, rejected, newest_fix)
    ORDER BY sender, operator
    ON CONFLICT (hour, connection, sender, operator) DO UPDATE SET
        received = intake.received + EXCLUDED.received, stored = intake.stored + EXCLUDED.stored,
        duplicates = intake.duplicates + EXCLUDED.duplicates, conflicts = intake.conflicts + EXCLUDED.conflicts,
        flagged = intake.flagged + EXCLUDED.flagged, rejected = intake.rejected + EXCLUDED.rejected,
        newest_fix = greatest(intake.newest_fix, EXCLUDED.newest_fix)
"""
_ROWS = """
    SELECT extract(epoch FROM hour)::bigint, connection, sender, operator, received, stored, duplicates, conflicts,
           flagged, rejected, extract(epoch FROM newest_fix)::bigint
    FROM intake
    WHERE hour >= to_timestamp(%s::bigint) AND hour < to_timestamp(%s::bigint)
    ORDER BY hour, operator, sender, connection
"""
# Both sides at one instant (REPEATABLE READ): what the books say, and what the tables hold.
_AGREE = """
    SELECT (SELECT coalesce(sum(received), 0)::bigint FROM intake),
           (SELECT coalesce(sum(stored), 0)::bigint FROM intake),
           (SELECT coalesce(sum(duplicates), 0)::bigint FROM intake),
           (SELECT coalesce(sum(rejected), 0)::bigint FROM intake),
           (SELECT coalesce(sum(fixes), 0)::bigint FROM batch),
           (SELECT count(*) FROM fix), (SELECT count(*) FROM fix_copy),
           (SELECT count(*) FROM weighing), (SELECT count(*) FROM notice),
           (SELECT coalesce(sum(seen), 0)::bigint FROM rejection),
           (SELECT coalesce(sum(seen), 0)::bigint FROM rejection_pruned)
"""
_NAMES = "SELECT id, coalesce(name, '') FROM operator"


class Account(NamedTuple):
    """To whom a record is accounted; empty: not known."""

    sender: str
    operator: str


NOBODY = Account("", "")


class AccountOf(NamedTuple):
    """For each record of a batch the index of its account. Shape: as long as the batch's records of that kind."""

    fixes: Int
    weighings: Int
    notices: Int
    rejections: Int


class Fates(NamedTuple):
    """What became of the records of a batch, in their order."""

    fix: npt.NDArray[np.int8]  # STORED, DUPLICATE or CONFLICT
    weighing: Bool  # not known before
    notice: Bool
    rejections: int


class Entry(NamedTuple):
    """Records of one account. received = stored + duplicates + rejected; conflicts are duplicates too.

    newest_fix: s UTC.
    """

    account: Account
    received: int
    stored: int
    duplicates: int
    conflicts: int
    flagged: int
    rejected: int
    newest_fix: int | None


class IntakeRow(NamedTuple):
    """What one hour (Unix s of its begin) of one connection held of one account."""

    hour: int
    connection: str
    entry: Entry


class Agreement(NamedTuple):
    """The books and the tables at one instant."""

    received: int
    stored: int
    duplicates: int
    rejected: int
    fixes_sent: int
    fixes: int
    fix_copies: int
    weighings: int
    notices: int
    rejections_seen: int
    rejections_pruned: int  # removed because of their age, as often as they had been seen

    def faults(self) -> list[str]:
        """What does not add up, in words; empty where all does."""
        held = self.fixes + self.weighings + self.notices
        sums = (
            (
                "received",
                self.received,
                "stored + duplicates + rejected",
                self.stored + self.duplicates + self.rejected,
            ),
            ("stored by the books", self.stored, "fixes, weighings and notices in the tables", held),
            ("fixes sent", self.fixes_sent, "fixes and their copies in the tables", self.fixes + self.fix_copies),
            (
                "rejected by the books",
                self.rejected,
                "rejections in the table and those removed from it",
                self.rejections_seen + self.rejections_pruned,
            ),
        )
        return [f"{name}: {one}, but {other_name}: {other}" for name, one, other_name, other in sums if one != other]


def enter(
    connection: Connection,
    name: str,
    accounts: Sequence[Account],
    account_of: AccountOf,
    fates: Fates,
    fixes: pl.DataFrame,
) -> list[Entry]:
    """Enter a batch into the books, inside its transaction. Args: fixes: FLAGGED, as sent."""
    number = len(accounts)

    def count(of: Int, which: npt.NDArray[np.bool_] | None = None) -> Int:
        return np.bincount(of if which is None else of[which], minlength=number).astype(np.int64)

    received = sum((count(of) for of in account_of), np.zeros(number, np.int64))
    stored = count(account_of.fixes, fates.fix == STORED)
    stored += count(account_of.weighings, fates.weighing) + count(account_of.notices, fates.notice)
    rejected = count(account_of.rejections)
    flags = fixes["flags"].to_numpy()
    newest = np.full(number, _NEVER)
    ahead = (flags & np.int16(Flag.FUTURE)) != 0
    np.maximum.at(newest, account_of.fixes[~ahead], fixes["time"].to_numpy()[~ahead])
    columns = (
        received,
        stored,
        received - stored - rejected,
        count(account_of.fixes, fates.fix == CONFLICT),
        count(account_of.fixes, flags != 0),
        rejected,
    )
    times = [None if time == _NEVER else time for time in newest.tolist()]
    every = map(Entry, accounts, *(column.tolist() for column in columns), times)
    entries = [entry for entry in every if entry.received]
    if entries:
        named, *counts = (list(column) for column in zip(*entries, strict=True))
        senders, operators = [one.sender for one in named], [one.operator for one in named]
        connection.execute(_ENTER, (name, senders, operators, *counts))
    return entries


def intake_rows(connection: Connection, hour_from: int, hour_to: int) -> list[IntakeRow]:
    """The books of the hours that begin in [hour_from, hour_to), Unix s, by hour, operator, sender and connection."""
    return [
        IntakeRow(hour, name, Entry(Account(sender, operator), *counts))
        for hour, name, sender, operator, *counts in connection.execute(_ROWS, (hour_from, hour_to))
    ]


def operator_names(connection: Connection) -> dict[str, str]:
    """The name of each operator of the registry by its id; empty where the registry does not describe it."""
    return dict(connection.execute(_NAMES).fetchall())


def agreement(connection: Connection) -> Agreement:
    """The books beside the tables, at one instant. Counts whole tables: minutes where they are large."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        row = connection.execute(_AGREE).fetchone()
    assert row is not None  # noqa: S101 - a query of aggregates gives one row
    return Agreement(*row)
