"""The quality of a month as the data-duty table: workbook and paper."""

from __future__ import annotations

from collections.abc import Iterator

from api.exports import wording
from api.reports.data_duty import Line, data_duty
from api.reports.form import Form
from api.reports.words import Frame
from cli.quality.output import DUTIES, Report
from journey.localtime import date_of, day_start
from rules.law import Dated, Law

_DUTY_WORDS = {"moving": "xe chạy", "standing": "xe dừng"}


def form_of(report: Report, law: Law, frame: Frame) -> Form:
    """Operators, or the vehicles of one, in order of name; vehicles that nobody has registered last."""
    named = sorted(
        (Line(report.names.get(one.operator or "", one.operator or ""), one.operator, one.plate, one.service)
         for one in report.lines),
        key=lambda line: (wording.collation(line.name), line.id or "", line.plate or ""),
    )  # fmt: skip
    if report.unregistered is not None:
        named.append(Line(wording.UNREGISTERED, None, None, report.unregistered))
    return data_duty(frame, named, report.whole, list(_of_law(report, law)))


def period_line(report: Report) -> str:
    first, last = date_of(report.first), date_of(report.stop - 1)
    return f"Tháng {report.month:%m/%Y} (từ ngày {first:%d/%m/%Y} đến hết ngày {last:%d/%m/%Y})"


def _of_law(report: Report, law: Law) -> Iterator[str]:
    """The law's intervals that were in force in the period, a star where they were not read in its own text."""
    start, end = day_start(report.first), day_start(report.stop)
    for name, path in DUTIES:
        values = law.dated(path)
        until = [*(one.start for one in values[1:]), end]
        for one, stop in zip(values, until, strict=True):
            if one.start < end and stop > start:
                yield f"Tần suất khi {_DUTY_WORDS[name]}: {_stated(one)}."


def _stated(one: Dated) -> str:
    if one.value is None:
        return f"mức có hiệu lực từ {one.effective_from} chưa biết, không đánh giá"
    star = "" if one.verified else f" * {wording.UNVERIFIED.lower()}"
    return f"không quá {one.printed} {wording.unit(one.unit)} ({wording.citation(one.citation)}{star})"
