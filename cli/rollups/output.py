"""A month's roll-ups as tables to read: what is proposed first, coverage beside every figure, then the dates."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from cli.rollups.report import Dates, MonthReport
from rules.law import Law
from rules.procedure import Step, again_window
from rules.rollups import VehicleOverload, VehicleSpeeding, proposed_vehicles

_ROWS = 40  # of vehicles that are not proposed
_MM_PER_KM = 1_000_000


def print_month(console: Console, report: MonthReport, law: Law) -> None:
    """Vehicles, operators, dates where a day of signing is given, and what else a reader must know."""
    rolled = report.rolled
    if not rolled.speeding and not rolled.overload:
        console.print(f"nothing is stored of {report.name}: no fixes, and no weighing that counts")
        return
    console.print(_vehicles(console, report))
    if rolled.operators:
        console.print(_operators(report))
    proposed = bool(proposed_vehicles(rolled))
    if report.earlier:
        _print_earlier(console, report, law)
    if report.dates is not None and proposed:
        _print_dates(console, report, report.dates)
    elif proposed:
        console.print("the dates that follow a decision: give the day of its signing, --signed YYYY-MM-DD")
    for note in rolled.notes:
        _say(console, f"note: {note.subject}: {note.text}")
    _say(
        console,
        "note: what was not seen is in neither breaches nor km; coverage is the share of the month in which the "
        "vehicle was known to drive or stand.",
    )
    if report.held:
        _say(
            console,
            f"note: {report.held.total()} findings of {len(report.held)} vehicles are not counted: their cases keep "
            "them back, or have ended against the finding.",
        )
    said = "Proposals" if proposed else "No badge is proposed for revocation. Counts are"
    _say(
        console,
        f"{said} from the stored record under law {law.version}, {law.method_name}. The Department decides; what "
        "binds is its decision as signed.",
    )


def _vehicles(console: Console, report: MonthReport) -> Table:
    """One row a vehicle: those proposed first, then by breaches and weighings, most first."""
    speeding = {one.vehicle: one for one in report.rolled.speeding}
    overload = {one.vehicle: one for one in report.rolled.overload}
    rows = sorted(
        ((plate, speeding.get(plate), overload.get(plate)) for plate in speeding.keys() | overload.keys()),
        key=lambda row: (not _grounds(*row[1:]), -(row[1].n if row[1] else 0), -(row[2].n if row[2] else 0), row[0]),
    )
    proposed = sum(bool(_grounds(*row[1:])) for row in rows)
    title = f"{report.name}: {proposed} of {len(rows)} vehicles proposed for revocation of the badge"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("vehicle", no_wrap=True)
    table.add_column("operator", overflow="fold")  # gives way where the screen is narrow: no figure is cut short
    for name in ("breaches", "km", "per\n1000 km", "coverage", "over-\nloads"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("proposed\nfor", no_wrap=True)
    for plate, fast, heavy in rows[: proposed + _ROWS]:
        operator = report.operators.get(plate)
        table.add_row(
            plate[:24], "not registered" if operator is None else report.operator_name(operator), *_driven(fast),
            str(heavy.n) if heavy else "", _grounds(fast, heavy),
        )  # fmt: skip
    if len(rows) > proposed + _ROWS:
        table.caption = f"and {len(rows) - proposed - _ROWS} more: --out FILE writes all"
    return table


def _driven(one: VehicleSpeeding | None) -> tuple[str, str, str, str]:
    if one is None:
        return "", "", "", "no fixes"
    rate = f"{float(Fraction(one.n * 1000 * _MM_PER_KM, one.driven_mm)):.3f}" if one.driven_mm else "-"
    return str(one.n), f"{one.driven_mm / _MM_PER_KM:.3f}", rate, _percent(one.coverage)


def _grounds(fast: VehicleSpeeding | None, heavy: VehicleOverload | None) -> str:
    grounds = (("speeding", fast), ("overload", heavy))
    return "\n".join(name for name, one in grounds if one is not None and one.proposed)


def _operators(report: MonthReport) -> Table:
    table = Table(title="operators with a vehicle proposed", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("operator", overflow="fold")
    for name in ("vehicles", "of these\nproposed", "share"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("proposed for")
    for one in report.rolled.operators:
        share = _percent(Fraction(one.revoked, one.vehicles))
        review = "licence review" if one.proposed else ""
        table.add_row(report.operator_name(one.operator), str(one.vehicles), str(one.revoked), share, review)
    return table


def _print_earlier(console: Console, report: MonthReport, law: Law) -> None:
    within = again_window(law, report.month)
    for plate, months in sorted(report.earlier.items()):
        named = ", ".join(f"{month:%Y-%m}" for month in months)
        _say(
            console,
            f"{plate}: proposed by the store for {named} too. The second within {within} months, if a decision on that "
            f"was signed less than {within} months before the new one; decisions are not in the record.",
        )


def _print_dates(console: Console, report: MonthReport, dates: Dates) -> None:
    console.print(_steps(f"after a decision signed on {dates.first.signed}", dates.first.steps))
    if report.earlier and dates.second is not None:
        other = (one for one in dates.second.steps if one not in dates.first.steps)
        console.print(_steps("instead, where it is the second within the law's time", other))
    _say(
        console,
        "note: days are calendar days, the day of signing or hand-back not counted; where the law leaves open whether "
        "a last day counts, it is read for the operator.",
    )
    if any(one.proposed for one in report.rolled.operators):
        console.print(_steps("an operator's licence", dates.review))


def _steps(title: str, steps: Iterable[Step]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for name in ("", "date"):
        table.add_column(name, no_wrap=True)
    for name in ("what", "source"):
        table.add_column(name, overflow="fold")
    for one in steps:
        doubt = "" if one.law is None or one.law.verified else " (not verified)"
        source = "" if one.law is None else f"{one.law.citation}{doubt}"
        table.add_row(one.name.replace("_", " "), "" if one.day is None else one.day.isoformat(), one.text, source)
    return table


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):.1f} %"


def _say(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True)
