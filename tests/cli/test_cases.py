"""`hanhtrinh cases`: how cases stand and ended, as the desk has made them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.audit.log import By
from storage.cases.attachments import attach
from storage.database import connect
from tests.cli.command import Done, called, refused
from tests.people.samples import NOW
from tests.people.test_cases import ONE, OTHERS, Desk, make_desk
from tests.people.test_filetypes import A_PDF

DAY = 86_400


@pytest.fixture
def desk(emptied: str) -> Iterator[Desk]:
    """A late case, and one of yesterday whose finding was withdrawn since."""
    yesterday = int(time.time()) - DAY
    with connect(emptied) as connection:
        desk = make_desk(connection)
        desk.step(desk.lan, "open", "a \x1b[2J note")
        desk.step(desk.lan, "send")
        attach(connection, By(desk.own, ""), ONE.id, "đơn.pdf", A_PDF, NOW)
        desk.step(desk.lan, "open", one=OTHERS, now=yesterday)
        desk.step(desk.lan, "send", one=OTHERS, now=yesterday)
        desk.findings(ONE)
        yield desk


def run(url: str, *arguments: str | Path) -> Done:
    return called("cases", *arguments, DATABASE_URL=url)


@pytest.mark.usefixtures("desk")
def test_cases_are_listed_with_what_became_of_their_findings(emptied: str) -> None:
    everything = run(emptied, "list").out
    assert ONE.id in everything
    assert OTHERS.id in everything
    assert "the finding was withdrawn: let it lapse" in everything
    late = run(emptied, "list", "--late", "--state", "sent_to_operator").out
    assert ONE.id in late
    assert OTHERS.id not in late
    assert "2025-12-04" in late  # ten days after 2025-11-24, local time
    assert OTHERS.id in run(emptied, "list", "--operator", "OP2").out
    assert run(emptied, "list", "--state", "decided").out == "no such case\n"


@pytest.mark.usefixtures("desk")
def test_a_case_is_shown_with_steps_and_documents(emptied: str) -> None:
    told = run(emptied, "show", ONE.id).out
    assert "stands as it was taken up" in told
    assert "a \\x1b[2J note" in told
    assert "đơn.pdf" in told
    assert "no documents" in run(emptied, "show", OTHERS.id).out
    refused(run(emptied, "show", "nothing"), "finding 'nothing' has no case")


def test_shares_are_printed_and_written(desk: Desk, emptied: str, tmp_path: Path) -> None:
    desk.step(desk.own, "dispute")
    desk.step(desk.minh, "overturn")
    desk.connection.commit()
    out = tmp_path / "shares.csv"
    run(emptied, "shares", "--out", out)
    assert out.read_text(encoding="utf-8-sig").splitlines()[1] == "speeding,all,2,1,0,0,0,1,0,0,100.0%"
    assert "not known" in run(emptied, "shares", "--by-model").out
    assert run(emptied, "shares", "--to", "2020-01-01").out == "no case was opened in that time\n"
    assert "100.0%" not in run(emptied, "shares", "--from", "2026-01-01").out
    refused(run(emptied, "shares", "--from", "soon"), "--from 'soon' is no date")
