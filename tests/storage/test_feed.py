"""The feed of changes: whoever reads on from where he stood misses nothing, in whatever order writers commit."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import pytest

from journey.model import Grade
from storage.database import Connection, connect, scalar, transaction
from storage.findings import Scope, replace_findings
from storage.migrate import load_migrations
from storage.names import driver_ids, vehicle_ids
from storage.pages.feed import Change, changes, number_before
from tests.storage.samples import NOON, finding, new_run

EVER = (0, 1 << 33)
WRITERS = 4


def scope(plate: str) -> Scope:
    return Scope(("speeding",), plate, None, *EVER)


def put(connection: Connection, plate: str, *starts: int, **fields: object) -> None:
    """Make these all that is found of a vehicle, in the open transaction."""
    some = [finding(vehicle=plate, start=start, at=start, **fields) for start in starts]
    replace_findings(connection, "run-1", [scope(plate)], some, "data")


_COUNTED = """
    SELECT operator, (day + 3) / 7, vehicle_id, count(*) FILTER (WHERE grade = 'certain'),
           count(*) FILTER (WHERE grade <> 'certain')
    FROM finding WHERE withdrawn_at IS NULL AND operator IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


_KEPT = """
    SELECT operator, week, vehicle_id, certain, possible FROM finding_week
    WHERE certain + possible > 0 ORDER BY operator, week, vehicle_id
"""
# Kept, and counted: of rules by week, and of changes by day.
_OTHERS = (
    (
        """SELECT week, operator, rule, certain, possible FROM rule_week
           WHERE certain + possible > 0 ORDER BY week, operator, rule""",
        """SELECT (day + 3) / 7, operator, rule, count(*) FILTER (WHERE grade = 'certain'),
                  count(*) FILTER (WHERE grade <> 'certain')
           FROM finding WHERE withdrawn_at IS NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
    ),
    (
        "SELECT day, operator, added, withdrawn FROM change_day ORDER BY day, operator",
        """SELECT (changed_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date - date '1970-01-01', operator,
                  count(*) FILTER (WHERE NOT withdrawn), count(*) FILTER (WHERE withdrawn)
           FROM finding_change GROUP BY 1, 2 ORDER BY 1, 2""",
    ),
)


def weeks(connection: Connection) -> list[tuple[object, ...]]:
    """Findings that stand by operator, week and vehicle, as they are kept; they, and all else that is kept of findings,
    are as they are counted."""
    with connection.transaction():
        for one, other in ((_KEPT, _COUNTED), *_OTHERS):
            assert connection.execute(one).fetchall() == connection.execute(other).fetchall()
        return connection.execute(_KEPT).fetchall()


def everything(connection: Connection, after: int = 0, size: int = 3, operator: str | None = None) -> list[Change]:
    found: list[Change] = []
    with connection.transaction():
        while page := changes(connection, found[-1].number if found else after, size, operator):
            found += page
    return found


@pytest.fixture
def ready(connection: Connection) -> Connection:
    new_run(connection)
    # Whoever adds a name waits for another who adds the same: that is not what is tried here.
    vehicle_ids(connection, [*"ABC", *(f"{letter}{number}" for letter in "PQ" for number in range(WRITERS))])
    driver_ids(connection, ["790123456789"])
    connection.commit()
    return connection


def test_additions_changes_and_withdrawals_in_order(ready: Connection) -> None:
    with transaction(ready):
        put(ready, "A", NOON, NOON + 1)
    with transaction(ready):
        put(ready, "A", NOON)
    with transaction(ready):
        put(ready, "A", NOON, measured=99.0)
    first, second = (finding(vehicle="A", start=NOON + step, at=NOON + step).id for step in (0, 1))
    found = everything(ready)
    assert [(one.id, one.withdrawn, one.reason) for one in found] == [
        (first, False, None), (second, False, None), (second, True, "data"), (first, True, "data"), (first, False, None)
    ]  # fmt: skip
    assert '"measured":99.0' in found[-1].body
    assert everything(ready, found[2].number) == found[3:]
    assert everything(ready, found[-1].number) == []


def test_what_changes_nothing_is_told_nobody(ready: Connection) -> None:
    with transaction(ready):
        put(ready, "A", NOON)
    before = everything(ready)
    with transaction(ready):
        put(ready, "A", NOON)
    put(ready, "B", NOON)
    ready.rollback()
    assert everything(ready) == before


def test_an_operator_has_its_own_changes_alone(ready: Connection) -> None:
    with transaction(ready):
        put(ready, "A", NOON)
        put(ready, "B", NOON, operator="OP2")
        put(ready, "C", NOON, operator=None)
    with transaction(ready):  # the vehicle turns out to have been the other's
        put(ready, "A", NOON, operator="OP2")
    assert [one.withdrawn for one in everything(ready, operator="OP1")] == [False, True]
    assert [one.withdrawn for one in everything(ready, operator="OP2")] == [False, False]
    assert len(everything(ready)) == 5


@pytest.mark.native_server
def test_the_first_to_begin_and_last_to_commit_is_not_missed(ready: Connection, second: Connection) -> None:
    """The one whose row has the lower number commits later: read in between, it is still to come."""
    put(ready, "A", NOON)
    with transaction(second):
        put(second, "B", NOON)
    seen = everything(second)
    assert len(seen) == 1
    ready.commit()
    late = everything(second, seen[-1].number)
    with transaction(second):
        rows = scalar(second, "SELECT array_agg(finding_row ORDER BY number) FROM finding_change")
    assert [one.id for one in late] == [finding(vehicle="A", start=NOON, at=NOON).id]
    assert rows == sorted(rows, reverse=True)


def test_an_instant_to_begin_with(ready: Connection) -> None:
    for plate in "ABC":
        with transaction(ready):
            put(ready, plate, NOON)
    ready.execute("UPDATE finding_change SET changed_at = to_timestamp(1000 * number)")
    assert [number_before(ready, time) for time in (0, 1000, 1001, 3000, 3001)] == [0, 0, 1, 2, 3]


@pytest.mark.native_server
def test_readers_beside_writers_see_every_change_once_and_in_order(ready: Connection, database: str) -> None:
    """Writers commit and roll back in any order while a reader follows by pages of any size."""
    rounds = 25
    stopped = threading.Event()
    failures: list[BaseException] = []

    def write(number: int) -> None:
        some = random.Random(number)
        try:
            with connect(database) as connection:
                for turn in range(rounds):
                    count = some.randrange(1, 6)
                    put(connection, f"P{number}", *(NOON + 10 * turn + place for place in range(count)))
                    put(connection, f"Q{number}", NOON + turn)
                    (connection.rollback if some.random() < 0.2 else connection.commit)()
        except BaseException as error:
            failures.append(error)
            raise

    def follow() -> Iterator[Change]:
        some, after = random.Random(99), 0
        with connect(database) as connection:
            while True:
                last = stopped.is_set()
                with transaction(connection):
                    page = changes(connection, after, some.randrange(1, 50))
                yield from page
                if page:
                    after = page[-1].number
                elif last:
                    return

    seen: list[Change] = []
    reader = threading.Thread(target=lambda: seen.extend(follow()))
    reader.start()
    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stopped.set()
    reader.join()
    assert not failures
    assert seen == everything(ready, size=1000)
    assert len(seen) > WRITERS * rounds
    current: dict[str, str] = {}
    for one in seen:  # as a reader keeps them
        if one.withdrawn:
            del current[one.id]
        else:
            current[one.id] = one.body
    assert current == dict(ready.execute("SELECT id, body::text FROM finding WHERE withdrawn_at IS NULL").fetchall())
    assert len(weeks(ready)) > WRITERS


def test_what_was_stored_before_there_was_a_feed_is_in_it(ready: Connection) -> None:
    """The migration's own statement, run again over findings without changes."""
    with transaction(ready):
        put(ready, "A", NOON, NOON + 1)
    with transaction(ready):
        put(ready, "A", NOON)
    before = [(one.id, one.withdrawn) for one in everything(ready)]
    (text,) = (one.text.decode() for one in load_migrations() if one.name.endswith("_api.sql"))
    backfill = text[text.index("INSERT INTO finding_change") :].split(";")[0]
    ready.execute("TRUNCATE finding_change")
    ready.execute(backfill.encode())
    assert sorted((one.id, one.withdrawn) for one in everything(ready)) == sorted(before)
    assert everything(ready)[-1].withdrawn


def test_findings_that_stand_are_kept_by_week_as_they_come_and_go(ready: Connection) -> None:
    day = 86_400
    with transaction(ready):
        put(ready, "A", NOON, NOON + day, NOON + 7 * day)
        put(ready, "B", NOON, grade=Grade.POSSIBLE)
        put(ready, "C", NOON, operator=None)
    assert [row[3:] for row in weeks(ready)] == [(2, 0), (0, 1), (1, 0)]
    with transaction(ready):  # one is withdrawn, one says something else, one turns out to be another's
        put(ready, "A", NOON)
        put(ready, "B", NOON)
        put(ready, "C", NOON, operator="OP2")
    assert [row[3:] for row in weeks(ready)] == [(1, 0), (1, 0), (1, 0)]
    before = weeks(ready)
    put(ready, "A")
    ready.rollback()
    assert weeks(ready) == before
    with transaction(ready):
        for plate in "ABC":
            put(ready, plate)
    assert weeks(ready) == []


def test_what_was_stored_before_weeks_were_kept_is_in_them(ready: Connection) -> None:
    """The migration's own statement, run again over findings without weeks."""
    with transaction(ready):
        put(ready, "A", NOON, NOON + 1)
        put(ready, "B", NOON, operator="OP2", grade=Grade.POSSIBLE)
    with transaction(ready):
        put(ready, "A", NOON)
        put(ready, "C", NOON, operator=None)
    before = weeks(ready)
    texts = {one.name: one.text.decode() for one in load_migrations()}
    for name, tables in (
        ("0030_finding_week.sql", "finding_week"),
        ("0033_overview_counts.sql", "rule_week, change_day"),
    ):
        backfill = texts[name][texts[name].index("-- What was stored before") :]
        assert all(f"INSERT INTO {table}" in backfill for table in tables.split(", "))
        with transaction(ready):
            ready.execute(f"TRUNCATE {tables}".encode())
            ready.execute(backfill.encode())
    assert weeks(ready) == before != []
