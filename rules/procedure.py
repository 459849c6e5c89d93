"""What follows, and by when, once the Department signs the decision to revoke a vehicle's badge.

Law:   vehicle_badge.* in force on the day of signing; of an operator's licence licence.*, rollups.operator_share_min.
Units: local days.  Shape: day of signing, and what is known besides -> dates, each with the figure it rests on.
Gaps:  where no law on file states a figure for that day there is no date, and the step says so. All of it is planning
       on a proposal: what binds is the decision as signed, and its day.

How days are counted is our reading; the texts found do not say it. Days are calendar days, and the day of the event
(signing, hand-back, report of a loss) is not counted. A month ends on the same day of the month aimed at, or on its
last where it is shorter. Where it is open whether the last day belongs to a term, the operator has it: it belongs to a
term that he must keep (handed back on the 10th day is in time), and not to one that he must wait for or that makes
things worse (a new badge on the 30th day; a revocation 6 months to the day after another is not the second within 6
months). Neither does a revocation count as the first of two that was signed before the law counted them.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from journey.localtime import midnight
from journey.model import LawUse
from rules.law import Dated, Law

_PUBLISHED, _HANDED_BACK = "vehicle_badge.published_within", "vehicle_badge.handed_back_within"
_REVOKED, _AGAIN = "vehicle_badge.revoked_for", "vehicle_badge.again_within"
_NEW, _OBEYED = "vehicle_badge.new_badge_after", "vehicle_badge.none_until_obeyed"
_SHARE, _SHARE_BEFORE = "rollups.operator_share_min", "licence.vehicles_2020"
_OTHER_GROUNDS = ("licence.tampering", "licence.suspensions_min")
_MONTHS = 12


class HandBack(NamedTuple):
    """The day on which the badge was handed back, or on which it was reported lost."""

    day: date
    lost: bool = False


class Step(NamedTuple):
    """One date. day: None where there is none; law: None where no law on file states it for the day of signing."""

    name: str
    day: date | None
    law: LawUse | None
    text: str


@dataclass(frozen=True, slots=True)
class Procedure:
    """The dates of one decision, in order of the procedure. again: it is the second within the law's time."""

    signed: date
    again: bool
    steps: tuple[Step, ...]


def procedure(law: Law, signed: date, earlier: date | None = None, handed_back: HandBack | None = None) -> Procedure:
    """The dates that follow a decision signed on a day.

    Args: earlier: day of signing of the latest revocation before it of the same vehicle. handed_back: where it is not
    known yet, what each manner of hand-back would bring. Raises ValueError for days out of order.
    """
    if earlier is not None and earlier >= signed:
        raise ValueError(f"the earlier revocation, {earlier}, is not before the day of signing, {signed}")
    if handed_back is not None and handed_back.day < signed:
        raise ValueError(f"the badge was handed back on {handed_back.day}, before the day of signing, {signed}")
    again = _is_again(law, signed, earlier)
    steps = (
        _term(law, signed, "published_by", _PUBLISHED, "the Department has published the decision"),
        _term(law, signed, "handed_back_by", _HANDED_BACK, "last day of using the vehicle and handing the badge back"),
        _term(law, signed, "revoked_until", _REVOKED, "the badge is revoked until this day"),
        _term(law, signed, "again_until", _AGAIN, "a revocation signed before this day is the second within the time"),
        *_new_badge(law, signed, again, handed_back),
        _stated(law, signed, "none_until_obeyed", _OBEYED),
    )
    return Procedure(signed, again, steps)


def again_window(law: Law, day: date) -> int:
    """Months within which a second revocation counts as such by the law of a day; 0 where no law states them."""
    window = _at(law, _AGAIN, day)
    return 0 if window is None or window.unit != "month" else int(window.value)


def licence_review(law: Law, day: date) -> tuple[Step, ...]:
    """On what grounds an operator's licence is revoked by the law of a day. Dates of a review are on file for none."""
    share = _SHARE if _at(law, _SHARE, day) is not None else _SHARE_BEFORE
    named = [_stated(law, day, path.partition(".")[2], path) for path in (share, *_OTHER_GROUNDS)]
    return (*named, Step("review_dates", None, None, "the law files state no dates for the review of a licence"))


def _is_again(law: Law, signed: date, earlier: date | None) -> bool:
    window = _at(law, _AGAIN, signed)
    if earlier is None or window is None or _at(law, _AGAIN, earlier) is None:
        return False
    return signed < _after(earlier, window)


def _new_badge(law: Law, signed: date, again: bool, handed_back: HandBack | None) -> Iterator[Step]:
    """From when there may be a new badge: of the manner of hand-back that is known, else of each."""
    waits, last = _at(law, _NEW, signed), _at(law, _HANDED_BACK, signed)
    if waits is None or last is None:
        yield _unstated(law, signed, "new_badge_from", _NEW if waits is None else _HANDED_BACK)
        return
    deadline, time = _after(signed, last), "again" if again else "first"
    manners = {"in_time": waits.value["in_time"][time], "late": waits.value["late"][time], "lost": waits.value["lost"]}
    if handed_back is not None:
        manner = "lost" if handed_back.lost else "late" if handed_back.day > deadline else "in_time"
        day = handed_back.day + timedelta(days=manners[manner])
        text = f"a new badge from this day: {_wait(waits, manners[manner], manner)}, {handed_back.day}"
        yield Step("new_badge_from", day, waits.use(manners[manner]), text)
        return
    for manner, days in manners.items():
        text = f"a new badge {_wait(waits, days, manner)}"
        if manner == "in_time":
            text += f"; after hand-back on the last day, {deadline}, from {deadline + timedelta(days=days)}"
        yield Step(f"new_badge_{manner}", None, waits.use(days), text)


def _wait(waits: Dated, days: int, manner: str) -> str:
    event = {"in_time": "hand-back in time", "late": "late hand-back", "lost": "the report of its loss"}[manner]
    return f"{_counted(days, waits)} after {event}"


def _term(law: Law, signed: date, name: str, path: str, text: str) -> Step:
    dated = _at(law, path, signed)
    if dated is None:
        return _unstated(law, signed, name, path)
    return Step(name, _after(signed, dated), dated.use(), f"{text}: {_counted(dated.value, dated)} after signing")


def _stated(law: Law, day: date, name: str, path: str) -> Step:
    """What the law states without a date."""
    dated = _at(law, path, day)
    if dated is None:
        return _unstated(law, day, name, path)
    said = dated.printed if law.about[path].shape == "text" else f"{law.about[path].description}: {dated.printed}"
    return Step(name, None, dated.use(), said if dated.unit == "none" else f"{said} {dated.unit}")


def _unstated(law: Law, day: date, name: str, path: str) -> Step:
    dated = law.at(path, midnight(day))
    if dated is None:
        said = f"no law on file states it before {law.dated(path)[0].effective_from}"
    else:
        said = f"what is in force from {dated.effective_from} is not known"
    return Step(name, None, None, f"{path}: {said}")


def _counted(number: int, dated: Dated) -> str:
    return f"{number} {dated.unit}{'' if number == 1 else 's'}"


def _at(law: Law, path: str, day: date) -> Dated | None:
    dated = law.at(path, midnight(day))
    return None if dated is None or dated.value is None else dated


def _after(day: date, term: Dated) -> date:
    """The last day of a term of days or months, the day of the event not counted. Raises ValueError for other units."""
    if term.unit == "day":
        return day + timedelta(days=term.value)
    if term.unit != "month":
        raise ValueError(f"{term.path}: counted in {term.unit}, not in days or months")
    years, month = divmod(day.month - 1 + term.value, _MONTHS)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
