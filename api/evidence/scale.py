"""What a package says of a scale that showed something else than under its certificate at first.

No figure of the finding changes by it. An alternative is given where the scale showed too much: the same mass less the
shift, as if it were that of every axle; only of the steering axles is it known.
"""

from __future__ import annotations

from collections.abc import Iterator

from api.evidence.dossier import Dossier
from api.evidence.words import Words
from journey.model import Finding, Grade

_PERMILLE = 1000


def in_doubt(dossier: Dossier) -> bool:
    """Whether a certain finding rests on a scale in alarm that showed too much: then it is for review only."""
    return dossier.finding.grade == Grade.CERTAIN and any(one.direction == "high" for one in dossier.drifts)


def less_shift(finding: Finding, gross_kg: int, shift_permille: int) -> tuple[int, bool]:
    """What was measured with the shift taken off what was weighed, kg rounded down; whether that is above the limit.

    Args: gross_kg: as judged; of it a cargo is the rest, so that its whole shift is taken off the cargo.
    """
    measured = int(finding.measured)
    weighed = measured if finding.rule == "overload_axle" else gross_kg
    less = measured - weighed + weighed * _PERMILLE // (_PERMILLE + shift_permille)
    return less, less > finding.limit


def drifts(dossier: Dossier, said: Words) -> Iterator[str]:
    """What was learned of the scale; where it showed too much, what would be left without the shift."""
    words, finding = said.doubts, dossier.finding
    for one in dossier.drifts:
        yield words.drift.format(
            lane=_or(one.lane), instrument=_or(one.instrument), since=said.when(one.since),
            shift=said.number(abs(one.shift_permille), 0), way=words.drift_ways[one.direction],
            alarmed=said.when(one.alarmed_at), later=words.drift_later if one.alarmed_at > finding.at else "",
        )  # fmt: skip
        if one.direction == "high" and dossier.weighed is not None:
            less, over = less_shift(finding, dossier.weighed.gross_kg, one.shift_permille)
            yield words.drift_less.format(
                measured=said.number(finding.measured, 0), less=said.number(less, 0),
                verdict=words.drift_verdicts[over], limit=said.number(finding.limit, 0),
            )  # fmt: skip


def _or(value: object) -> str:
    return "–" if value is None else str(value)
