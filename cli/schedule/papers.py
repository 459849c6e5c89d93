"""What the schedule makes of a month besides its proposals: drafts on paper, data duty, weigh stations, statistics."""

from __future__ import annotations

from datetime import date

from api.reports import form_pdf, form_xlsx
from api.reports.proposals import render
from cli.quality.commands import read_quality
from cli.quality.forms import form_of, period_line
from cli.reports.commands import frame_of
from cli.rollups.proposals import read_proposals
from cli.rollups.report import MonthReport
from cli.stations import report as station_report
from cli.stations.report import month_forms
from cli.statistics.commands import WRITERS, read_statistics
from cli.statistics.periods import Period, days_of, periods_ended
from rules.law import Law
from storage.database import Connection
from storage.lists.history import marks
from storage.sums.service import days_without_service

_STATISTICS, _DUTY, _DRAFTS, _STATIONS = "thong-ke", "chat-luong-du-lieu", "de-xuat", "tram-can"


def monthly_papers(connection: Connection, law: Law, report: MonthReport, made_at: int) -> dict[str, bytes]:
    """Files by name. Inside the transaction in which the month was rolled up; its days are over and judged.

    Statistics are those of the month, and of the quarter and the year that end with it, each against the one before.
    """
    files = {
        f"{_DRAFTS}-{report.name}.pdf": render(read_proposals(connection, report, law, frame_of(law, (), made_at)))
    }
    files |= _data_duty(connection, law, report.month, made_at)
    files |= {  # a form is rendered once
        f"{_STATIONS}-{report.name}{suffix}": write(month_forms(connection, law, report.month, made_at))
        for suffix, write in station_report.WRITERS.items()
    }
    for name, now, before in periods_ended(report.month):
        files |= _statistics(connection, law, name, (now, before), made_at)
    return files


def _data_duty(connection: Connection, law: Law, month: date, made_at: int) -> dict[str, bytes]:
    quality = read_quality(connection, month, None, made_at)
    unsummed = days_without_service(connection, quality.first, quality.stop)
    frame = frame_of(law, (period_line(quality),), made_at, _incomplete(unsummed))
    return {  # a form is rendered once
        f"{_DUTY}-{month:%Y-%m}{suffix}": write(form_of(quality, law, frame))
        for suffix, write in ((".pdf", form_pdf.render), (".xlsx", form_xlsx.render))
    }


def _statistics(
    connection: Connection, law: Law, name: str, of: tuple[Period, Period], made_at: int
) -> dict[str, bytes]:
    frame = frame_of(law, (), made_at, _incomplete(marks(connection, *days_of(of[0])).waiting))
    read = read_statistics(connection, law, *of, frame)
    return {f"{_STATISTICS}-{name}{suffix}": write(read) for suffix, write in WRITERS.items()}


def _incomplete(days: int) -> tuple[str, ...]:
    return (f"CHƯA ĐẦY ĐỦ: còn {days} ngày-xe chưa được xét khi lập.",) if days else ()
