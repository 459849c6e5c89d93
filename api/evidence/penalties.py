"""What the law takes for a finding, a line for each who answers for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from api.evidence.words import Words


class Penalty(NamedTuple):
    subject: str
    taken: str
    basis: str
    verified: bool


def penalties(law: dict[str, Any], said: Words) -> list[Penalty]:
    """Of the law excerpt of a finding."""
    words = said.penalties
    return [
        Penalty(words.subjects.get(one["subject"], one["subject"]), "; ".join(_parts(one, said)), one[words.citation],
                one["verified"])
        for one in law["consequences"]
    ]  # fmt: skip


def basis(one: Penalty, said: Words) -> str:
    """The citation, and that it was not compared with the law's own text where it was not."""
    return one.basis + ("" if one.verified else f" ({said.penalties.not_verified})")


def _parts(one: dict[str, Any], said: Words) -> Iterator[str]:
    words = said.penalties
    if one["fined"]:
        yield words.fine.format(range=_range(one["fine_vnd"], said))
        if one["organisation_vnd"]:
            yield words.organisation.format(range=_range(one["organisation_vnd"], said))
        if one["points"]:
            yield words.points.format(points=one["points"])
        for name, what in words.suspensions.items():
            if one[name] and any(one[name]):
                yield what.format(range=_range(one[name], said))
    else:
        because = one["because"]
        yield next((worded for begin, worded in words.because.items() if because.startswith(begin)), because)
    if one.get("note"):
        note = one["note"]
        for worded, told in words.notes.items():
            note = note.replace(worded, told)
        yield note


def _range(ends: list[int], said: Words) -> str:
    low, high = (said.number(value, 0) for value in ends)
    return low if low == high else said.penalties.between.format(low=low, high=high)
