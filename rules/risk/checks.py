"""Ratings by checks: points of what was found, over the checks or the vehicles looked at (docs/risk.md).

Law:   rules/law/risk/eu.yaml, ocrs.yaml.
Units: points; exact fractions, rounded only where printed.
Shape: an account -> a score with the lines that it is made of.
Gaps:  a week without known driving is no check: silence makes no clean check. What was found in such a week adds its
       points and makes no check either, so that no finding can lower a mean. An operator of whom nothing is known has
       no score.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from journey.localtime import date_of, number_of
from rules.risk.accounts import (
    RECORD,
    WEIGHING,
    Account,
    Check,
    Infringement,
    Line,
    Score,
    check_of,
    monday,
    next_monday,
)
from rules.risk.file import RiskFormula

NO_BAND, GREY = "", "grey"
_VEHICLES = "vehicles"


def rate_checks(account: Account, formula: RiskFormula, as_of: date, whole_fleet: bool = False) -> Score:
    """Args: as_of: last day that counts. whole_fleet: the factor for the fleet's equipment applies."""
    start = first_day(formula, as_of)
    found: defaultdict[Check, list[tuple[Infringement, int]]] = defaultdict(list)
    for one, count in account.found.items():
        if check_of(one).first >= start:
            found[check_of(one)].append((one, count))
    clean = sum(count for week, count in account.clean_weighings.items() if week >= start)
    vehicles = {check: count for check, count in account.vehicles.items() if check.first >= start}
    checks, encounters = len(vehicles) + clean, sum(vehicles.values()) + clean
    if not checks and not found:
        return Score(
            formula.name, None, GREY, (Line("nothing is known: no week with driving, no weighing, no finding"),)
        )
    per_check = formula.figures["mean_of"].value != _VEHICLES
    lines, total = [], Fraction(0)
    for check in sorted(found, key=lambda one: (one.first, one.kind, one.record or "")):
        text, points = _points(found[check], formula, as_of)
        amount = points / vehicles.get(check, 1) if per_check else points
        over = f" / {vehicles.get(check, 1)} vehicles" if per_check else ""
        lines.append(Line(f"{_name(check)}: {text}{over}", show(amount, formula)))
        total += amount
    clean_weeks = sum(check not in found and check.kind == RECORD for check in vehicles)
    if clean_weeks or clean:
        lines.append(Line(f"clean: {clean_weeks} weeks on record, {clean} weighings", show(Fraction(0), formula)))
    below = max(1, checks if per_check else encounters)
    value = total / below
    what = "checks" if per_check else "vehicles looked at"
    lines.append(Line(f"sum {show(total, formula)} / {below} {what}", show(value, formula)))
    if whole_fleet:
        value = value * formula.whole("fleet_percent") / 100
        lines.append(Line(f"whole fleet equipped: x {formula.figures['fleet_percent'].value} %", show(value, formula)))
    return Score(formula.name, value, band_of(value, formula), tuple(lines))


def _points(some: list[tuple[Infringement, int]], formula: RiskFormula, as_of: date) -> tuple[str, Fraction]:
    """Points of what one check found, each by its age; with the arithmetic."""
    ages = formula.figures["age_percent"].value
    counts: Counter[tuple[int, str, str]] = Counter()
    for one, count in some:
        age = min(years_before(date_of(one.day), as_of), len(ages) - 1)
        counts[int(ages[age]), one.severity, one.rule] += count
    parts, total = [], Fraction(0)
    graver_first = sorted(counts, key=lambda key: (-key[0], -formula.points[key[1]], key[2]))
    for key in graver_first:
        percent, severity, rule = key
        points = Fraction(counts[key] * formula.points[severity] * percent, 100)
        aged = "" if percent == ages[0] else f" x {percent} %"
        parts.append(f"{counts[key]} {severity.replace('_', ' ')} ({rule}) x {formula.points[severity]}{aged}")
        total += points
    return " + ".join(parts), total


def first_day(formula: RiskFormula, as_of: date) -> int:
    """The first local day that counts: the first Monday of the window, so that only whole weeks are checks."""
    day = number_of(_years_earlier(as_of, formula.whole("window"))) + 1
    return day if monday(day) == day else next_monday(day)


def years_before(day: date, as_of: date) -> int:
    """Whole years from a day to another."""
    return as_of.year - day.year - ((as_of.month, as_of.day) < (day.month, day.day))


def band_of(value: Fraction, formula: RiskFormula) -> str:
    """The band of an exact figure; empty where the formula has none there."""
    return next(
        (band for interval, band in formula.bands if interval.holds(value.numerator, value.denominator)), NO_BAND
    )


def show(value: Fraction, formula: RiskFormula) -> str:
    """A figure as printed, half rounded up."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal(1).scaleb(-formula.whole("decimals")), ROUND_HALF_UP))


def _years_earlier(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=day.day - 1)


def _name(check: Check) -> str:
    if check.kind == WEIGHING:
        return f"weighing {check.record} in the week of {date_of(check.first)}"
    return f"record of the week of {date_of(check.first)}"
