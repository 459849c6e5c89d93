"""The weeks of drivers, and of vehicles without one, whose activities changed: judged anew, and only those."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from cli.checking.drivers import BLOCK_RULES, PERIOD_RULES, Span, Subject, judge
from cli.checking.spans import MARGIN_DAYS
from journey.localtime import DAY_S, week_of, week_start
from rules.engine import Known
from rules.law import Law
from storage.activities import Affected, load_activities
from storage.database import Connection
from storage.findings import Changes, Scope, replace_findings
from storage.windows import lock_drivers

_DATA = "late or corrected data"  # why a finding goes where law, method and code are those that gave it


def judge_weeks(
    connection: Connection, affected: Iterable[Affected], known: Known, law: Law, run_id: str
) -> list[Changes]:
    """The driver floor over the weeks of every driver, and driverless vehicle, whose activities changed."""
    spans: dict[Span, list[Subject]] = defaultdict(list)
    for subject, some in weeks_of(affected).items():
        for span in some:
            spans[span].append(subject)
    if not spans:
        return []
    lock_drivers(connection, {licence for some in spans.values() for licence, _ in some if licence})
    changes: list[Changes] = []
    # Those of the same weeks together, so that of nobody more is loaded than is looked at.
    for span, subjects in sorted(spans.items()):
        left = dict.fromkeys(subjects, span)
        margin = MARGIN_DAYS * DAY_S
        while left:
            done, made = _judge_once(connection, left, (span[0] - margin, span[1] + margin), known, law, run_id)
            changes.append(made)
            left = {subject: span for subject in left if subject not in done}
            margin *= 4
    return changes


def weeks_of(affected: Iterable[Affected]) -> dict[Subject, list[Span]]:
    """Whole weeks of each subject, as spans that do not touch."""
    numbers: defaultdict[Subject, set[int]] = defaultdict(set)
    for one in affected:
        numbers[one.licence, one.plate].update(range(week_of(one.start), week_of(one.end - 1) + 1))
    result = {}
    for subject, weeks in numbers.items():
        begins = sorted(week for week in weeks if week - 1 not in weeks)
        ends = sorted(week + 1 for week in weeks if week + 1 not in weeks)
        result[subject] = [(week_start(a), week_start(b)) for a, b in zip(begins, ends, strict=True)]
    return result


def _judge_once(
    connection: Connection, weeks: dict[Subject, Span], loaded: Span, known: Known, law: Law, run_id: str
) -> tuple[set[Subject], Changes]:
    """Judge those of the drivers whose blocks end inside what is loaded; who they were."""
    licences, plates = [name for name, _ in weeks if name], [plate for _, plate in weeks if plate]
    named = load_activities(connection, licences, plates, *loaded)
    findings, spans = judge(named, weeks, loaded, known, law)
    scopes = []
    for (licence, plate), span in spans.items():
        week = weeks[licence, plate]
        scopes.append(Scope(BLOCK_RULES, plate, licence, *span, driverless=licence is None))
        scopes.append(Scope(PERIOD_RULES, plate, licence, *week, by="at", driverless=licence is None))
    return set(spans), replace_findings(connection, run_id, scopes, findings, _DATA)
