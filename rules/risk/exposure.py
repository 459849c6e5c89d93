"""Ratings by exposure: points per distance driven, drawn towards the mean of the others in the class (docs/risk.md).

Law:   none; rules/law/risk/exposure.yaml states what this project chose.
Source: R. J. Marshall, Mapping disease and mortality rates using empirical Bayes estimators, Applied Statistics 40
       (1991), 283-294: a gamma prior from the moments of the class. Here that of the *others* in the class, so that
       nobody's own record changes what it is compared with, and more findings never lower a score.
Units: mm and points, whole; the score in points per `per`. Exact fractions; the interval's bounds are floats.
Shape: accounts and classes -> a score an operator.
Gaps:  a distance that is not known counts neither way; without any, there is no score, whatever was found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from rules.risk.accounts import Account, Line, Score, check_of
from rules.risk.checks import GREY, first_day, show
from rules.risk.file import SEVERITIES, RiskFormula
from rules.risk.gamma import quantile

HIGH, USUAL, LOW = "high", "usual", "low"
_SAID = {
    HIGH: "the whole interval lies above the mean",
    USUAL: "the mean lies in the interval",
    LOW: "the whole interval lies below the mean",
}
_FINE = 10**12  # points squared over mm are added up in units this fine: whole numbers, so that no order matters


class Exposed(NamedTuple):
    """One operator's points and distance. squares, gravest: of the points of single findings."""

    points: int
    squares: int
    findings: int
    gravest: int
    driven_mm: int
    known_s: int
    unknown_s: int
    counts: tuple[tuple[str, int], ...]


@dataclass(slots=True)
class Sums:
    """Sums over operators, from which one can be taken out again."""

    operators: int = 0
    points: int = 0
    squares: int = 0
    findings: int = 0
    driven_mm: int = 0
    spread: int = 0  # of points squared over mm, in units of 1 / _FINE

    def add(self, one: Exposed, sign: int = 1) -> None:
        if one.driven_mm > 0:
            self.operators += sign
            self.points += sign * one.points
            self.squares += sign * one.squares
            self.findings += sign * one.findings
            self.driven_mm += sign * one.driven_mm
            self.spread += sign * (one.points**2 * _FINE // one.driven_mm)

    def without(self, one: Exposed) -> Sums:
        others = Sums(self.operators, self.points, self.squares, self.findings, self.driven_mm, self.spread)
        others.add(one, -1)
        return others


@dataclass(frozen=True, slots=True)
class Prior:
    """What the others show: mean in points per mm and in findings per mm, and how much distance it weighs."""

    mean: Fraction
    findings: Fraction
    weight_mm: Fraction


def exposed(account: Account, formula: RiskFormula, as_of: date) -> Exposed:
    """Points and distance of an account within the formula's window."""
    start = first_day(formula, as_of)
    counts = dict.fromkeys(SEVERITIES, 0)
    for one, count in account.found.items():
        if check_of(one).first >= start:
            counts[one.severity] += count
    points = formula.points
    driven_mm, known_s, unknown_s = (
        sum(value for week, value in some.items() if week >= start)
        for some in (account.driven_mm, account.known_s, account.unknown_s)
    )
    return Exposed(
        sum(points[name] * count for name, count in counts.items()),
        sum(points[name] ** 2 * count for name, count in counts.items()),
        sum(counts.values()),
        max((points[name] for name, count in counts.items() if count), default=0),
        driven_mm,
        known_s,
        unknown_s,
        tuple((name, count) for name, count in counts.items() if count),
    )


def prior_of(others: Sums, formula: RiskFormula) -> Prior:
    """A gamma prior by the moments of the others' rates, its weight within the formula's bounds."""
    least, most = Fraction(formula.whole("prior_min")), Fraction(min(formula.whole("prior_max"), others.driven_mm))
    if not others.points:
        return Prior(Fraction(0), Fraction(0), most)
    mean = Fraction(others.points, others.driven_mm)
    dispersion = Fraction(others.squares, others.points)
    variance = Fraction(others.spread, _FINE * others.driven_mm) - mean**2
    by_chance = dispersion * mean * others.operators / others.driven_mm
    between = variance - by_chance
    weight = most if between <= 0 else min(max(dispersion * mean / between, least), most)
    return Prior(mean, Fraction(others.findings, others.driven_mm), weight)


def rate_exposure(
    books: Mapping[str, Account], classes: Mapping[str, str | None], formula: RiskFormula, as_of: date
) -> dict[str, Score]:
    """Scores of all operators that the books name. classes: by operator; None or missing: of no class."""
    every = {operator: exposed(account, formula, as_of) for operator, account in books.items()}
    sums: defaultdict[str | None, Sums] = defaultdict(Sums)
    for operator, one in every.items():
        sums[classes.get(operator)].add(one)
    whole = Sums()
    for one in every.values():
        whole.add(one)
    return {
        operator: _rated(one, classes.get(operator), sums[classes.get(operator)], whole, formula)
        for operator, one in every.items()
    }


def _rated(one: Exposed, name: str | None, own_class: Sums, whole: Sums, formula: RiskFormula) -> Score:
    lines = _own(one, formula)
    if one.driven_mm <= 0:
        lines.append(Line("no driving is known: exposure unknown, so that there is no score"))
        return Score(formula.name, None, GREY, tuple(lines))
    others, said = own_class.without(one), f"class {name}"
    if name is None or not _enough(others, formula):
        others, said = whole.without(one), "all classes, as its own is too small"
    if not _enough(others, formula):
        drove = f"{others.operators} other operators drove {_km(others.driven_mm)} km"
        lines.append(Line(f"{drove}: too little to compare with, so that there is no score"))
        return Score(formula.name, None, GREY, tuple(lines))
    prior, per = prior_of(others, formula), formula.whole("per")
    value = score_of(one, prior) * per
    low, high = (bound * per for bound in interval_of(one, prior, formula))
    mean, share = prior.mean * per, Fraction(one.driven_mm) / (one.driven_mm + prior.weight_mm)
    band = HIGH if low > mean else LOW if high < mean else USUAL
    permille = 1000 - 2 * formula.whole("tail_permille")
    lines += [
        Line(f"mean of {others.operators} others, {said}: {others.points} points / {_km(others.driven_mm)} km",
             show(mean, formula)),
        Line(f"own record weighs {_km(one.driven_mm)} / ({_km(one.driven_mm)} + {_km(prior.weight_mm)}) km",
             f"{float(share):.4f}"),
        Line("score: own rate x weight + mean x (1 - weight)", show(value, formula)),
        Line(f"interval that holds the true rate in {permille} of 1000 cases",
             f"{show(low, formula)} to {show(high, formula)}"),
        Line(f"{band}: {_SAID[band]}"),
    ]  # fmt: skip
    return Score(formula.name, value, band, tuple(lines), low, high)


def _enough(others: Sums, formula: RiskFormula) -> bool:
    far = others.driven_mm >= formula.whole("others_distance_min")
    return far and others.operators >= formula.whole("others_min")


def score_of(one: Exposed, prior: Prior) -> Fraction:
    """Points per mm: the mean of the posterior."""
    return (one.points + prior.mean * prior.weight_mm) / (one.driven_mm + prior.weight_mm)


def interval_of(one: Exposed, prior: Prior, formula: RiskFormula) -> tuple[Fraction, Fraction]:
    """Bounds in points per mm: those of the number of findings, each at the mean points of one.

    The upper one counts one finding more, as the exact interval of a count does, so that nothing found is no proof of
    nothing; the lower one leaves the gravest out, so that no single finding makes anybody high.
    """
    tail = Fraction(formula.whole("tail_permille"), 1000)
    weight, expected = prior.mean * prior.weight_mm, prior.findings * prior.weight_mm
    fewer = one.findings - 1 if one.findings else 0
    low = float(fewer + expected)
    below = (one.points - one.gravest + weight) * Fraction(quantile(low, float(tail)) / low if low else 0)
    seen = one.findings + expected
    each = (one.points + weight) / seen if seen else Fraction(max(formula.points.values()))
    above = each * Fraction(quantile(float(seen + 1), float(1 - tail)))
    return below / (one.driven_mm + prior.weight_mm), above / (one.driven_mm + prior.weight_mm)


def _own(one: Exposed, formula: RiskFormula) -> list[Line]:
    known = f"{one.known_s // 3600} h {one.known_s // 60 % 60} min"
    lines = [
        Line(f"{count} {name.replace('_', ' ')} x {formula.points[name]}", str(count * formula.points[name]))
        for name, count in one.counts
    ]
    lines.append(Line(f"monitored {known}, unknown {one.unknown_s // 3600} h {one.unknown_s // 60 % 60} min"))
    if one.driven_mm > 0:
        rate = Fraction(one.points, one.driven_mm) * formula.whole("per")
        lines.append(Line(f"own rate: {one.points} points / {_km(one.driven_mm)} km", show(rate, formula)))
    return lines


def _km(mm: Fraction | int) -> str:
    return f"{float(mm) / 1e6:.3f}"
