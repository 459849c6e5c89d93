"""Quality of service as tables to read, and as CSV or NDJSON with the counts that the shares are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from api.exports.csv_table import csv_bytes
from journey.localtime import date_of, day_start
from rules.law import Dated, Law
from rules.service import BEYOND
from rules.service_rates import Service, delay_within

_ROWS = 40
_DASH = "-"
_MEDIAN, _MOST = Fraction(1, 2), Fraction(95, 100)
DUTIES = (("moving", "recorder.upload_moving_max"), ("standing", "recorder.upload_stopped_max"))
_COUNTS = ("vehicles", "vehicles_with_data", "registered_days", "online_days", "fixes", "usable", "drifted", "future",
           "without_receipt", "moving_steps", "moving_judged", "moving_timely", "standing_steps", "standing_judged",
           "standing_timely", "driving_mm", "track_mm")  # fmt: skip
_SHARES = ("online", "moving_on_time", "standing_on_time", "qualified", "drift", "ahead", "complete")
_NOTES = (
    "online: days with a usable fix, of the vehicle-days on which a vehicle with a recorder is registered.",
    "on time: steps between neighbouring usable fixes not longer than the law's interval, of those for which it is "
    "known; a step belongs to the day of its last second.",
    "delay: the least class edge within which half, or 95 %, of the fixes were received; fixes of no known receipt and "
    "those flagged future are left out.",
    "drift: fixes flagged zero, outside, jump or frozen. qualified: fixes without a fatal flag. ahead: fixes flagged "
    "future (a clock ahead of the receipt), of those of which a receipt is known.",
    "complete: length of the steps of driving over the length of all steps, unknown ones too, as straight lines. A "
    "road is longer, most of all over a long unknown step: read it as an upper bound.",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One operator, or one of its vehicles."""

    operator: str | None
    plate: str | None
    service: Service


@dataclass(frozen=True, slots=True)
class Report:
    """Local days [first, stop) of a month. whole: all lines; unregistered: what vehicles of no operator sent."""

    month: date
    first: int
    stop: int
    lines: list[Line]
    whole: Service
    unregistered: Service | None
    names: dict[str, str]


def print_quality(console: Console, report: Report, law: Law) -> None:
    """Two tables, those least online first; then the law, what is not known, and what each share is made of."""
    lines = sorted(report.lines, key=lambda one: (_or_last(one.service.online), one.operator or "", one.plate or ""))
    shown = [(_name(report, one), one.service, True) for one in lines[:_ROWS]]
    shown.append((f"all {len(lines)}", report.whole, True))
    if report.unregistered is not None:
        shown.append(("not registered", report.unregistered, False))
    of = f"{report.month:%Y-%m}, {date_of(report.first)} to {date_of(report.stop - 1)}"
    console.print(_sending(f"sending, {of}", shown))
    console.print(_positions(f"positions and clocks, {of}", shown))
    if len(lines) > _ROWS:
        _say(console, f"and {len(lines) - _ROWS} more: --out FILE writes all")
    for text in _law_notes(report, law):
        _say(console, f"law: {text}")
    if report.unregistered is not None:
        one = report.unregistered
        said = f"{one.vehicles_with_data} vehicles sent {one.fixes} fixes on days on which nobody has registered them"
        _say(console, f"note: {said}: kept, and judged once they are registered.")
    for text in _NOTES:
        _say(console, f"note: {text}")


def _sending(title: str, shown: list[tuple[str, Service, bool]]) -> Table:
    table = _table(title, "vehicles", "with\ndata", "online", "moving\non time", "standing\non time", "delay\nmedian",
                   "delay\n95 %", "without\nreceipt")  # fmt: skip
    for name, one, registered in shown:
        table.add_row(
            name, str(one.vehicles) if registered else _DASH, str(one.vehicles_with_data), _percent(one.online),
            _percent(one.moving_on_time), _percent(one.standing_on_time), _delay(one, _MEDIAN) or _DASH,
            _delay(one, _MOST) or _DASH, _known(one, one.without_receipt),
        )  # fmt: skip
    return table


def _positions(title: str, shown: list[tuple[str, Service, bool]]) -> Table:
    table = _table(title, "fixes", "qualified", "drift", "drift\nvehicles", "complete", "moving\nsilences", "ahead")
    for name, one, registered in shown:
        table.add_row(
            name, str(one.fixes), _percent(one.qualified), _percent(one.drift), _known(one, one.drift_vehicles),
            _percent(one.complete), _known(one, one.silences) if registered else _DASH, _percent(one.ahead),
        )  # fmt: skip
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("", overflow="fold")  # gives way where the screen is narrow: no figure is cut short
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _law_notes(report: Report, law: Law) -> list[str]:
    start, end = day_start(report.first), day_start(report.stop)
    notes = []
    for name, path in DUTIES:
        values = law.dated(path)
        ends = [*(one.start for one in values[1:]), end]
        used = [one for one, until in zip(values, ends, strict=True) if one.start < end and until > start]
        notes += [f"{name}: {_stated(one)}, {_source(one)}" for one in used] or [f"{name}: no figure in force yet"]
        left = getattr(report.whole, f"{name}_steps") - getattr(report.whole, f"{name}_judged")
        if left:
            notes.append(f"{name}: {left} steps lie where the figure is not known: their share is not known")
    return notes


def _stated(one: Dated) -> str:
    return "not known" if one.value is None else f"at most {one.printed} {one.unit}"


def _source(one: Dated) -> str:
    doubt = "" if one.verified else "; not verified"
    return f"in force from {one.effective_from} ({one.citation}{doubt})"


def _records(report: Report) -> list[dict[str, Any]]:
    """Every line in order of operator and vehicle, then the unregistered vehicles as one; shares with 6 decimals."""
    lines = sorted(report.lines, key=lambda one: (one.operator or "", one.plate or ""))
    if report.unregistered is not None:
        lines.append(Line(None, None, report.unregistered))
    return [
        {
            "month": f"{report.month:%Y-%m}", "first": date_of(report.first).isoformat(),
            "last": date_of(report.stop - 1).isoformat(), "operator": one.operator,
            "name": report.names.get(one.operator or ""), "vehicle": one.plate,
            **{name: getattr(one.service, name) for name in _COUNTS},
            "drift_vehicles": one.service.drift_vehicles if one.service.fixes else None,
            "silences": one.service.silences if one.service.fixes and one.operator is not None else None,
            **{name: _rounded(getattr(one.service, name)) for name in _SHARES},
            "delay_median": _delay(one.service, _MEDIAN), "delay_95": _delay(one.service, _MOST),
            "delays": dict(sorted(one.service.delays.items(), key=lambda entry: float(entry[0]))),
        }
        for one in lines
    ]  # fmt: skip


def _as_ndjson(report: Report) -> bytes:
    return b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in _records(report))


def _as_csv(report: Report) -> bytes:
    rows = [{key: value for key, value in one.items() if key != "delays"} for one in _records(report)]
    return csv_bytes([list(rows[0]), *(list(one.values()) for one in rows)] if rows else [])


FORMATS: dict[str, Callable[[Report], bytes]] = {".csv": _as_csv, ".ndjson": _as_ndjson}


def _name(report: Report, line: Line) -> str:
    operator = line.operator or ""
    return line.plate if line.plate is not None else report.names.get(operator, operator)


def _or_last(share: Fraction | None) -> Fraction:
    return Fraction(2) if share is None else share


def _rounded(share: Fraction | None) -> float | None:
    return None if share is None else round(float(share), 6)


def _percent(share: Fraction | None) -> str:
    return _DASH if share is None else f"{float(share * 100):.2f} %"


def _known(one: Service, number: int) -> str:
    """A count that is made of fixes: without any it is not known."""
    return str(number) if one.fixes else _DASH


def _delay(one: Service, part: Fraction) -> str | None:
    edge = delay_within(one.delays, part)
    if edge == BEYOND:
        return "above all classes"
    return None if edge is None else f"<= {edge} s"


def _say(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True)
