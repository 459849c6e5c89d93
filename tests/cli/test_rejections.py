"""`hanhtrinh rejections`: what was kept is shown, driven in again once the cause is mended, and counted to the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from cli.root import law_of
from ingest.admission import admit, prepare
from ingest.gathering import Gathered, take
from ingest.running import decode
from journey.model import Decoded, Notice, RawMessage, Reason
from journey.registry import Operator, Provider, Registration, Registry
from journey.settings import Settings
from storage.commit import commit_batch
from storage.database import Connection, connect, scalar
from storage.intake import agreement
from storage.registry import load_registry, save_registry
from storage.rejections import list_rejections
from tests.cli.command import Done, called, refused

TIME = 1_741_000_200
OPERATORS = (Operator("OP1", "Company 1"), Operator("OP2", "Company 2"))
VEHICLES = (Registration("12C11111", "OP1", "truck"), Registration("12C22222", "OP2", "truck"))
PROVIDERS = (Provider("NCC1", "Provider 1", ("OP1",)),)


@pytest.fixture
def store(emptied: str) -> Iterator[Connection]:
    with connect(emptied) as connection:
        connection.autocommit = True
        save_registry(connection, Registry(operators=OPERATORS, vehicles=VEHICLES, providers=PROVIDERS))
        yield connection


def fix(plate: str = "12C11111", step: int = 0, **fields: Any) -> dict[str, Any]:
    return {"vehicle": plate, "time": TIME + 10 * step, "lon": 106.7, "lat": 21.5, "speed_kmh": 40.5, **fields}


def arrive(store: Connection, *payloads: Any, sender: str | None = "NCC1", protocol: str = "json_v1") -> None:
    """Take in messages as a live connection does."""
    gathered = Gathered("north")
    contents = [one if isinstance(one, bytes) else orjson.dumps(one) for one in payloads]
    take(
        gathered,
        [RawMessage("north", None, one, TIME + 3, "message", sender, protocol) for one in contents],
        decode,
        {},
    )
    commit_batch(store, admit(gathered, prepare(load_registry(store), law_of(Settings()))))


def rejections(url: str, *arguments: str | Path, **settings: str) -> Done:
    return called("rejections", *arguments, DATABASE_URL=url, **settings)


def kept(store: Connection) -> list[tuple[str, int, str | None]]:
    """Reason, how often seen and outcome of each, in order of their ids."""
    return [(str(one.rejection.reason), one.seen, one.outcome) for one in reversed(list_rejections(store, 100))]


def books(store: Connection) -> dict[str, tuple[int, ...]]:
    """Received, stored, duplicates and rejected by connection; they agree with the tables."""
    assert agreement(store).faults() == []
    rows = store.execute("SELECT connection, sum(received)::int, sum(stored)::int, sum(duplicates)::int, "
                         "sum(rejected)::int FROM intake GROUP BY 1").fetchall()  # fmt: skip
    return {name: tuple(counts) for name, *counts in rows}


def fixes(store: Connection) -> int:
    return int(scalar(store, "SELECT count(*) FROM fix"))


def test_what_was_not_theirs_is_taken_in_when_the_registry_says_it_is(store: Connection, emptied: str) -> None:
    arrive(store, [fix(), fix("12C22222", 1), fix("12C22222", 2)])
    arrive(store, fix("12C22222", 1))
    assert sorted(kept(store)) == [("not_theirs", 1, None), ("not_theirs", 2, None)]
    before = books(store)
    assert before == {"north": (4, 1, 0, 3)}

    for _ in range(3):  # the registry says still the same: nothing counts up
        done = rejections(emptied, "redrive", "--reason", "not_theirs")
        assert (done.code, done.out) == (0, "2 rejected again: not_theirs\n")
        assert books(store) == before
        outcomes = [(seen, str(outcome).split(": 12C")[0]) for _, seen, outcome in sorted(kept(store))]
        assert outcomes == [(count, "rejected again: not_theirs") for count in (1, 2)]

    save_registry(store, Registry(providers=(Provider("NCC1", "Provider 1", ("OP1", "OP2")),)))
    done = rejections(emptied, "redrive", "--connection", "north", "--sender", "NCC1")
    assert (done.code, done.out) == (0, "2 stored\n")
    assert sorted(kept(store)) == [("not_theirs", 1, "stored"), ("not_theirs", 2, "stored")]
    assert books(store) == {"north": (4, 1, 0, 3), "redrive:north": (2, 2, 0, 0)}
    assert fixes(store) == 3
    received = store.execute("SELECT DISTINCT extract(epoch FROM time)::bigint + delay_s FROM fix").fetchall()
    assert received == [(TIME + 3,)]
    accounts = store.execute("SELECT sender, operator FROM intake WHERE connection = 'redrive:north'").fetchall()
    assert accounts == [("NCC1", "OP2")]

    after = books(store)
    assert rejections(emptied, "redrive", "--reason", "not_theirs").out.startswith("nothing to drive in")
    assert rejections(emptied, "redrive", "1", "2").out == "2 left alone: stored before\n"
    assert books(store) == after


def test_what_is_there_already_is_a_duplicate(store: Connection, emptied: str) -> None:
    arrive(store, fix("12C22222"))
    arrive(store, fix("12C22222"), sender="OP2")
    save_registry(store, Registry(providers=(Provider("NCC1", "Provider 1", None),)))
    assert rejections(emptied, "redrive", "1").out == "1 duplicate\n"
    assert rejections(emptied, "redrive", "1").out == "1 left alone: duplicate before\n"
    assert books(store) == {"north": (2, 1, 0, 1), "redrive:north": (1, 0, 1, 0)}


def test_a_wrong_format_is_named_and_part_of_a_message_may_stay_out(store: Connection, emptied: str) -> None:
    arrive(store, [fix(), fix("12C22222", 1), {"vehicle": "12C11111"}], protocol="ufms")
    [(reason, _, _)] = kept(store)
    assert reason == "undecodable"
    assert rejections(emptied, "redrive", "1").out == "1 rejected again: undecodable\n"
    assert rejections(emptied, "redrive", "1", "--as", "json_v1").out == "1 stored in part\n"
    [whole, *parts] = kept(store)
    assert str(whole[2]).startswith("stored in part: 1 of 3 records; ")
    assert sorted(parts) == [("missing_field", 1, None), ("not_theirs", 1, None)]
    assert books(store) == {"north": (1, 0, 0, 1), "redrive:north": (3, 1, 0, 2)}
    assert rejections(emptied, "redrive", "1", "--as", "json_v1").out == f"1 left alone: {whole[2]} before\n"
    save_registry(store, Registry(providers=(Provider("NCC1", "Provider 1", None),)))
    assert rejections(emptied, "redrive", "--reason", "not_theirs").out == "1 stored\n"
    assert books(store)["redrive:north"] == (4, 2, 0, 2)


def test_weighings_and_notices_of_a_stranger_are_taken_in_when_it_is_entered(store: Connection, emptied: str) -> None:
    weighing = {"station": "KT12", "time": TIME, "plate": "12C-111.11", "axle_kg": [6000, 6000], "spacing_mm": [3600],
                "gross_kg": 12_000}  # fmt: skip
    arrive(store, weighing, {**weighing, "lane": 2}, sender="CAN1", protocol="weighing_v1")
    gathered = Gathered("north")
    notice = Notice("company", "OP9", {"name": "Company\x00 9"})
    message = RawMessage("north", None, b"", TIME, "message", "CAN1", "ufms")
    take(gathered, [message], lambda _: Decoded(notices=[notice]), {})
    commit_batch(store, admit(gathered, prepare(load_registry(store), law_of(Settings()))))
    assert [reason for reason, _, _ in kept(store)] == ["unknown_sender"] * 3
    assert rejections(emptied, "redrive", "--sender", "CAN1").out == "3 rejected again: unknown_sender\n"
    save_registry(store, Registry(providers=(Provider("CAN1", "Stations", None),)))
    assert rejections(emptied, "redrive", "--sender", "CAN1").out == "3 stored\n"
    assert books(store) == {"north": (3, 0, 0, 3), "redrive:north": (3, 3, 0, 0)}
    assert store.execute("SELECT kind, subject, source FROM notice").fetchall() == [("company", "OP9", "north")]
    assert scalar(store, "SELECT count(*) FROM weighing") == 2


def test_many_are_driven_in_over_several_transactions(store: Connection, emptied: str) -> None:
    arrive(store, [fix("12C22222", step) for step in range(1200)])
    arrive(store, *([b"\xff"] * 3))
    save_registry(store, Registry(providers=(Provider("NCC1", "Provider 1", None),)))
    done = rejections(emptied, "redrive", "--connection", "north")
    assert done.out == "1 rejected again: undecodable\n1200 stored\n"
    assert books(store) == {"north": (1203, 0, 0, 1203), "redrive:north": (1200, 1200, 0, 0)}
    assert fixes(store) == 1200


def test_one_that_the_store_refuses_does_not_keep_the_others_out(store: Connection, emptied: str) -> None:
    arrive(store, *(fix("12C22222", step) for step in range(3)))
    save_registry(store, Registry(providers=(Provider("NCC1", "Provider 1", None),)))
    store.execute(f'ALTER TABLE fix ADD CONSTRAINT refused CHECK ("time" <> to_timestamp({TIME + 10}))')
    try:
        assert rejections(emptied, "redrive", "1", "2", "3").out == "1 rejected again: unstorable\n2 stored\n"
    finally:
        store.execute("ALTER TABLE fix DROP CONSTRAINT refused")
    assert (fixes(store), books(store)["redrive:north"]) == (2, (2, 2, 0, 0))
    assert rejections(emptied, "redrive", "1", "2", "3").out == "2 left alone: stored before\n1 stored\n"
    assert (fixes(store), books(store)["redrive:north"]) == (3, (3, 3, 0, 0))


def test_a_list_shows_what_was_sent_harmlessly(store: Connection, emptied: str) -> None:
    arrive(store, b'{"vehicle": "\x1b[2J", "time": 1}', b"\xff\x00\x10text", fix("12C22222"))
    done = rejections(emptied, "list")
    assert done.code == 0
    assert "\x1b" not in done.out
    assert all(str(reason) in done.out for reason in (Reason.UNDECODABLE, Reason.NOT_THEIRS))
    assert "not_theirs" not in rejections(emptied, "list", "--reason", "undecodable").out
    assert "north" not in rejections(emptied, "list", "--since", "2100-01-01").out
    assert rejections(emptied, "list", "--limit", "1").out.count("north") == 1


def test_one_is_shown_whole(store: Connection, emptied: str, tmp_path: Path) -> None:
    arrive(store, "công ty \x1b[2J".encode(), b"\xff\x00\x10text")
    texts = [rejections(emptied, "show", str(number)).out for number in (1, 2)]
    assert "công ty \\x1b[2J" in texts[0]
    assert "\x1b" not in texts[0]
    assert "00000000  ff 00 10 74 65 78 74" in texts[1]
    assert "...text" in texts[1]
    assert "sender       NCC1" in texts[1]
    path = tmp_path / "bytes"
    assert rejections(emptied, "show", "2", "--bytes", path).code == 0
    assert path.read_bytes() == b"\xff\x00\x10text"


def test_pruning_keeps_the_account(store: Connection, emptied: str) -> None:
    arrive(store, b"\xff", b"\xff", b"\xfe", fix("12C22222"))
    store.execute("UPDATE rejection SET last_seen = now() - interval '500 days' WHERE reason = 'undecodable'")
    refused(rejections(emptied, "prune"), "--older-than DAYS", "HANHTRINH_REJECTION_DAYS")
    done = rejections(emptied, "prune", REJECTION_DAYS="600")
    assert (done.code, done.out.split()[0], done.err) == (0, "0", "")
    before = books(store)
    done = rejections(emptied, "prune", "--older-than", "499")
    assert (done.code, done.out.split()[0], done.err) == (0, "2", "")
    assert kept(store) == [("not_theirs", 1, None)]
    assert books(store) == before == {"north": (4, 0, 0, 4)}
    assert store.execute("SELECT source, sender, reason, rejections, seen, bytes FROM rejection_pruned").fetchall() == [
        ("north", "NCC1", "undecodable", 2, 3, 2)]  # fmt: skip
    assert "at least 1 year (Circular 71/2024" in rejections(emptied, "prune", REJECTION_DAYS="30").err


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["redrive"], ["ids", "--connection"]),
        (["redrive", "1", "--sender", "NCC1"], ["ids", "--connection"]),
        (["redrive", "7"], ["no rejection 7", "rejections list"]),
        (["redrive", "7", "--as", "xml"], ["--as xml", "json_v1"]),
        (["show", "7"], ["no rejection 7"]),
        (["list", "--since", "yesterday"], ["--since", "YYYY-MM-DD"]),
    ],
)  # fmt: skip
def test_mistakes_are_told(store: Connection, emptied: str, arguments: Sequence[str], parts: Sequence[str]) -> None:
    refused(rejections(emptied, *arguments), *parts)
