"""A month's proposals on paper: every proposal has its draft, what is open stays open, what is doubtful is marked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from api.reports.drafts import badge_decision
from api.reports.proposals import VehicleProposal, _overview, render
from cli.checking.windows import check
from cli.reports.commands import frame_of
from cli.rollups.commands import read_month
from cli.rollups.proposals import read_proposals
from cli.root import code_version
from journey.casework import Step
from journey.localtime import midnight
from rules.procedure import procedure
from storage.audit.log import By
from storage.cases.steps import take_step
from storage.database import connect, transaction
from tests.casefolder import LAW
from tests.cli.command import called, refused
from tests.people.samples import person
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
        report = read_month(connection, LAW, date(2026, 3, 1), MADE_AT, date(2026, 4, 3))
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
        report = read_month(connection, LAW, date(2026, 3, 1), MADE_AT)
        made = read_proposals(connection, report, LAW, frame_of(LAW, (), MADE_AT))
    held = made.vehicles[0]._replace(held=2)
    assert "Đã trừ 2 phát hiện theo hồ sơ" in said(badge_decision(made.frame, made.month, held, "", None, (), ()))


def test_what_a_case_keeps_back_is_not_counted_and_said(judged: str, tmp_path: Path) -> None:
    """Three weighings are the least for a revocation: with one dismissed nothing is proposed."""
    with connect(judged) as connection:
        lan = person(connection, "lan", "inspector")
        of_one_weighing = connection.execute(
            "SELECT id FROM finding WHERE rule LIKE 'overload%' AND withdrawn_at IS NULL AND at = "
            "(SELECT min(at) FROM finding WHERE rule LIKE 'overload%' AND at >= '2026-03-01 00:00+07')"
        ).fetchall()
        for (one,) in of_one_weighing:
            for place, step in enumerate((Step.OPEN, Step.DISMISS)):
                take_step(connection, By(lan, ""), one, step, "why", MADE_AT - 100 + place)
        connection.commit()
        with transaction(connection):
            report = read_month(connection, LAW, date(2026, 3, 1), MADE_AT)
            made = read_proposals(connection, report, LAW, frame_of(LAW, (), MADE_AT))
    assert [one.n for one in report.rolled.overload] == [2]
    assert (made.vehicles, made.operators, made.held_vehicles) == ((), (), 1)
    assert made.held == report.held[PLATE] >= 1
    assert f"Đã trừ {made.held} phát hiện của 1 phương tiện" in said(_overview(made))
    asked = ("rollup", "--month", "2026-03", "--made-at", str(MADE_AT))
    done = called(*asked, "--out", tmp_path / "a.csv", DATABASE_URL=judged)
    assert f"{made.held} findings of 1 vehicles are not counted" in done.out
    (line,) = [row for row in (tmp_path / "a.csv").read_text("utf-8-sig").splitlines() if "vehicle_overload" in row]
    assert line.endswith(f"false,{made.held}")
    called(*asked, "--out", tmp_path / "a.ndjson", DATABASE_URL=judged)
    assert f'"held":{made.held}' in (tmp_path / "a.ndjson").read_text("utf-8")


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
        report = read_month(connection, LAW, date(2026, 3, 1), MADE_AT)
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
