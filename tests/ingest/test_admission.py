"""Who may send what, and to whom it is accounted, with the real store and its books."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson
import pytest

from ingest.admission import Admission, admit, prepare
from ingest.gathering import Gathered, take
from ingest.protocols import PROTOCOLS
from ingest.running import decode
from journey.model import RawMessage, Reason
from journey.registry import Operator, Provider, Registration, Registry
from rules import law as rulebook
from storage.commit import Batch, commit_batch
from storage.database import Connection
from storage.intake import Account, agreement, intake_rows

LAW = rulebook.load()
NOON = 1_760_000_000
CHANGE = date(2025, 10, 10)  # the day after NOON's: the vehicle goes to OP2
REGISTRY = Registry(
    operators=(Operator("OP1", "one"), Operator("OP2", "two")),
    vehicles=(
        Registration("12C00001", "OP1", "truck", valid_to=date(2025, 10, 9)),
        Registration("12C00001", "OP2", "truck", valid_from=CHANGE),
        Registration("12C00002", "OP2", "truck"),
    ),
    providers=(Provider("P2", "for two", ("OP2",)), Provider("ALL", "for all")),
)
DAY_S = 86_400


@pytest.fixture(scope="module")
def admission() -> Admission:
    return prepare(REGISTRY, LAW)


def fix(vehicle: str, time: int = NOON, **fields: Any) -> dict[str, Any]:
    return {"vehicle": vehicle, "time": time, "lon": 106.5, "lat": 21.5, "speed_kmh": 45.3, **fields}


def message(records: Any, sender: str | None, protocol: str = "json_v1") -> RawMessage:
    payload = records if isinstance(records, bytes) else orjson.dumps(records)
    return RawMessage("live", None, payload, NOON + 5, "topic x", sender, protocol)


def admitted(admission: Admission, *messages: RawMessage) -> Batch:
    gathered = Gathered("live")
    take(gathered, messages, decode, {})
    return admit(gathered, admission)


def fates(batch: Batch) -> tuple[list[str], list[tuple[str | None, Reason]]]:
    return batch.fixes["vehicle"].to_list(), [(one.sender, one.reason) for one in batch.rejections]


@pytest.mark.parametrize(
    ("sender", "vehicle", "time", "expected"),
    [
        ("OP1", "12C00001", NOON, None),
        ("OP2", "12C00001", NOON, Reason.NOT_THEIRS),
        ("P2", "12C00001", NOON, Reason.NOT_THEIRS),
        ("ALL", "12C00001", NOON, None),
        (None, "12C00001", NOON, None),  # who runs this system
        ("nobody", "12C00001", NOON, Reason.UNKNOWN_SENDER),
        # The registry row in force at the fix's own time decides, not that of today.
        ("OP1", "12C00001", NOON + DAY_S, Reason.NOT_THEIRS),
        ("OP2", "12C00001", NOON + DAY_S, None),
        ("P2", "12C00001", NOON + DAY_S, None),
        # Nobody's vehicle is kept, whoever sends it; but nothing of a sender whom nobody knows.
        ("OP1", "99X99999", NOON, None),
        ("P2", "strange plate", NOON, None),
        ("nobody", "99X99999", NOON, Reason.UNKNOWN_SENDER),
    ],
)
def test_whose_vehicle(
    admission: Admission, sender: str | None, vehicle: str, time: int, expected: Reason | None
) -> None:
    kept, rejected = fates(admitted(admission, message(fix(vehicle, time), sender)))
    assert rejected == ([] if expected is None else [(sender, expected)])
    assert len(kept) == (expected is None)


def test_a_fix_turned_away_can_be_read_again_as_it_was(admission: Admission) -> None:
    sent = fix("12C00001", NOON, driver="790123456789", speed_kmh=0.1, heading=12.5, altitude_m=260, ignition=True,
               door=False, received=NOON + 3)  # fmt: skip
    (original,) = PROTOCOLS["json_v1"](orjson.dumps(sent), NOON + 5).fixes
    (rejection,) = admitted(admission, message(sent, "OP2")).rejections
    assert rejection.protocol == "json_v1"
    assert PROTOCOLS["json_v1"](rejection.payload, None).fixes == [original]
    scaled = fix("12C00001", NOON * 1000)
    (rejection,) = admitted(admission, message(scaled, "OP2")).rejections
    assert (
        PROTOCOLS["json_v1"](rejection.payload, NOON + 5).fixes
        == PROTOCOLS["json_v1"](orjson.dumps(scaled), NOON + 5).fixes
    )


def test_a_good_neighbour_is_kept(admission: Admission) -> None:
    batch = admitted(
        admission,
        message([fix("12C00001"), fix("12C00002"), fix("12C00001", NOON + 1)], "OP1"),
        message(b"not json", "OP1"),
        message([fix("12C00002", NOON + 2)], "P2"),
    )
    kept, rejected = fates(batch)
    assert kept == ["12C00001", "12C00001", "12C00002"]
    assert rejected == [("OP1", Reason.UNDECODABLE), ("OP1", Reason.NOT_THEIRS)]


WEIGHING = {"station": "KT12", "time": NOON, "plate": "12C00001", "axle_kg": [6000, 9000], "spacing_mm": [3600],
            "gross_kg": 15000}  # fmt: skip


@pytest.mark.parametrize(
    ("sender", "expected"),
    [("ALL", None), (None, None), ("OP1", Reason.NOT_THEIRS), ("P2", Reason.NOT_THEIRS),
     ("nobody", Reason.UNKNOWN_SENDER)],
)  # fmt: skip
def test_a_weighing_accuses_so_it_needs_a_sender_for_all(
    admission: Admission, sender: str | None, expected: Reason | None
) -> None:
    batch = admitted(admission, message(WEIGHING, sender, "weighing_v1"))
    assert len(batch.weighings) == (expected is None)
    assert [one.reason for one in batch.rejections] == ([] if expected is None else [expected])
    for one in batch.rejections:
        assert one.protocol == "weighing_v1"
        (again,) = PROTOCOLS["weighing_v1"](one.payload, None).weighings
        assert again.gross_kg == 15000


def test_an_empty_registry_lets_nobody_in_but_us() -> None:
    admission = prepare(Registry(), LAW)
    assert fates(admitted(admission, message(fix("12C00001"), None)))[0] == ["12C00001"]
    assert fates(admitted(admission, message(fix("12C00001"), "OP1")))[1] == [("OP1", Reason.UNKNOWN_SENDER)]


def test_the_books_say_whose_it_was_and_add_up(connection: Connection, admission: Admission) -> None:
    def send(*messages: RawMessage) -> None:
        commit_batch(connection, admitted(admission, *messages))

    send(
        message([fix("12C00001"), fix("12C00001"), fix("12C00002"), fix("99X99999")], "OP1"),
        message(b"x", "OP1"),
        message([fix("12C00002"), fix("12C00002", NOON + 9, lon=0, lat=0)], "P2"),
        message([fix("99X99999", NOON + 1)], "P2"),
        message(WEIGHING, "ALL", "weighing_v1"),
    )
    send(
        message([fix("12C00001"), fix("12C00001", speed_kmh=50)], "OP1"),
        message(b"x", "OP1"),
        message(WEIGHING, "ALL", "weighing_v1"),
    )
    found = {row.entry.account: row.entry for row in _all_hours(connection)}
    # received, stored, duplicates, conflicts, flagged, rejected
    assert {account: entry[1:7] for account, entry in found.items()} == {
        Account("OP1", "OP1"): (8, 2, 3, 1, 0, 3),
        Account("P2", "OP2"): (2, 2, 0, 0, 1, 0),
        Account("P2", ""): (1, 1, 0, 0, 0, 0),
        Account("ALL", "OP1"): (2, 1, 1, 0, 0, 0),
    }
    assert found[Account("P2", "OP2")].newest_fix == NOON + 9
    connection.rollback()
    assert agreement(connection).faults() == []


def _all_hours(connection: Connection) -> Sequence[Any]:
    rows = intake_rows(connection, 0, 1 << 40)
    totals: dict[Account, Any] = {}
    for row in rows:  # an hour may end in between
        before = totals.get(row.entry.account)
        assert before is None or before.hour != row.hour
        totals[row.entry.account] = row
    return list(totals.values())


def test_what_does_not_agree_is_told(connection: Connection, admission: Admission) -> None:
    commit_batch(connection, admitted(admission, message([fix("12C00001"), fix("12C00001", NOON + 1)], "OP1")))
    connection.execute('DELETE FROM fix WHERE "time" = to_timestamp(%s)', (NOON,))
    connection.commit()
    faults = agreement(connection).faults()
    assert "stored by the books: 2, but fixes, weighings and notices in the tables: 1" in faults
