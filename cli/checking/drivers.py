"""The driver floor over weeks: every driver judged from break to break, however the activities were come by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from cli.checking.spans import of_registered
from journey.model import Finding
from journey.track import ACTIVITY, NO_DRIVER
from rules.activity import merge
from rules.checks import rules_of
from rules.engine import Known, driver_floor
from rules.law import Law
from rules.streams import driving_or_bridged, streams, unite

Subject = tuple[str | None, str | None]  # a licence, or the plate of a vehicle while its driver is unknown
Span = tuple[int, int]  # [start, end) s UTC

PERIOD_RULES = ("daily_driving", "weekly_driving")
BLOCK_RULES = tuple(rule.id for rule in rules_of("driver") if rule.id not in PERIOD_RULES)


class Judged(NamedTuple):
    """spans: of each subject judged, where findings on blocks (by start) are whole. Others need more to be loaded."""

    findings: list[Finding]
    spans: dict[Subject, Span]


def judge(named: pl.DataFrame, weeks: Mapping[Subject, Span], loaded: Span, known: Known, law: Law) -> Judged:
    """Judge those of the subjects whose blocks end inside what was loaded.

    Findings on days and weeks are those complete in the subject's weeks; on blocks, those begun in its span, which
    goes from break to break around the weeks. Of registered vehicles only.

    Args: named: NAMED_ACTIVITY; loaded: where it is whole.
    """
    plates = tuple(named["vehicle"].unique().sort())
    licences = tuple(named["driver"].drop_nulls().unique().sort())
    frame = merge(_coded(named, plates, licences))
    stream = streams(frame, len(licences))
    numbers: dict[Subject, int] = {(licence, None): code for code, licence in enumerate(licences)}
    numbers |= {(None, plate): len(licences) + code for code, plate in enumerate(plates)}
    order = np.argsort(stream, kind="stable")
    grouped = stream[order]
    spans: dict[Subject, Span] = {}
    since = np.full(len(numbers), np.iinfo(np.int64).max)
    until = np.full(len(numbers), np.iinfo(np.int64).min)
    for subject, week in weeks.items():
        number = numbers.get(subject)
        if number is None:
            spans[subject] = week
            continue
        own = order[slice(*np.searchsorted(grouped, [number, number + 1]).tolist())]
        block = _block_span(frame[own], *week, *loaded, law)
        if block is not None:
            spans[subject] = block
            since[number], until[number] = block
    wanted = (frame["end"].to_numpy() > since[stream]) & (frame["start"].to_numpy() < until[stream])
    found, _ = driver_floor(frame.filter(pl.Series(wanted)), plates, licences, known, law)
    return Judged([one for one in of_registered(found) if _belongs(one, weeks, spans)], spans)


def subject_of(licence: str | None, plate: str) -> Subject:
    return (licence, None) if licence else (None, plate)


def _belongs(finding: Finding, weeks: Mapping[Subject, Span], spans: Mapping[Subject, Span]) -> bool:
    subject = subject_of(finding.driver, finding.vehicle)
    if finding.rule in PERIOD_RULES:
        start, end = weeks[subject]
        return start <= finding.at < end
    start, end = spans[subject]
    return start <= finding.start < end


def _coded(named: pl.DataFrame, plates: Sequence[str], licences: Sequence[str]) -> pl.DataFrame:
    plate_code = {plate: code for code, plate in enumerate(plates)}
    licence_code = {licence: code for code, licence in enumerate(licences)}
    return pl.DataFrame(
        {
            "vehicle": [plate_code[plate] for plate in named["vehicle"]],
            "driver": [NO_DRIVER if name is None else licence_code[name] for name in named["driver"]],
            "start": named["start"],
            "end": named["end"],
            "kind": named["kind"],
        },
        schema=ACTIVITY,
    ).sort("vehicle", "start")


def _block_span(
    frame: pl.DataFrame, week_from: int, week_to: int, load_from: int, load_to: int, law: Law
) -> tuple[int, int] | None:
    """From break to break around [week_from, week_to), in either reading; None: a block may go beyond what was loaded.

    A stretch without driving or bridged unknown time that is as long as the longest legal break divides blocks of
    every business.
    """
    longest = max(length for dated in law.dated("driving_time.break_min") for length in dated.value.values())
    bridge = law.figure("unknown_bridge_max")
    # An unknown activity at the edge may be longer than loaded: at most that makes a span too long.
    busy = unite(frame, np.zeros(len(frame), np.int64), driving_or_bridged(frame, bridge))
    if not len(busy.start):
        return week_from, week_to
    begins = np.flatnonzero(np.concatenate(([True], busy.start[1:] - busy.end[:-1] >= longest)))
    block_from = busy.start[begins]
    block_to = np.append(busy.end[begins[1:] - 1], busy.end[-1])
    crossing_start = (block_from < week_from) & (block_to > week_from)
    crossing_end = (block_from < week_to) & (block_to > week_to)
    start = int(block_from[crossing_start].min()) if crossing_start.any() else week_from
    end = int(block_to[crossing_end].max()) if crossing_end.any() else week_to
    if start < load_from + longest or end > load_to - longest:
        return None
    return start, end
