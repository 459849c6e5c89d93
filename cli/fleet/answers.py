"""Findings held against an answer key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cli.fleet.spec import Answer, ReviewAnswer

_EQUAL = ("rule", "grade", "vehicle", "driver", "operator", "band")


@dataclass(frozen=True, slots=True)
class Result:
    """found: answers with their finding; missing: answers without one; extra: findings that answer nothing."""

    found: list[tuple[Answer, Mapping[str, Any]]]
    missing: list[Answer]
    extra: list[Mapping[str, Any]]


def match(key: Iterable[Answer], findings: Iterable[Mapping[str, Any]]) -> Result:
    """Give each answer one finding: equal in rule, grade, vehicle, driver, operator and band, and in its time."""
    open_: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for finding in sorted(findings, key=lambda finding: int(finding["at"])):
        open_.setdefault(tuple(finding[name] for name in _EQUAL), []).append(finding)
    found: list[tuple[Answer, Mapping[str, Any]]] = []
    missing: list[Answer] = []
    # The answer whose time ends first takes the earliest finding: no other order can match more.
    for answer in sorted(key, key=lambda answer: (answer["at_to"], answer["at_from"])):
        group = open_.get((answer["rule"], *(answer[name] for name in _EQUAL[1:])), [])  # type: ignore[literal-required]
        fits = [n for n, finding in enumerate(group) if answer["at_from"] <= finding["at"] <= answer["at_to"]]
        if fits:
            found.append((answer, group.pop(fits[0])))
        else:
            missing.append(answer)
    return Result(found, missing, [finding for group in open_.values() for finding in group])


class ReviewResult(NamedTuple):
    """Of one kind of review. extra: open reviews of nobody planted; of these `look_alikes` name a planted innocent.

    innocent: look-alikes in the key; excused: those of which there is a review that the record makes innocent.
    """

    planted: int
    found: int
    extra: int
    innocent: int
    look_alikes: int
    excused: int

    @property
    def precision(self) -> float | None:
        return self.found / (self.found + self.extra) if self.found + self.extra else None

    @property
    def recall(self) -> float | None:
        return self.found / self.planted if self.planted else None


def match_reviews(key: Iterable[ReviewAnswer], reviews: Iterable[Mapping[str, Any]]) -> dict[str, ReviewResult]:
    """Reviews (kind, vehicle, station, operator, at, excuse) held against the key, by kind."""
    open_ = [dict(one) for one in reviews]
    counts: dict[str, list[int]] = {}
    for answer in sorted(key, key=lambda one: (one["at_to"], one["vehicle"])):
        planted, found, _, innocent, alike, excused = range(6)
        count = counts.setdefault(answer["kind"], [0] * 6)
        count[planted if answer["planted"] else innocent] += 1
        fits = next((one for one in open_ if _answers(answer, one)), None)
        if fits is None:
            continue
        if answer["planted"] and fits["excuse"] is None:
            count[found] += 1
            open_.remove(fits)
        elif not answer["planted"]:
            count[excused if fits["excuse"] else alike] += 1
    for one in open_:
        if one["excuse"] is None:
            counts.setdefault(one["kind"], [0] * 6)[2] += 1
    return {kind: ReviewResult(*count) for kind, count in sorted(counts.items())}


def _answers(answer: ReviewAnswer, review: Mapping[str, Any]) -> bool:
    same = all(answer[name] == review[name] for name in ("kind", "vehicle", "station", "operator"))
    return same and answer["at_from"] <= review["at"] <= answer["at_to"]
