"""Findings held against an answer key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cli.fleet.spec import Answer

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
