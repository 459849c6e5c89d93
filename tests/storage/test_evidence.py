"""What the store tells of a finding's own record and of where its fixes came from."""

from __future__ import annotations

import pytest

from storage.commit import commit_batch
from storage.database import Connection, transaction
from storage.errors import AmbiguousPrefix
from storage.evidence import ARRIVED, Batch, arrived, batches, batches_of_weighing, kept_finding
from storage.findings import Scope, body_of, replace_findings
from storage.runs import Run, save_run
from tests.storage.samples import NOON, finding, fix, frame, stretch, weighing

PLATE = fix().vehicle
ALL = Scope(("speeding",), None, None, 0, 1 << 40)


def run(connection: Connection, name: str) -> None:
    save_run(connection, Run(name, NOON, {}, 7, "law", "method", "code"))


def test_every_copy_comes_with_the_batch_that_brought_it(connection: Connection) -> None:
    """The copy received first stands, whichever came first; the other follows it."""
    commit_batch(connection, stretch("a", 0, 5, frame([fix(time=NOON, received=NOON + 9), fix(time=NOON + 10)])))
    commit_batch(connection, stretch("b", 0, 3, frame([fix(time=NOON, received=NOON + 1)])))
    with transaction(connection):
        rows = arrived(connection, [(PLATE, NOON, NOON + 11), ("NOBODY", NOON, NOON + 11)])
        brought = batches(connection, rows["batch"].to_list())
    assert rows.schema == ARRIVED
    assert [(row["time"] - NOON, row["copy"]) for row in rows.iter_rows(named=True)] == [
        (0, False),
        (0, True),
        (10, False),
    ]
    assert rows["received"].to_list()[:2] == [NOON + 1, NOON + 9]
    first, second = rows["batch"].to_list()[1], rows["batch"].to_list()[0]
    assert [(one.id, one.source, one.position_from, one.position_to) for one in brought] == [
        (first, "a", 0, 5), (second, "b", 0, 3),
    ]  # fmt: skip
    assert all(isinstance(one, Batch) and one.committed_at > NOON for one in brought)


def test_windows_are_half_open_and_unknown_names_give_nothing(connection: Connection) -> None:
    commit_batch(connection, stretch("a", 0, 1, frame([fix(time=NOON), fix(time=NOON + 10)])))
    with transaction(connection):
        assert arrived(connection, [(PLATE, NOON, NOON + 10)])["time"].to_list() == [NOON]
        assert arrived(connection, [("NOBODY", 0, 1 << 40)]).is_empty()
        assert arrived(connection, []).schema == ARRIVED


def test_the_batch_of_a_weighing(connection: Connection) -> None:
    one = weighing()
    commit_batch(connection, stretch("w", 4, 8, weighings=[one]))
    with transaction(connection):
        assert [
            (batch.source, batch.position_from) for batch in batches_of_weighing(connection, one.plate, one.time)
        ] == [("w", 4)]
        assert batches_of_weighing(connection, one.plate, one.time + 1) == []


def test_a_withdrawn_finding_is_found_until_it_stands_again(connection: Connection) -> None:
    one = finding()
    with transaction(connection):
        run(connection, "r1")
        replace_findings(connection, "r1", [ALL], [one], "data")
        stands = kept_finding(connection, one.id[:9])
    with transaction(connection):
        run(connection, "r2")
        replace_findings(connection, "r2", [ALL], [], "data")
        withdrawn = kept_finding(connection, one.id)
    with transaction(connection):
        run(connection, "r3")
        replace_findings(connection, "r3", [ALL], [one], "data")
        again = kept_finding(connection, one.id)
    assert stands is not None
    assert withdrawn is not None
    assert again is not None
    assert (stands.withdrawn_at, stands.run, stands.body, stands.finding) == (None, "r1", body_of(one), one)
    assert (withdrawn.run, withdrawn.withdrawn_run, withdrawn.reason, withdrawn.content) == (
        "r1",
        "r2",
        "data",
        one.content,
    )
    assert (again.withdrawn_at, again.run) == (None, "r3")


def test_a_start_of_several_ids_is_refused(connection: Connection) -> None:
    some = [finding(start=NOON + place) for place in range(40)]
    with transaction(connection):
        run(connection, "r1")
        replace_findings(connection, "r1", [ALL], some, "data")
        prefix = next(digit for digit in "0123456789abcdef" if sum(one.id.startswith(digit) for one in some) > 1)
        with pytest.raises(AmbiguousPrefix):
            kept_finding(connection, prefix)
        assert kept_finding(connection, "no hex") is None
        assert kept_finding(connection, "0" * 32) is None
