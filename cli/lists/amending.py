"""Amendments: where the store says something else by now than a published list with the amendments so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from api.exports import rendered
from api.exports.amendment import AmendedEntry, Amendment, Change, ordered
from api.exports.publication import file_stem
from cli.lists.publishing import Place, Terms, at_once, find_place
from cli.lists.sealing import sealed
from cli.lists.weekly import AUTHORITY, PLACE, bounds
from cli.reference import InputError
from cli.root import code_version
from journey.casework import Outcome
from journey.model import Grade
from journey.registry import Operator
from rules.law import Law
from storage.cases.reading import publishable
from storage.database import Connection
from storage.findings import finding_of
from storage.lists.history import Current, Withdrawal, case_outcomes, current_findings, withdrawals
from storage.lists.published import Entry, Published, Standing, add_published, published_of, standing
from storage.registry import load_registry
from storage.stations.instruments import doubted

DATA = "late or corrected data"
UNRECORDED = "unrecorded"  # no run withdrew it: the store was changed by hand
CASE = "case"  # people's work on its case
AGAINST = frozenset({Outcome.OVERTURNED, Outcome.DISMISSED, Outcome.LAPSED})
INSTRUMENT = "instrument"  # what it was weighed with is in alarm, and shows too much
GRADE = "grade"  # it holds only under an unfavourable reading now


def amend(connection: Connection, law: Law, week: str, terms: Terms) -> Published | None:
    """Publish what differs by now from a week's list as its next amendment; None where nothing does.

    Raises InputError where no list was published, or where the week is not wholly judged and `terms` do not let that
    through.
    """
    return at_once(connection, lambda: _amend(connection, law, week, terms))


def _amend(connection: Connection, law: Law, week: str, terms: Terms) -> Published | None:
    before = published_of(connection, week)
    if not before:
        raise InputError(f"{week}: no list was published, so that there is nothing to amend: `hanhtrinh list publish`")
    place = find_place(connection, law, week, terms)
    entries = differences(connection, before[-1], place.made_at)
    if not entries:
        return None
    ordinal = before[-1].amendment + 1
    name = file_stem(week, ordinal)
    operators = {one.id: one for one in load_registry(connection).operators}
    content = _content(week, before, place, entries, operators, len(standing(connection, week)), terms, law)
    files = rendered(content, name, "amendment")
    published = sealed(place.published(law, week, ordinal), name, files, entries, terms.key)
    add_published(connection, published, entries, files)
    return published


def differences(connection: Connection, last: Published, at: int) -> list[Entry]:
    """What the store says at `at` (s UTC) otherwise than a week's list after its amendments, `last` the last one.

    Inside the open transaction; in the order of the findings' ids.
    """
    start, end = bounds(last.week)
    stood = standing(connection, last.week)
    current = {one.finding: one for one in current_findings(connection, start, end)}
    allowed = publishable(connection, current, at)
    doubts = doubted(connection, current)
    outcomes = case_outcomes(connection, current.keys() | stood.keys())
    # A case that is opened over what was published does not take it back; one that is decided against it does.
    stands = {
        id_: one
        for id_, one in current.items()
        if id_ in allowed
        or (
            id_ in stood
            and one.grade == Grade.CERTAIN
            and id_ not in doubts
            and (id_ not in outcomes or outcomes[id_] not in AGAINST)
        )
    }
    gone = {id_ for id_, one in stood.items() if id_ not in stands or stands[id_].content != one.content}
    history = withdrawals(connection, gone)
    entries = [_added(one, last, id_ in outcomes) for id_, one in stands.items() if id_ not in stood]
    for id_ in gone:
        since = [one for one in history[id_] if one.row >= stood[id_].row]
        entries.append(_gone(stood[id_], since, current.get(id_), outcomes.get(id_), id_ in stands, id_ in doubts))
    return sorted(entries, key=lambda entry: entry.finding)


def _added(one: Current, last: Published, by_case: bool) -> Entry:
    # That the rulebook is another one is in the record; that data came late is what is left.
    changed = [
        name
        for name, differs in (
            (CASE, by_case),
            ("method", one.method != last.method),
            ("law", one.method == last.method and one.law_version != last.law_version),
            ("code", one.code_version != last.code_version),
        )
        if differs
    ]
    reason = ", ".join(changed) or DATA
    return Entry(one.finding, Change.ADDED, one.content, one.body, one.row, None, None, reason, one.run_id)


def _gone(
    stood: Standing,
    since: list[Withdrawal],
    current: Current | None,
    outcome: str | None,
    stands: bool,
    in_doubt: bool,
) -> Entry:
    """What is no longer said as it was: changed where the finding still `stands`, else withdrawn."""
    reasons = [part for withdrawal in since for part in withdrawal.reason.split(", ")]
    if not stands and outcome in AGAINST:
        reasons.append(CASE)
    elif not stands and current is not None:
        reasons.append(INSTRUMENT if in_doubt and current.grade == Grade.CERTAIN else GRADE)
    reason = ", ".join(dict.fromkeys(reasons)) or UNRECORDED
    row, run_id = (since[-1].row, since[-1].run_id) if since else (stood.row, current.run_id if current else "")
    withdrawn = Entry(stood.finding, Change.WITHDRAWN, None, None, row, stood.content, stood.body, reason, run_id)
    if not stands or current is None:
        return withdrawn
    return replace(
        withdrawn,
        change=Change.CHANGED,
        content=current.content,
        body=current.body,
        row=current.row,
        run_id=current.run_id,
    )


def _content(
    week: str,
    before: list[Published],
    place: Place,
    entries: list[Entry],
    operators: dict[str, Operator],
    listed: int,
    terms: Terms,
    law: Law,
) -> Amendment:
    start, end = bounds(week)
    shown = tuple(_shown(entries))
    count = {change: sum(entry.change == change for entry in shown) for change in Change}
    return Amendment(
        week=week,
        start=start,
        end=end,
        ordinal=before[-1].amendment + 1,
        made_at=place.made_at,
        authority=AUTHORITY,
        place=PLACE,
        law_version=law.version,
        method=law.method_name,
        code_version=code_version(),
        amends=tuple((one.title, one.made_at) for one in before),
        publication=place.publication(week, terms),
        listed_before=listed,
        listed_after=listed + count[Change.ADDED] - count[Change.WITHDRAWN],
        operators=operators,
        entries=ordered(shown, operators),
    )


def _shown(entries: Iterable[Entry]) -> Iterable[AmendedEntry]:
    for one in entries:
        yield AmendedEntry(
            change=Change(one.change),
            id=one.finding,
            now=finding_of(one.body) if one.body else None,
            before=finding_of(one.before_body) if one.before_body else None,
            reasons=tuple((one.reason or "").split(", ")),
            run=one.run_id,
        )
