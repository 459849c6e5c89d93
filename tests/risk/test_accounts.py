"""From findings to accounts: how grave each is, one weighing once, and the order and batches change nothing."""

from __future__ import annotations

import random as randomly
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.localtime import DAY_S, day_of, midnight
from journey.model import Finding, Grade
from rules.checks import all_rules
from rules.risk.accounts import Books, WeekOnRecord, accounts, class_of, monday, severity_of
from rules.risk.checks import first_day, rate_checks
from rules.risk.file import FOLDER, formula_names, read_formula, read_ladder
from rules.yamlfile import LawError

LADDER = read_ladder()
START = midnight(date(2026, 3, 2))
AS_OF = date(2026, 3, 31)


def finding(rule: str, excess: float = 10, at: int = START, **more: Any) -> Finding:
    given: dict[str, Any] = {"measured": 0, "limit": 0, "unit": "s", "operator": "OP1", "detail": {}} | more
    return Finding(rule=rule, grade=Grade.CERTAIN, vehicle="12C12345", driver=None, start=at, end=at, at=at,
                   excess=excess, band=None, law=(), **given)  # fmt: skip


def overload(kind: str, measured: int, record: str, at: int = START) -> Finding:
    return finding(f"overload_{kind}", at=at, measured=measured, limit=30_000, detail={"record": record})


@pytest.mark.parametrize(("one", "severity"), [
    (finding("speeding", 5.1), "minor"), (finding("speeding", 9.9), "minor"), (finding("speeding", 10.0), "serious"),
    (finding("speeding", 20.0), "serious"), (finding("speeding", 20.1), "very_serious"),
    (finding("speeding", 35.0), "very_serious"), (finding("speeding", 35.1), "most_serious"),
    (finding("continuous_driving", 1799), "minor"), (finding("continuous_driving", 1800), "serious"),
    (finding("continuous_driving", 5400), "very_serious"), (finding("daily_driving", 3599), "minor"),
    (finding("daily_driving", 18_000), "most_serious"), (finding("weekly_driving", 14_400), "serious"),
    (finding("double_login", 1), "serious"), (finding("moving_silence", 100_000), "minor"),
    (overload("gross", 31_499, "a"), "minor"), (overload("gross", 31_500, "a"), "serious"),
    (overload("axle", 33_000, "a"), "very_serious"), (overload("payload", 36_000, "a"), "most_serious"),
])  # fmt: skip
def test_how_grave(one: Finding, severity: str) -> None:
    assert severity_of(one, LADDER) == severity


def test_every_rule_stands_in_the_ladder() -> None:
    given = {"overload" if name.startswith("overload_") else name for name in LADDER}
    assert {rule.id for rule in all_rules()} == given


def test_of_one_weighing_the_gravest_counts_once() -> None:
    weeks = [WeekOnRecord("OP1", monday(day_of(START)), 0, 0, 0, 0, 3)]
    some = [overload("gross", 31_499, "a"), overload("axle", 36_000, "a"), overload("payload", 30_100, "b")]
    account = accounts(some, weeks, LADDER)["OP1"]
    assert sorted((one.rule, one.severity, count) for one, count in account.found.items()) == [
        ("overload_axle", "most_serious", 1), ("overload_payload", "minor", 1),
    ]  # fmt: skip
    assert sum(account.clean_weighings.values()) == 1
    score = rate_checks(account, read_formula("eu"), AS_OF)
    assert score.value is not None
    assert score.value * 3 == 91


def test_nobodys_findings_are_in_no_account() -> None:
    assert accounts([finding("speeding", operator=None)], [], LADDER) == {}


_findings = st.builds(
    lambda rule, excess, day, operator: finding(rule, excess, START + day * DAY_S, operator=operator),
    st.sampled_from(("speeding", "continuous_driving", "moving_silence")), st.integers(1, 40), st.integers(0, 27),
    st.sampled_from(("OP1", "OP2")),
)  # fmt: skip
_overloads = st.builds(
    lambda kind, measured, record, day: overload(kind, measured, f"{record}-{day}", START + day * DAY_S),
    st.sampled_from(("gross", "axle", "payload")), st.integers(30_001, 40_000), st.integers(0, 2), st.integers(0, 27),
)  # fmt: skip
_some = st.lists(st.one_of(_findings, _overloads), max_size=25)
_weeks = [WeekOnRecord(operator, monday(day_of(START)) + 7 * week, 3, 500_000_000, 3600, 60, 30)
          for operator in ("OP1", "OP2") for week in range(4)]  # fmt: skip


@given(_some, st.randoms(use_true_random=False), st.integers(1, 9))
def test_order_and_batches_change_nothing(some: list[Finding], order: randomly.Random, batch: int) -> None:
    whole = accounts(some, _weeks, LADDER)
    mixed, weeks = some.copy(), _weeks.copy()
    order.shuffle(mixed)
    order.shuffle(weeks)
    books = Books(LADDER)
    for place in range(0, len(mixed), batch):
        books.add_findings(mixed[place : place + batch])
        books.add_weeks(weeks[place : place + batch])
    books.add_weeks(weeks[len(range(0, len(mixed), batch)) * batch :])
    assert books.accounts() == whole
    for name in ("eu", "ocrs"):
        scores = {key: rate_checks(one, read_formula(name), AS_OF) for key, one in whole.items()}
        assert scores == {key: rate_checks(one, read_formula(name), AS_OF) for key, one in books.accounts().items()}


@given(_some, st.one_of(_findings, _overloads), st.sampled_from(("eu", "ocrs")), st.booleans())
def test_more_findings_never_lower_a_score(some: list[Finding], more: Finding, name: str, on_record: bool) -> None:
    """Whether its week is on record or not. A weighing with a finding was weighed before, and was clean then."""
    weeks = _weeks if on_record else [one._replace(vehicles=0, driven_mm=0) for one in _weeks]
    before = rate_checks(accounts(some, weeks, LADDER)[str(more.operator)], read_formula(name), AS_OF)
    after = rate_checks(accounts([*some, more], weeks, LADDER)[str(more.operator)], read_formula(name), AS_OF)
    assert after.value is not None
    assert before.value is None or after.value >= before.value


@pytest.mark.parametrize(("as_of", "first"), [("2026-03-31", "2024-04-01"), ("2026-02-28", "2024-03-04"),
                                              ("2028-02-29", "2026-03-02")])  # fmt: skip
def test_the_window_begins_with_a_whole_week(as_of: str, first: str) -> None:
    day = first_day(read_formula("eu"), date.fromisoformat(as_of))
    assert day == day_of(midnight(date.fromisoformat(first)))
    assert monday(day) == day


def test_the_class_is_that_of_most_vehicles() -> None:
    classes = read_formula("exposure").classes
    assert class_of({"truck": 2, "bus": 1}, classes) == "goods"
    assert class_of({"truck": 1, "bus": 1}, classes) == "goods"
    assert class_of({"coach": 2, "tractor": 1}, classes) == "passenger"
    assert class_of({}, classes) is None


def test_faults_of_files_are_told(tmp_path: Any) -> None:
    assert formula_names() == ["eu", "exposure", "ocrs"]
    for text, old, new in [
        ("no formula 'x'", "", ""),
        ("eu.yaml: figures.decimals: a formula of kind checks has just", "  decimals:", "  digits:"),
        ("eu.yaml: figures.points: graver findings have more points", "serious: 10", "serious: 0"),
        ("eu.yaml: bands.value.0.band: Field required", "band: green}", "name: green}"),
        ("is no interval", '"[0, 101)"', '"0-101"'),
    ]:
        content = (FOLDER / "eu.yaml").read_text(encoding="utf-8")
        (tmp_path / "eu.yaml").write_text(content.replace(old, new) if old else content, encoding="utf-8")
        with pytest.raises(LawError, match=text.replace("(", r"\(")):
            read_formula("eu" if old else "x", tmp_path)
