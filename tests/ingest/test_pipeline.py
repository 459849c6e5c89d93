"""The one loop: batches, positions, and resuming at every boundary, with the real store behind it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from ingest.admission import admit, prepare
from ingest.pipeline import Decode, Intake, Limits, Source, Totals, Watch
from ingest.sources.replay import Replay, open_replay
from journey.model import BadRecord, Decoded, DecodeError, Fix, Flag, Notice, RawMessage, Reason
from journey.registry import Registry
from rules import law as rulebook
from rules.quality import Box, figures_box
from storage.commit import Batch, Committed, commit_batch, source_offset
from storage.database import Connection, connect, scalar
from storage.errors import OffsetMismatch, StoreUnavailable
from tests.ingest.recordings import BAD, FORMS, LINES, START, write

LAW = rulebook.load()
BOX = figures_box(LAW)
TINY = 64
Commit = Callable[[Batch], Committed]


@dataclass
class Messages:
    """A transport of messages in memory, which notes what is acknowledged."""

    payloads: list[bytes]
    name: str = "memory"
    acknowledged: list[int] = field(default_factory=list)

    begins: dict[str, int] = field(default_factory=lambda: {"memory": 0})
    _received: int = 0

    async def receive(self, most: int) -> list[RawMessage]:
        number = self._received
        if number == len(self.payloads):
            return []
        self._received += 1
        return [RawMessage(self.name, number + 1, self.payloads[number], START, f"message {number}")]

    async def acknowledge(self, messages: Sequence[RawMessage]) -> None:
        assert messages[-1].position is not None
        self.acknowledged.append(messages[-1].position)


ADMISSION = prepare(Registry(), LAW)


def take(source: Source, decode: Decode, commit: Commit, batch_records: int, box: Box = BOX) -> Totals:
    """Run the pipeline to the source's end."""
    admission = replace(ADMISSION, box=box)
    limits = Limits(records=batch_records, age_s=inf)
    return asyncio.run(
        Intake(source, decode, lambda gathered: commit(admit(gathered, admission)), limits, Watch()).run()
    )


def decode(message: RawMessage) -> Decoded:
    """`3f1b2n`: three fixes, one bad record, two notices; `x`: nothing that can be read."""
    decoded = Decoded()
    text = message.payload.decode()
    if text == "x":
        raise DecodeError(Reason.UNDECODABLE, "not of the format")
    for count, kind in zip(text[::2], text[1::2], strict=True):
        for place in range(int(count)):
            if kind == "f":
                decoded.fixes.append(Fix("12C12345", None, message.position * 10 + place, 106.7, 21.5, 300))
            elif kind == "b":
                decoded.bad.append(BadRecord(f"record {place}", Reason.WRONG_TYPE, "bad", b"bytes"))
            else:
                decoded.notices.append(Notice("driver", "790123456789", {}))
    return decoded


def span(batch: Batch) -> tuple[int, int]:
    (position,) = batch.positions
    return position.start, position.end


def taken(source: Messages, batch_records: int) -> tuple[list[Batch], Totals]:
    """Batches as committed to a store that takes all of them."""
    batches: list[Batch] = []

    def commit(batch: Batch) -> Committed:
        assert len(source.acknowledged) == len(batches)  # nothing before it is committed
        batches.append(batch)
        fixes = len(batch.fixes)
        return Committed(len(batches), fixes, fixes, 0, 0, len(batch.weighings), len(batch.notices),
                         len(batch.rejections))  # fmt: skip

    return batches, take(source, decode, commit, batch_records)


def test_a_batch_closes_when_it_is_full() -> None:
    source = Messages([b"2f", b"2f", b"1f", b"1b1n", b"5f", b"1f"])
    batches, totals = taken(source, 3)
    assert [span(one) for one in batches] == [(0, 2), (2, 4), (4, 5), (5, 6)]
    assert [len(one.fixes) for one in batches] == [4, 1, 5, 1]
    assert [(len(one.rejections), len(one.notices)) for one in batches] == [(0, 0), (1, 1), (0, 0), (0, 0)]
    assert source.acknowledged == [2, 4, 5, 6]
    assert (totals.messages, totals.fixes, totals.rejections, totals.notices) == (6, 11, 1, 1)


def test_messages_that_hold_nothing_move_the_position() -> None:
    source = Messages([b"", b"", b""])
    batches, totals = taken(source, 1)
    assert [(span(one), len(one.fixes)) for one in batches] == [((0, 3), 0)]
    assert (source.acknowledged, totals.messages) == ([3], 3)


def test_no_message_is_no_batch() -> None:
    source = Messages([])
    assert taken(source, 1)[0] == []
    assert source.acknowledged == []


def test_a_message_that_cannot_be_read_is_kept_whole() -> None:
    batches, totals = taken(Messages([b"1f", b"x", b"1f"]), 100)
    (batch,) = batches
    (kept,) = batch.rejections
    assert (kept.source, kept.where, kept.reason) == ("memory", "message 1", Reason.UNDECODABLE)
    assert (kept.detail, kept.payload, kept.received) == ("not of the format", b"x", START)
    assert (len(batch.fixes), totals.rejections) == (2, 1)


def test_fixes_come_with_the_flags_that_they_carry_by_themselves() -> None:
    def one(message: RawMessage) -> Decoded:
        plain = Fix("12C12345", None, START, 106.7, 21.5, 300, received=START)
        return Decoded(fixes=[
            plain,
            plain._replace(lon=0.0, lat=0.0),
            plain._replace(lon=21.5, lat=106.7),
            plain._replace(lon=90.0),
            plain._replace(time=START + 300),
            plain._replace(time=START + 301),
            plain._replace(speed_dkmh=2000),
            plain._replace(speed_dkmh=2001),
            plain._replace(speed_dkmh=-1),
            plain._replace(scaled=True, received=None),
        ])  # fmt: skip

    batches: list[Batch] = []

    def commit(batch: Batch) -> Committed:
        batches.append(batch)
        return Committed(1, 0, 0, 0, 0, 0, 0, 0)

    take(Messages([b""]), one, commit, 1)
    assert batches[0].fixes["flags"].to_list() == [
        0, Flag.ZERO | Flag.OUTSIDE, Flag.SWAPPED, Flag.OUTSIDE, 0, Flag.FUTURE, 0, Flag.SPEED_RANGE, Flag.SPEED_RANGE,
        Flag.SCALED_TIME,
    ]  # fmt: skip


def test_nothing_is_acknowledged_that_was_not_committed() -> None:
    source = Messages([b"2f", b"2f", b"2f"])

    def commit(batch: Batch) -> Committed:
        if span(batch)[0]:
            raise StoreUnavailable("gone")
        return Committed(1, 2, 2, 0, 0, 0, 0, 0)

    with pytest.raises(StoreUnavailable):
        take(source, decode, commit, 2)
    assert source.acknowledged == [1]


# With the store


@pytest.fixture
def clean(emptied: str) -> Iterator[Connection]:
    with connect(emptied) as connection:
        yield connection


def empty(connection: Connection) -> None:
    connection.execute(
        "TRUNCATE batch, batch_position, source_offset, intake, fix, fix_copy, weighing, notice, rejection, "
        "vehicle_day CASCADE"
    )
    connection.commit()


def resumed(path: Path, protocol: str, connection: Connection, block: int = TINY) -> Replay:
    return open_replay(path, protocol, lambda name: source_offset(connection, name), block)


def replay(source: Replay, commit: Commit, batch_records: int = 1, box: Box = BOX) -> Totals:
    return take(source, source.decode, commit, batch_records, box)


def content(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """All that is stored, by names instead of numbers and without batches."""
    fixes = """SELECT v.plate, f.time, delay_s, lon_e7, lat_e7, speed_dkmh, d.licence, heading, altitude_m, ignition,
               flags, scaled FROM {} f JOIN vehicle v ON v.id = vehicle_id LEFT JOIN driver d ON d.id = driver_id"""
    queries = {
        "fix": fixes.format("fix"),
        "fix_copy": fixes.format("fix_copy"),
        "weighing": "SELECT station, time, hash, axle_kg, gross_kg FROM weighing",
        "rejection": "SELECT source, place, reason, trim(E'\\n' FROM encode(payload, 'escape')), seen FROM rejection",
        "vehicle_day": "SELECT v.plate, day FROM vehicle_day JOIN vehicle v ON v.id = vehicle_id",
        "source_offset": "SELECT source, position FROM source_offset",
    }
    with connection.transaction():
        return {name: sorted(connection.execute(query).fetchall(), key=repr) for name, query in queries.items()}  # type: ignore[arg-type]


class Stopped(Exception):  # noqa: N818
    """The process ends here."""


@pytest.mark.parametrize("protocol", FORMS)
def test_stopped_at_any_boundary_the_store_ends_the_same(clean: Connection, tmp_path: Path, protocol: str) -> None:
    path = write(tmp_path, protocol)
    source = resumed(path, protocol, clean)
    totals = replay(source, lambda batch: commit_batch(clean, batch))
    whole = content(clean)
    assert totals.fixes + totals.weighings == LINES - len(BAD)
    assert len(whole["fix"]) + len(whole["fix_copy"]) + len(whole["weighing"]) == LINES - len(BAD)
    assert sum(row[-1] for row in whole["rejection"]) == totals.rejections == len(BAD)  # type: ignore[misc]
    assert whole["source_offset"] == [(source.name, path.stat().st_size)]
    boundaries = scalar(clean, "SELECT count(*) FROM batch") - 1
    clean.commit()
    for boundary in range(0, boundaries, 3):
        for told in (True, False):  # whether the commit before the end came to be known
            empty(clean)
            left = boundary

            def commit(batch: Batch, told: bool = told) -> Committed:
                nonlocal left
                if left == 0 and told:
                    raise Stopped
                done = commit_batch(clean, batch)
                if left == 0:
                    raise Stopped
                left -= 1
                return done

            with pytest.raises(Stopped):
                replay(resumed(path, protocol, clean), commit)
            assert scalar(clean, "SELECT count(*) FROM batch") == boundary + (not told)
            clean.commit()
            replay(resumed(path, protocol, clean), lambda batch: commit_batch(clean, batch), batch_records=4)
            assert content(clean) == whole, (boundary, told)
            assert resumed(path, protocol, clean).start == path.stat().st_size


@pytest.mark.parametrize("block", [TINY, 300, 4 << 20])
@pytest.mark.parametrize("batch_records", [1, 7, 1000])
def test_neither_blocks_nor_batches_change_what_is_stored(
    clean: Connection, tmp_path: Path, block: int, batch_records: int
) -> None:
    path = write(tmp_path, "csv_v1")
    expected = None
    for protocol_block, records in ((TINY, 1), (block, batch_records)):
        empty(clean)
        replay(resumed(path, "csv_v1", clean, protocol_block), lambda batch: commit_batch(clean, batch), records)
        expected = expected or content(clean)
    assert content(clean) == expected


@pytest.mark.parametrize("during", ["before a batch", "in the middle of a batch"])
def test_a_database_that_goes_away_is_told_and_nothing_is_lost(
    emptied: str, clean: Connection, tmp_path: Path, during: str
) -> None:
    path = write(tmp_path, "csv_v1")
    replay(resumed(path, "csv_v1", clean), lambda batch: commit_batch(clean, batch))
    whole = content(clean)
    empty(clean)
    calls = 0
    with connect(emptied) as lost, psycopg.connect(emptied) as blocker:

        def commit(batch: Batch) -> Committed:
            nonlocal calls
            calls += 1
            if calls == 5:
                if during == "before a batch":
                    _end(emptied, lost.info.backend_pid)
                else:  # its batch is begun, its fixes wait for the table
                    blocker.execute("LOCK TABLE fix IN ACCESS EXCLUSIVE MODE")
                    Thread(target=_end_when_waiting, args=(emptied, lost.info.backend_pid)).start()
            return commit_batch(lost, batch)

        with pytest.raises(StoreUnavailable, match="reconnect, and resume where the store stands"):
            replay(resumed(path, "csv_v1", lost), commit)
    assert calls == 5
    with connect(emptied) as connection:
        assert scalar(connection, "SELECT count(*) FROM batch") == 4
        connection.commit()
        replay(resumed(path, "csv_v1", connection), lambda batch: commit_batch(connection, batch))
        assert content(connection) == whole


def _end(database: str, pid: int) -> None:
    with psycopg.connect(database, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (pid,))


def _end_when_waiting(database: str, pid: int) -> None:
    waits = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
    with psycopg.connect(database, autocommit=True) as other:
        while not other.execute(waits, (pid,)).fetchone()[0]:  # type: ignore[index]
            time.sleep(0.01)
    _end(database, pid)


def test_two_replays_of_one_file_do_not_double_it(clean: Connection, emptied: str, tmp_path: Path) -> None:
    path = write(tmp_path, "csv_v1")
    with connect(emptied) as second:
        late = resumed(path, "csv_v1", second)  # both stand at the beginning
        replay(resumed(path, "csv_v1", clean), lambda batch: commit_batch(clean, batch), batch_records=5)
        whole = content(clean)
        with pytest.raises(OffsetMismatch, match="resume from there"):
            replay(late, lambda batch: commit_batch(second, batch))
    assert content(clean) == whole
