"""Answers and findings meet one to one."""

from typing import Any

from cli.fleet import Answer, match


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
