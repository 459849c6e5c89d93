"""The cover line of the weekly list tells of the self-proofs of its time, and of none where there was none."""

from __future__ import annotations

import time
from dataclasses import replace

from api.exports import weekly_pdf, weekly_xlsx
from api.exports.weekly import SelfProof
from api.exports.weekly_notes import counted
from cli.lists.weekly import self_proof
from storage.database import Connection, transaction
from storage.proofs import FAILED, OUTAGE, PASSED, Counts, Proof, add_proof
from tests.exports.sample import week


def add(connection: Connection, outcome: str, **rules: Counts) -> None:
    with transaction(connection):
        add_proof(connection, Proof(0, 0, outcome, "files", "2026-W09", 1, 1, 0, None, None, "", "", "", "", [], rules))


def test_the_line_counts_those_that_came_to_their_end_and_shows_the_last(connection: Connection) -> None:
    now = int(time.time())
    with transaction(connection):
        assert self_proof(connection, now - 60, now + 600) is None
    add(connection, FAILED, speeding=Counts(6, 5, 1))
    add(connection, PASSED, speeding=Counts(6, 6, 0), overload_axle=Counts(4, 4, 0))
    add(connection, OUTAGE, speeding=Counts(6, 0, 0))
    with transaction(connection):
        one = self_proof(connection, now - 60, now + 600)
        assert one is not None
        assert replace(one, last_at=0) == SelfProof(2, 1, 0, 10, 10, 0)
        assert self_proof(connection, now - 600, now - 300) is None
        assert self_proof(connection, now + 300, now + 600) is None


def test_the_cover_says_it_and_says_nothing_where_there_was_none() -> None:
    without = week()
    shown = replace(without, proof=SelfProof(7, 6, 1_767_200_400, 37, 36, 1))
    assert "Tự kiểm tra" not in counted(without)
    assert counted(shown).startswith(counted(without))
    said = counted(shown).removeprefix(counted(without))
    assert "Tự kiểm tra hệ thống từ đầu tuần: 6/7 lần đạt" in said
    assert said.endswith("cài sẵn 37, tìm thấy 36, thừa 1.")
    for form in (weekly_pdf, weekly_xlsx):
        assert form.render(shown) != form.render(without)
