"""Answers and findings meet one to one."""

from typing import Any

from cli.fleet import Answer, ReviewAnswer, ReviewResult, match, match_reviews


def answer(at_from: int, at_to: int, **other: Any) -> Answer:
    return Answer(**({  # type: ignore[typeddict-item]
        "rule": "speeding", "grade": "certain", "vehicle": "12C12345", "driver": None, "operator": "DV01",
        "band": "5-10", "at_from": at_from, "at_to": at_to, "why": "",
    } | other))  # fmt: skip


def finding(at: int, **other: Any) -> dict[str, Any]:
    return {"rule": "speeding", "grade": "certain", "vehicle": "12C12345", "driver": None, "operator": "DV01",
            "band": "5-10", "at": at, "detail": {}} | other  # fmt: skip


def test_an_answer_takes_one_finding_and_the_next_is_extra() -> None:
    result = match([answer(10, 20)], [finding(20), finding(10), finding(21)])
    assert [f["at"] for _, f in result.found] == [10]
    assert result.missing == []
    assert [f["at"] for f in result.extra] == [20, 21]


def test_overlapping_times_are_matched_as_far_as_possible() -> None:
    result = match([answer(0, 100), answer(0, 10)], [finding(50), finding(5)])
    assert len(result.found) == 2
    assert result.extra == result.missing == []


def test_each_field_must_be_equal() -> None:
    for name in ("rule", "grade", "vehicle", "driver", "operator", "band"):
        result = match([answer(0, 9)], [finding(5, **{name: "other"})])
        assert (len(result.found), len(result.missing), len(result.extra)) == (0, 1, 1), name


def test_no_answers_and_no_findings() -> None:
    result = match([], [])
    assert (result.found, result.missing, result.extra) == ([], [], [])


def at_scale(at: int, *, planted: bool = True, kind: str = "detour") -> ReviewAnswer:
    return ReviewAnswer(kind=kind, vehicle="12C12345", operator="DT01", station="KT1", at_from=at - 9, at_to=at + 9,
                        planted=planted, why="")  # fmt: skip


def review(at: int, excuse: str | None = None, **other: Any) -> dict[str, Any]:
    return {"kind": "detour", "vehicle": "12C12345", "operator": "DT01", "station": "KT1", "at": at,
            "excuse": excuse} | other  # fmt: skip


def test_reviews_are_counted_by_what_the_key_says_of_them() -> None:
    key = [at_scale(100), at_scale(200), at_scale(300, planted=False), at_scale(400, planted=False)]
    found = [review(109), review(290), review(400, "stop"), review(110, vehicle="12C99999")]
    result = match_reviews(key, found)["detour"]
    # That at 290 is just too early for the look-alike at 300, that of another vehicle is nobody's: both are extra.
    assert result == ReviewResult(planted=2, found=1, extra=2, innocent=2, look_alikes=0, excused=1)
    assert match_reviews(key, [review(291)])["detour"] == ReviewResult(2, 0, 1, 2, 1, 0)
    assert (result.precision, result.recall) == (1 / 3, 1 / 2)


def test_an_excused_review_finds_nobody_and_accuses_nobody() -> None:
    result = match_reviews([at_scale(100)], [review(100, "full")])["detour"]
    assert (result.found, result.extra, result.precision, result.recall) == (0, 0, None, 0.0)
    assert match_reviews([], [review(5, kind="wait")]) == {"wait": ReviewResult(0, 0, 1, 0, 0, 0)}
