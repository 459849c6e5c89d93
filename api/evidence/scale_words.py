"""What a package says of a scale that showed something else than under its certificate at first, in both languages.

No figure of the finding changes by it. An alternative is given where the scale showed too much: the same mass less the
shift, as if it were that of every axle; only of the steering axles is it known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from api.evidence.dossier import Dossier
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


def drifts_vi(dossier: Dossier, number: Callable[[float, int], str], when: Callable[[int], str]) -> Iterator[str]:
    for one in dossier.drifts:
        high = one.direction == "high"
        yield (f"Thiết bị cân (làn {_or(one.lane)}, thiết bị {_or(one.instrument)}) bị cảnh báo lệch: từ "
               f"{when(one.since)} cho số {'cao' if high else 'thấp'} hơn lúc mới kiểm định "
               f"{number(abs(one.shift_permille), 0)} phần nghìn (trung bình trục dẫn hướng); đạt mức báo động lúc "
               f"{when(one.alarmed_at)}{', sau lần cân này' if one.alarmed_at > dossier.finding.at else ''}. "
               "Trị số của phát hiện không thay đổi vì điều này.")  # fmt: skip
        if high and dossier.weighed is not None:
            less, over = less_shift(dossier.finding, dossier.weighed.gross_kg, one.shift_permille)
            yield (f"Nếu mọi trục đều lệch như vậy: {number(dossier.finding.measured, 0)} kg còn {number(less, 0)} "
                   f"kg, {'vẫn vượt' if over else 'không vượt'} giới hạn "
                   f"{number(dossier.finding.limit, 0)} kg.")  # fmt: skip


def drifts_en(dossier: Dossier, number: Callable[[float, int], str], when: Callable[[int], str]) -> Iterator[str]:
    for one in dossier.drifts:
        high = one.direction == "high"
        yield (f"The scale (lane {_or(one.lane)}, instrument {_or(one.instrument)}) is in alarm: since "
               f"{when(one.since)} it showed {number(abs(one.shift_permille), 0)} per mille "
               f"{'more' if high else 'less'} than when it was certified (mean of steering axles); the alarm was "
               f"reached at {when(one.alarmed_at)}"
               f"{', after this weighing' if one.alarmed_at > dossier.finding.at else ''}. No figure of the finding "
               "changes by it.")  # fmt: skip
        if high and dossier.weighed is not None:
            less, over = less_shift(dossier.finding, dossier.weighed.gross_kg, one.shift_permille)
            yield (f"If every axle were off by as much: {number(dossier.finding.measured, 0)} kg become "
                   f"{number(less, 0)} kg, {'still' if over else 'not'} above the limit of "
                   f"{number(dossier.finding.limit, 0)} kg.")  # fmt: skip


def _or(value: object) -> str:
    return "–" if value is None else str(value)
