"""A month's proposals on paper: every proposal has its draft, what is open stays open, what is doubtful is marked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from api.reports.drafts import badge_decision
from api.reports.proposals import VehicleProposal, render
from cli.checking import check
from cli.proposals import read_proposals
from cli.report import frame_of
from cli.rollup import read_month
from cli.root import code_version
from journey.localtime import midnight
from rules.procedure import procedure
from storage.database import connect, transaction
from tests.casefolder import LAW
from tests.cli.command import called, refused
from tests.printing.reading import last_page_can_be_read
from tests.rollups.test_command import inputs
from tests.whatif.sample import PLATE, take_in

MADE_AT = midnight(date(2026, 4, 2))


@pytest.fixture
def judged(database: str) -> str:
    with connect(database) as connection:
        take_in(connection, inputs(date(2025, 12, 1), date(2026, 3, 1)))
        check(connection, LAW, code_version())
    return database


def said(blocks: object) -> str:
    return str(list(blocks))  # type: ignore[call-overload]


def test_what_the_roll_up_proposes_is_in_the_paper(judged: str) -> None:
    with connect(judged) as connection, transaction(connection):
        report = read_month(connection, LAW, date(2026, 3, 1), date(2026, 4, 3))
        made = read_proposals(connection, report, LAW, frame_of(LAW, (), MADE_AT))
    (vehicle,) = made.vehicles
    assert (vehicle.plate, vehicle.weighings, vehicle.for_overload, vehicle.for_speeding) == (PLATE, 3, True, False)
    assert vehicle.earlier == (date(2025, 12, 1),)
    assert (vehicle.held, vehicle.doubtful) == (0, False)
    (operator,) = made.operators
    assert (operator.vehicles, operator.revoked) == (1, 1)
    draft = said(
        badge_decision(made.frame, made.month, vehicle, "tải trọng", made.signed, made.steps, made.steps_again)
    )
    assert "3 lần cân vượt tải" in draft
    assert "nộp lại phù hiệu trong 10 ngày kể từ ngày ký: 13/04/2026" in draft
    assert "Chỉ xem xét cấp phù hiệu mới sau 30 ngày kể từ khi nộp lại đúng hạn" in draft
    assert "sau 60 ngày kể từ khi nộp lại đúng hạn" in draft  # were it the second within six months
    assert "Nghị định 158/2024/NĐ-CP" in draft
    assert "CHƯA KIỂM CHỨNG" not in draft


def test_a_case_that_keeps_findings_back_is_said_on_the_draft(judged: str) -> None:
    with connect(judged) as connection, transaction(connection):
        report = read_month(connection, LAW, date(2026, 3, 1))
        made = read_proposals(connection, report, LAW, frame_of(LAW, (), MADE_AT))
    held = made.vehicles[0]._replace(held=2)
    assert "2 phát hiện được tính đang có hồ sơ" in said(badge_decision(made.frame, made.month, held, "", None, (), ()))


def test_without_a_day_of_signing_no_date_is_guessed(judged: str, tmp_path: Path) -> None:
    out = tmp_path / "a.pdf"
    done = called("rollup", "--month", "2026-03", "--out", out, "--made-at", str(MADE_AT), DATABASE_URL=judged)
    assert done.code == 0, done
    first = out.read_bytes()
    called("rollup", "--month", "2026-03", "--out", out, "--made-at", str(MADE_AT), DATABASE_URL=judged)
    assert out.read_bytes() == first
    assert last_page_can_be_read(first, tmp_path)
    dated = called("rollup", "--month", "2026-03", "--signed", "2026-04-03", "--out", out, DATABASE_URL=judged)
    assert dated.code == 0
    assert out.read_bytes() != first


def test_what_leans_on_unverified_law_is_marked(judged: str) -> None:
    """No time of the procedure of 2024 is on file; the figures of 2020 were not read in the law's own text."""
    with connect(judged) as connection, transaction(connection):
        report = read_month(connection, LAW, date(2026, 3, 1))
        made = read_proposals(connection, report, LAW, frame_of(LAW, (), MADE_AT))
    old = VehicleProposal("12C1", "OP1", "=1+1 #eval(1)", None, 6, 10**9, None, 0, True, False, True, 0, ())
    steps = procedure(LAW, date(2024, 12, 5)).steps
    draft = said(badge_decision(made.frame, date(2024, 11, 1), old, "tốc độ", date(2024, 12, 5), steps, ()))
    assert "CHƯA KIỂM CHỨNG" in draft
    assert "thời hạn không có trong các tệp luật" in draft
    assert "6 lần vi phạm tốc độ được tính trên 1.000,000 km, bằng 6,00 lần trên 1.000 km" in draft
    assert render(replace(made, vehicles=(old,)))


def test_a_month_without_proposals_is_a_paper_too(judged: str, tmp_path: Path) -> None:
    done = called("rollup", "--month", "2026-02", "--out", tmp_path / "a.pdf", DATABASE_URL=judged)
    assert done.code == 0
    assert last_page_can_be_read((tmp_path / "a.pdf").read_bytes(), tmp_path)
    refused(called("rollup", "--month", "2026-02", "--out", tmp_path / "a.doc", DATABASE_URL=judged), "end the file's")
