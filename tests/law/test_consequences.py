"""What follows from each rule's findings in each regime, and of gross and axle mass the heavier."""

from __future__ import annotations

import json
from itertools import permutations

import pytest

from journey.model import Finding, Grade, LawUse
from rules.checks import all_rules
from tests.law.made import CITED, at, attached, finding, told

DAYS = ("2021-06-02", "2023-06-02", "2025-06-02", "2026-08-15")
TIME_2020 = ["driver 3-5 licence 1-3 Art. 24(5)(b)", "owner 4-6 / 8-12 Art. 30(8)(d)"]
TIME_2022 = [f"{text} unverified" for text in TIME_2020]
TIME_2025 = ["driver 3-5 2p Art. 21(5)(b)", "owner 4-6 / 8-12 badge 0-0 Art. 32(9)(d)"]
TIMES = [TIME_2020, TIME_2022, TIME_2025, TIME_2025]

# Rule and band -> what follows in 2021, 2023, 2025 and on 2026-08-15, for a vehicle in goods transport.
FOLLOWS = {
    ("speeding", "5-10"): [["driver 0.8-1 licence 0-0 Art. 5(3)(a)"], ["driver 0.8-1 licence 0-0 Art. 5(3)(a)"],
                           *[["driver 0.8-1 0p licence 0-0 Art. 6(3)(a)"]] * 2],
    ("speeding", "10-20"): [["driver 3-5 licence 1-3 Art. 5(5)(i)"], ["driver 4-6 licence 1-3 Art. 5(5)(i)"],
                            *[["driver 4-6 2p licence 0-0 Art. 6(5)(dd)"]] * 2],
    ("speeding", "20-35"): [["driver 6-8 licence 2-4 Art. 5(6)(a)"], ["driver 6-8 licence 2-4 Art. 5(6)(a)"],
                            *[["driver 6-8 4p licence 0-0 Art. 6(6)(a)"]] * 2],
    ("speeding", "35+"): [["driver 10-12 licence 2-4 Art. 5(7)(c)"], ["driver 10-12 licence 2-4 Art. 5(7)(c)"],
                          *[["driver 12-14 6p licence 0-0 Art. 6(7)(a)"]] * 2],
    ("overload_payload", "10-30"): [
        ["driver 0.8-1 licence 0-0 Art. 24(2)(a)", "owner 2-4 / 4-8 Art. 30(7)(h)", "loader 0.5-1 / 1-2 Art. 28"],
        ["driver 0.8-1 licence 0-0 Art. 24(2)(a)", "owner 2-4 / 4-8 badge 1-3 Art. 30(7)(h)",
         "loader 0.5-1 / 1-2 Art. 28 unverified"],
        *[["driver 0.8-1 0p Art. 21(2)(a)", "owner 4-6 / 8-12 badge 1-3 Art. 32(7)(e)",
           "loader 0.5-1 / 1-2 Art. 26"]] * 2],
    ("overload_payload", "30-50"): [
        ["driver 3-5 licence 1-3 Art. 24(5)(a)", "owner 6-8 / 12-16 Art. 30(9)(d)", "loader 0.5-1 / 1-2 Art. 28"],
        ["driver 3-5 licence 1-3 Art. 24(5)(a)", "owner 6-8 / 12-16 badge 1-3 Art. 30(9)(d)",
         "loader 0.5-1 / 1-2 Art. 28 unverified"],
        *[["driver 3-5 2p Art. 21(5)(a)", "owner 10-12 / 20-24 badge 1-3 Art. 32(11)(b)",
           "loader 0.5-1 / 1-2 Art. 26"]] * 2],
    ("overload_payload", "50-100"): [
        ["driver 5-7 licence 1-3 Art. 24(6)(a)", "owner 14-16 / 28-32 Art. 30(10)(a)", "loader 2-3 / 4-6 Art. 28"],
        ["driver 5-7 licence 1-3 Art. 24(6)(a)", "owner 14-16 / 28-32 badge 1-3 Art. 30(10)(a)",
         "loader 2-3 / 4-6 Art. 28(3)(a) unverified"],
        *[["driver 5-7 4p Art. 21(6)(a)", "owner 20-26 / 40-52 badge 1-3 Art. 32(13)(a)",
           "loader 2-3 / 4-6 Art. 26"]] * 2],
    ("overload_payload", "150+"): [
        ["driver 8-12 licence 3-5 Art. 24(8)(a)", "owner 18-20 / 36-40 Art. 30(12)(a)", "loader 4-5 / 8-10 Art. 28"],
        ["driver 8-12 licence 3-5 Art. 24(8)(a)", "owner 18-20 / 36-40 badge 1-3 Art. 30(12)(a)",
         "loader 4-5 / 8-10 Art. 28 unverified"],
        *[["driver 8-12 10p Art. 21(8)(a)", "owner 65-75 / 130-150 badge 1-3 Art. 32(16)(b)",
           "loader 4-5 / 8-10 Art. 26"]] * 2],
    ("overload_gross", "10-20"): [
        ["driver 2-3 Art. 33"], ["driver 4-6 licence 0-0 Art. 33(2)", "owner 6-8 / 12-16 badge 0-0 Art. 30(9)(dd)"],
        *[["driver 4-6 0p Art. 34(2)", "owner 10-12 / 20-24 badge 0-0 Art. 32(11)(c)"]] * 2],
    ("overload_axle", "20-50"): [
        ["driver 3-5 licence 1-3 Art. 33"],
        ["driver 13-15 licence 1-3 Art. 33(4)(a)", "owner 28-32 / 56-64 badge 1-3 Art. 30(13)(dd)"],
        *[["driver 13-15 2p Art. 34(4)(a)", "owner 28-30 / 56-60 badge 1-3 Art. 32(14)(dd)"]] * 2],
    ("overload_gross", "50+"): [
        [], ["driver 40-50 licence 3-5 Art. 33(5)(a)", "owner 70-75 / 140-150 badge 1-3 Art. 30(14)"],
        *[["driver 40-50 4p Art. 34(5)(a)", "owner 65-75 / 130-150 badge 1-3 Art. 32(16)(a)"]] * 2],
    ("overload_gross", "150+"): [["driver 14-16 licence 3-5 Art. 33"], [], [], []],
    ("continuous_driving", None): TIMES,
    ("daily_driving", None): TIMES,
    ("weekly_driving", None): TIMES,
    ("double_login", None): [["driver 1-2 licence 1-3 Art. 24(3)(b)"],
                             ["driver 1-2 licence 1-3 Art. 24(3)(b) unverified"],
                             *[["driver 1-2 2p Art. 21(3)(a)"]] * 2],
    ("moving_silence", None): [["operator 5-6 / 10-12 Art. 28(6)(c)"],
                               ["operator 5-6 / 10-12 Art. 28(6)(c) unverified"],
                               *[["operator 5-6 / 10-12 Art. 26(7)(a)"]] * 2],
}  # fmt: skip


@pytest.mark.parametrize(("rule", "band"), FOLLOWS)
def test_what_follows_in_each_regime(rule: str, band: str | None) -> None:
    for day, expected in zip(DAYS, FOLLOWS[rule, band], strict=True):
        (one,) = attached(finding(rule, at(day), band))
        assert told(one) == expected, day
        assert ("no_consequence" in one.detail) == (not expected)


def test_every_rule_has_consequences() -> None:
    ids = {rule.id for rule in all_rules()} - {"overload"} | {"overload_payload", "overload_gross", "overload_axle"}
    assert {rule for rule, _ in FOLLOWS} == ids


@pytest.mark.parametrize("rule", sorted({rule for rule, _ in FOLLOWS}))
def test_the_regime_changes_at_local_midnight(rule: str) -> None:
    band = next(band for name, band in FOLLOWS if name == rule)
    for day, decree in (("2025-01-01", "168/2024"), ("2022-01-01", "123/2021")):
        before, after = (told_decree(finding(rule, at(day) + second, band)) for second in (-1, 0))
        assert decree not in before
        assert decree in after


def told_decree(one: Finding) -> str:
    (stated,) = attached(one)
    return " ".join(consequence["citation"] for consequence in stated.detail["consequences"])


@pytest.mark.parametrize("rule", sorted({rule for rule, _ in FOLLOWS}))
def test_before_2020_nothing_is_stated_and_that_is_said(rule: str) -> None:
    band = next(band for name, band in FOLLOWS if name == rule)
    (one,) = attached(finding(rule, at("2020-01-01") - 1, band))
    assert one.detail == {"consequences": [],
                          "no_consequence": "the law files state no penalty before 2020-01-01"}  # fmt: skip


def test_a_possible_finding_has_none() -> None:
    one = finding("continuous_driving", at("2025-06-02"), grade=Grade.POSSIBLE)
    assert attached(one) == [one]


def test_a_rule_without_penalties_is_said_to_have_none() -> None:
    (one,) = attached(finding("new_rule", at("2025-06-02")))
    assert one.detail["no_consequence"] == "the law files state no penalty for this rule"


def test_the_article_follows_the_business() -> None:
    for business in ("fixed_route", "bus", "contract", "tourist", "taxi", "goods", "container"):
        (one,) = attached(finding("daily_driving", at("2025-06-02")), business=business)
        article = "Art. 21(5)(b)" if business in ("goods", "container") else "Art. 20(6)(d)"
        assert told(one)[0] == f"driver 3-5 2p {article}"


def test_of_an_unknown_business_the_milder_article_stands_and_says_so() -> None:
    (one,) = attached(finding("double_login", at("2025-06-02")), business=None)
    (only,) = one.detail["consequences"]
    assert only["note"] == (
        "the use of a card is found, not the person who used it; business of the vehicle not known: the milder of the "
        "articles for passengers and for goods"
    )
    assert (only["citation"], only["or"]) == ("Decree 168/2024/ND-CP, Art. 20(5)(k)", ["Art. 21(3)(a)"])


def test_duties_are_named() -> None:
    duties = {rule: attached(finding(rule, at("2025-06-02")))[0].detail["consequences"][0]["duty"]
              for rule in ("double_login", "moving_silence")}  # fmt: skip
    assert duties == {"double_login": "driver", "moving_silence": "operator"}


def test_a_consequence_leans_on_every_figure_of_its_finding() -> None:
    doubtful = LawUse("speed.sign", 60, "km/h", "2025-01-01", "Circular 38/2024/TT-BGTVT, Art. 4", False)
    (one,) = attached(finding("speeding", at("2025-06-02"), "35+", uses=(CITED, doubtful)))
    assert told(one) == ["driver 12-14 6p licence 0-0 Art. 6(7)(a) unverified"]


def test_the_loader_of_a_liquid_tank() -> None:
    bands = LawUse("overload.payload_bands_liquid_tank", "20-30", "percent", "2025-01-01", "Decree 168/2024", True)
    (one,) = attached(finding("overload_payload", at("2025-06-02"), "20-30", uses=(bands,)))
    assert told(one)[2] == "loader 0.5-1 / 1-2 Art. 26"
    assert one.detail["consequences"][2]["note"] == "who loaded the vehicle is not in the record"


def test_a_permit_of_ones_own_exceeded_is_another_clause() -> None:
    for day, expected in (
        ("2021-06-02", []),
        ("2023-06-02", ["driver 13-15 licence 2-4 Art. 33(4)(b)", "owner 28-32 / 56-64 badge 1-3 Art. 30(13)(e)"]),
        ("2025-06-02", ["driver 13-15 3p Art. 34(4)(b)", "owner 28-30 / 56-60 badge 1-3 Art. 32(14)(e)"]),
    ):
        for band in ("10-20", "20-50"):
            (one,) = attached(finding("overload_gross", at(day), band, limit_by="circulation permit"))
            assert told(one) == expected


def test_an_axle_below_twenty_percent_is_not_fined_and_may_count_for_the_badge() -> None:
    (one,) = attached(finding("overload_axle", at("2025-06-02"), "10-20", fine="none"))
    assert told(one) == ["driver not fined Art. 34(2)", "owner not fined Art. 32(11)(c)"]
    assert one.detail["consequences"][0]["because"] == (
        "in this band the article fines gross mass only; the weighing may count towards the badge "
        "(Decree 158/2024/ND-CP, Art. 23(10)(d))"
    )
    (before,) = attached(finding("overload_axle", at("2023-06-02"), "10-20", fine="none"))
    assert before.detail["consequences"][0]["because"] == "in this band the article fines gross mass only"


NOT_FINED = {
    "2021-06-02": ["driver not fined Art. 80(4) unverified"],
    "2023-06-02": ["driver not fined Art. 80(4)", "owner not fined Art. 30(13)(dd), (14) unverified"],
    "2025-06-02": ["driver not fined Art. 47(4)", "owner not fined Art. 32(14)(dd), (16)(a) unverified"],
    "2026-08-15": ["driver not fined Art. 47(4)", "owner not fined Art. 32(14)(dd), (16)(a) unverified"],
}
LIGHT, HEAVY = ("20-50", 12_100), ("50+", 15_100)


@pytest.mark.parametrize("day", NOT_FINED)
@pytest.mark.parametrize(
    ("gross", "axle", "lesser"),
    [
        (LIGHT, HEAVY, "overload_gross"),  # the higher fine
        (HEAVY, LIGHT, "overload_axle"),
        (("20-50", 12_100), ("20-50", 12_200), "overload_gross"),  # the higher excess
        (("20-50", 12_200), ("20-50", 12_100), "overload_axle"),
        (("20-50", 12_100), ("20-50", 12_100), "overload_axle"),  # equal: the gross mass stands
    ],
)
def test_of_gross_and_axle_the_heavier_is_fined(
    day: str, gross: tuple[str, int], axle: tuple[str, int], lesser: str
) -> None:
    band = {"50+": "50-100"} if day < "2022" else {}
    pair = [
        finding(rule, at(day), band.get(one[0], one[0]), measured=one[1], record="r1")
        for rule, one in (("overload_gross", gross), ("overload_axle", axle))
    ]
    other = finding("overload_payload", at(day), "30-50", record="r1")
    for order in permutations([*pair, other]):
        by_rule = {one.rule: one for one in attached(*order)}
        assert told(by_rule[lesser]) == NOT_FINED[day]
        heavier = next(one.rule for one in pair if one.rule != lesser)
        assert by_rule[lesser].detail["consequences"][0]["because"].endswith(f"the heavier: that of {heavier}")
        assert all(one["fined"] for one in by_rule[heavier].detail["consequences"])
        assert all(one["fined"] for one in by_rule["overload_payload"].detail["consequences"])


@pytest.mark.parametrize("change", ["another weighing", "band below", "permit", "possible"])
def test_each_is_fined_where_the_rule_does_not_reach(change: str) -> None:
    time = at("2025-06-02")
    gross = finding(
        "overload_gross",
        time,
        "10-20" if change == "band below" else "20-50",
        measured=11_900,
        record="r1",
        limit_by="circulation permit" if change == "permit" else "rigid",
        grade=Grade.POSSIBLE if change == "possible" else Grade.CERTAIN,
    )
    record = "r2" if change == "another weighing" else "r1"
    axle = finding("overload_axle", time, "20-50", measured=12_500, record=record)
    for one in attached(gross, axle):
        assert all(consequence["fined"] for consequence in one.detail.get("consequences", []))


def test_consequences_are_plain_and_do_not_depend_on_what_else_is_judged() -> None:
    findings = [finding(rule, at(day), band, record="r1") for rule, band in FOLLOWS for day in DAYS]
    alone = [attached(one)[0] for one in findings if not one.rule.startswith("overload_")]
    together = [one for one in attached(*findings) if not one.rule.startswith("overload_")]
    assert together == alone
    for one in attached(*findings):
        assert json.loads(json.dumps(one.detail)) == one.detail
        assert one.id == next(other.id for other in findings if other.id == one.id)


def test_no_finding_no_consequence() -> None:
    assert attached() == []
