"""A month's roll-ups as NDJSON or CSV: the lines of `evaluate --rollup`, and beside them the dates of a decision."""

from __future__ import annotations

from typing import Any

import orjson

from api.exports.csv_table import csv_bytes
from cli.rollups.lines import lines
from cli.rollups.report import Dates, MonthReport
from rules.procedure import Step

_COLUMNS = ("rollup", "vehicle", "operator", "operator_name", "month", "n", "km", "coverage", "vehicles", "revoked",
            "proposed", "held")  # fmt: skip
_DATED = ("published_by", "handed_back_by", "revoked_until", "again_until")
_NEW_BADGE = "new_badge"


def as_ndjson(report: MonthReport) -> bytes:
    """One object a line. `held`: findings of the vehicle that are not counted, as their cases keep them back.

    Where a day of signing is given, each proposal has `procedure`: the steps with dates and law.

    `steps_if_second` are those that differ if an earlier proposal became a revocation within the law's time.
    """
    dates = report.dates
    said = lines(report.rolled)
    for line in said:
        if report.held[line.get("vehicle", "")]:
            line["held"] = report.held[line["vehicle"]]
        if dates is not None and line["proposed"]:
            line["procedure"] = _procedure(line, report, dates)
    return b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in said)


def _procedure(line: dict[str, Any], report: MonthReport, dates: Dates) -> dict[str, Any]:
    if "vehicle" not in line:
        return {"signed": dates.first.signed, "steps": [_step(one) for one in dates.review]}
    earlier = report.earlier.get(line["vehicle"], [])
    second = dates.second.steps if earlier and dates.second else ()
    return {
        "signed": dates.first.signed,
        "steps": [_step(one) for one in dates.first.steps],
        "earlier_proposals": [f"{month:%Y-%m}" for month in earlier],
        "steps_if_second": [_step(one) for one in second if one not in dates.first.steps],
    }


def _step(one: Step) -> dict[str, Any]:
    return {"step": one.name, "date": one.day, "law": one.law and one.law._asdict(), "text": one.text}


def as_csv(report: MonthReport) -> bytes:
    """One row a line, with the operator at the month's end; dates and waits in columns of their own."""
    header = list(_COLUMNS)
    if report.dates is not None:
        header += ["signed", *_DATED, _NEW_BADGE, "earlier_proposals", f"{_NEW_BADGE}_if_second"]
    rows: list[list[Any]] = [header]
    for line in lines(report.rolled):
        operator = line.get("operator") or report.operators.get(line.get("vehicle", ""))
        held = report.held[line["vehicle"]] if "vehicle" in line else None
        named = {**line, "operator": operator, "operator_name": report.names.get(operator or ""), "held": held}
        row = [_cell(named.get(column)) for column in _COLUMNS]
        if report.dates is not None and line["proposed"] and "vehicle" in line:
            row += _dates(line["vehicle"], report, report.dates)
        rows.append(row + [None] * (len(header) - len(row)))
    return csv_bytes(rows)


def _cell(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _dates(plate: str, report: MonthReport, dates: Dates) -> list[Any]:
    days = {one.name: one.day for one in dates.first.steps}
    earlier = report.earlier.get(plate, [])
    second = dates.second.steps if earlier and dates.second else ()
    months = " ".join(f"{month:%Y-%m}" for month in earlier)
    return [dates.first.signed, *(days.get(name) for name in _DATED), _waits(dates.first.steps), months, _waits(second)]


def _waits(steps: tuple[Step, ...]) -> str:
    return "\n".join(one.text for one in steps if one.name.startswith(_NEW_BADGE))
