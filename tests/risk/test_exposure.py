"""Points per 1000 km: the arithmetic of docs/risk.md, and what shrinkage has to do."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.risk.accounts import Account
from rules.risk.exposure import Exposed, Sums, exposed, interval_of, prior_of, rate_exposure, score_of
from rules.risk.file import read_formula
from rules.risk.gamma import cumulative, quantile
from tests.risk.accounts import AS_OF, KM, driven

FORMULA = read_formula("exposure")
PER = FORMULA.whole("per")
# Five operators that the example of docs/risk.md compares with.
OTHERS = {
    "A": driven(100_000, serious=10), "B": driven(80_000, serious=24), "C": driven(120_000, serious=6),
    "D": driven(60_000, serious=30), "E": driven(140_000, serious=30),
}  # fmt: skip


def rated(account: Account, others: dict[str, Account] = OTHERS) -> dict[str, str]:
    """Amounts of the lines of X among the others, by the first word of the line, and the score itself."""
    books = others | {"X": account}
    score = rate_exposure(books, dict.fromkeys(books, "goods"), FORMULA, AS_OF)["X"]
    return {text.split(":")[0].split()[0]: amount for text, amount in score.lines} | {"band": score.band}


def test_the_example_of_the_docs() -> None:
    """One very serious finding in 40 km: 750 points per 1000 km raw, and no reason to call anybody the worst."""
    said = rated(driven(40, very_serious=1))
    assert (said["own"], said["mean"], said["score"]) == ("0.0008", "2.00", "2.60")
    assert (said["interval"], said["band"]) == ("1.08 to 4.30", "usual")
    books = OTHERS | {"X": driven(40, very_serious=1)}
    scores = rate_exposure(books, dict.fromkeys(books, "goods"), FORMULA, AS_OF)
    assert max(scores, key=lambda name: scores[name].value or 0) == "D"
    assert (scores["D"].band, scores["C"].band) == ("high", "low")


@pytest.mark.parametrize("severity", ["minor", "serious", "very_serious", "most_serious"])
def test_one_finding_in_40_km_makes_nobody_the_worst(severity: str) -> None:
    books = OTHERS | {"X": driven(40, **{severity: 1})}
    scores = rate_exposure(books, dict.fromkeys(books, "goods"), FORMULA, AS_OF)
    assert max(scores, key=lambda name: scores[name].low or 0) == "D"
    assert scores["X"].band == "usual"


def test_no_driving_known_is_no_score_whatever_was_found() -> None:
    for account in (Account(), driven(0, most_serious=3)):
        books = OTHERS | {"X": account}
        score = rate_exposure(books, dict.fromkeys(books, "goods"), FORMULA, AS_OF)["X"]
        assert (score.value, score.band) == (None, "grey")
        assert "exposure unknown" in score.lines[-1].text
    assert any("3 most serious" in line.text for line in score.lines)


def test_too_few_others_is_no_score() -> None:
    for others in ({"Y": driven(1_000_000)}, {str(number): driven(49_000) for number in range(5)}):
        books = others | {"X": driven(1000, serious=1)}
        score = rate_exposure(books, dict.fromkeys(books, "goods"), FORMULA, AS_OF)["X"]
        assert (score.value, score.band) == (None, "grey")
        assert "too little to compare with" in score.lines[-1].text


def test_a_small_class_is_compared_with_all() -> None:
    books = OTHERS | {"X": driven(1000, serious=1)}
    classes: dict[str, str | None] = dict.fromkeys(OTHERS, "goods") | {"X": "passenger"}
    score = rate_exposure(books, classes, FORMULA, AS_OF)["X"]
    assert any("all classes" in line.text for line in score.lines)
    assert score.value is not None


def test_clean_driving_is_no_proof_of_nothing() -> None:
    """An operator with nothing found has an upper bound above 0, which falls the more it drives."""
    highs = []
    for km in (100, 10_000, 1_000_000, 100_000_000):
        books = OTHERS | {"X": driven(km)}
        score = rate_exposure(books, dict.fromkeys(books, "goods"), FORMULA, AS_OF)["X"]
        assert score.high is not None
        highs.append(score.high)
    assert all(one > 0 for one in highs)
    assert highs == sorted(highs, reverse=True)
    assert highs[-1] < Fraction(1, 100)


_counts = st.dictionaries(st.sampled_from(("minor", "serious", "very_serious", "most_serious")), st.integers(0, 40))
_accounts = st.builds(lambda km, found: driven(km, **found), st.integers(60_000, 400_000), _counts)


@given(st.lists(_accounts, min_size=5, max_size=9), st.integers(0, 100_000), _counts, st.sampled_from(
    ("minor", "serious", "very_serious", "most_serious")))  # fmt: skip
def test_more_findings_never_lower_a_score(others: list[Account], km: int, found: dict[str, int], more: str) -> None:
    books = {str(number): one for number, one in enumerate(others)}
    classes: dict[str, str | None] = dict.fromkeys([*books, "X"], "goods")
    before = rate_exposure(books | {"X": driven(km, **found)}, classes, FORMULA, AS_OF)["X"]
    after = rate_exposure(books | {"X": driven(km, **found | {more: found.get(more, 0) + 1})}, classes, FORMULA, AS_OF)
    if before.value is None:
        assert after["X"].value is None
    else:
        assert after["X"].value is not None
        assert after["X"].value > before.value
        assert (after["X"].low or 0) >= (before.low or 0)


@given(st.lists(_accounts, min_size=5, max_size=9), st.integers(1, 1000))
def test_shrinkage_goes_to_the_mean_and_to_the_raw_rate(others: list[Account], points: int) -> None:
    """At one raw rate: nothing driven gives the mean of the others, very much driven the rate itself."""
    sums = Sums()
    for one in others:
        sums.add(exposed(one, FORMULA, AS_OF))
    prior = prior_of(sums, FORMULA)
    raw = Fraction(points, 1000 * KM)
    weights, scores = [], []
    for mm in (1, 10**6, 10**9, 10**12, 10**15, 10**18):
        one = Exposed(0, 0, 0, 0, mm, 0, 0, ())._replace(points=raw * mm)  # type: ignore[arg-type]
        scores.append(score_of(one, prior))
        weights.append(abs(scores[-1] - raw))
    assert weights == sorted(weights, reverse=True)
    assert abs(scores[0] - prior.mean) <= (abs(raw - prior.mean)) / 10**9
    assert abs(scores[-1] - raw) <= abs(raw - prior.mean) / 10**5
    assert prior.weight_mm <= sums.driven_mm


@given(st.lists(st.tuples(st.integers(1, 400_000), _counts), min_size=6, max_size=12), st.randoms())
def test_neither_order_nor_names_change_a_score(some: list[tuple[int, dict[str, int]]], random: object) -> None:
    books = {f"{number:02d}": driven(km, **found) for number, (km, found) in enumerate(some)}
    classes: dict[str, str | None] = dict.fromkeys(books, "goods")
    names = list(books)
    random.shuffle(names)  # type: ignore[attr-defined]
    shuffled = rate_exposure({name: books[name] for name in names}, classes, FORMULA, AS_OF)
    assert shuffled == rate_exposure(books, classes, FORMULA, AS_OF)


@pytest.mark.parametrize(("shape", "share", "x"), [
    (1, 0.95, 2.995732), (0.5, 0.5, 0.227468), (5, 0.05, 1.970150), (5, 0.95, 9.153519), (100, 0.95, 116.9971),
    (10_000, 0.05, 9836.0), (1e6, 0.95, 1_001_645.6),
])  # fmt: skip
def test_quantiles_are_those_of_the_tables(shape: float, share: float, x: float) -> None:
    """Half of the chi-square quantiles of 2, 1, 10 and 200 degrees of freedom; the last two by the normal law."""
    assert quantile(shape, share) == pytest.approx(x, rel=2e-4)
    assert cumulative(shape, quantile(shape, share)) == pytest.approx(share, abs=1e-9)


def test_the_interval_holds_the_true_rate_as_often_as_it_says() -> None:
    """By summing the Poisson law: of a fleet at the prior's mean, at least nine cases in ten are in the interval."""
    from math import exp, lgamma, log

    sums = Sums()
    for one in OTHERS.values():
        sums.add(exposed(one, FORMULA, AS_OF))
    prior = prior_of(sums, FORMULA)
    for km in (100, 5_000, 50_000, 500_000):
        expected, covered = float(prior.findings * km * KM), 0.0
        for count in range(400):
            low, high = interval_of(Exposed(10 * count, 0, count, 10 * bool(count), km * KM, 0, 0, ()), prior, FORMULA)
            chance = exp(count * log(expected) - expected - lgamma(count + 1))
            covered += chance * (low <= prior.mean <= high)
        assert covered >= 0.9
