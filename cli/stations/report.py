"""The monthly report of weigh stations, read from the store: counts, running hours, silences, reported stops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np

from api.exports import wording
from api.reports import form_pdf, form_xlsx
from api.reports.form import Form
from api.reports.weigh_month import StationLine, StopLine, month_form, stops_form
from cli.reports.commands import frame_of
from journey.localtime import DAY_S, day_of
from journey.registry import Station
from rules.law import Dated, Law
from rules.months import bounds
from rules.stations.opening import open_spans
from rules.stations.silence import silence_from, silences, usual_gap
from storage.database import Connection
from storage.registry import load_stations
from storage.stations.months import StationMonth, station_months
from storage.stations.stops import Stop, stops_between, weighing_times
from storage.windows import waiting

WRITERS: dict[str, Callable[[Sequence[Form]], bytes]] = {
    ".pdf": form_pdf.render_all,
    ".xlsx": lambda forms: form_xlsx.render_all(forms, ()),
}
_DUE, _WITHIN = "reports.weigh_report_before", "reports.weigh_stop_report_within"


def month_forms(connection: Connection, law: Law, month: date, made_at: int) -> list[Form]:
    """The report and its annex, inside the open transaction. What lies after `made_at` is not counted as silence."""
    start, end = bounds(month)
    until = min(end, made_at)
    within = law.at(_WITHIN, start)
    known = {one.id: one for one in load_stations(connection)}
    times = weighing_times(connection, start, until)
    reported = stops_between(connection, start, until)
    lines: list[StationLine] = []
    stops: list[StopLine] = []
    for one in station_months(connection, start, end):
        mine = [stop for stop in reported if stop.station == one.station]
        weighed = times.get(one.station, [])
        line, seen = _station(one, known.get(one.station), weighed, mine, (start, until), law, within)
        lines.append(line)
        stops += seen
    left = waiting(connection)
    warnings = (f"CHƯA ĐẦY ĐỦ: còn {left} ngày-xe chưa được xét khi lập.",) if left else ()
    if until < end:
        warnings = (*warnings, "CHƯA ĐẦY ĐỦ: tháng chưa kết thúc khi lập báo cáo.")
    frame = frame_of(law, (f"Tháng {month:%m/%Y}, giờ Việt Nam",), made_at, warnings)
    return [month_form(lines, frame, _law_notes(law.at(_DUE, start), within)), stops_form(stops, frame)]


def _station(
    one: StationMonth, station: Station | None, times: Sequence[int], reported: Sequence[Stop], span: tuple[int, int],
    law: Law, within: Dated | None,
) -> tuple[StationLine, list[StopLine]]:  # fmt: skip
    start, until = span
    spans = [(low, min(high, until)) for low, high in open_spans(station, day_of(start), day_of(until - 1) + 1)
             if low < until]  # fmt: skip
    weighed = np.array(times, np.int64)
    limit = silence_from(usual_gap(weighed, spans, law), law)
    quiet = [] if limit is None else silences(weighed, spans, limit)
    stops = [_reported(stop, any(_meet(stop, low, high, until) for low, high in quiet), within) for stop in reported]
    stops += [StopLine(one.station, low, high, False, any(_meet(stop, low, high, until) for stop in reported))
              for low, high in quiet]  # fmt: skip
    line = StationLine(
        one.station, one.name, one.weighed, one.in_breach, one.unread, one.heaviest_kg,
        sum(high - low for low, high in spans) if spans else None,
        None if limit is None else sum(high - low for low, high in quiet), None if limit is None else len(quiet),
        len(reported), None if within is None else sum(stop.late is True for stop in stops),
    )  # fmt: skip
    return line, sorted(stops, key=lambda stop: stop.start)


def _meet(stop: Stop, low: int, high: int, until: int) -> bool:
    return stop.start < high and low < (until if stop.end is None else stop.end)


def _reported(stop: Stop, matched: bool, within: Dated | None) -> StopLine:
    late = None if within is None else stop.reported_at > stop.start + within.value * DAY_S
    return StopLine(stop.station, stop.start, stop.end, True, matched, stop.reason, stop.reported_at, late)


def _law_notes(due: Dated | None, within: Dated | None) -> tuple[str, ...]:
    if due is None or within is None:
        return ("Thời hạn báo cáo áp dụng cho tháng này: không có trong bộ quy tắc.",)
    doubt = "" if due.verified and within.verified else " (chưa đối chiếu ngày hiệu lực với văn bản gốc)"
    source = wording.citation(due.citation)
    return (f"Căn cứ: {source}{doubt}: báo cáo trước ngày {due.value} của tháng; mỗi lần dừng được báo cáo trong "
            f"vòng {within.value} ngày.",)  # fmt: skip
