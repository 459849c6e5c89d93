"""What is due when: by the calendar alone, with what was done taken off."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from cli.schedule.plan import due, open_slots
from cli.schedule.settings import Schedule
from journey.localtime import ZONE
from storage.jobs import Run

FOLDER = Path("lists")


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()


def of(since: str = "2026-W10", **jobs: object) -> Schedule:
    return Schedule.model_validate({"since": since, **jobs})


def names(schedule: Schedule, moment: str, runs: dict[tuple[str, str], Run] | None = None) -> list[tuple[str, str]]:
    return [(one.job, one.name) for one in due(schedule, 5, at(moment), runs or {})]


def run(job: str, slot: str, outcome: str, ended: str) -> dict[tuple[str, str], Run]:
    return {(job, slot): Run(job, slot, outcome, 0, int(at(ended)), "")}


PUBLISH = of(publish={"at": "06:00", "folder": FOLDER})


def test_a_week_is_due_when_its_grace_is_over() -> None:
    """2026-W10 ends on Sunday, 8 March; five days later is Saturday, the 14th."""
    assert names(PUBLISH, "2026-03-14T05:59:59") == []
    assert names(PUBLISH, "2026-03-14T06:00:00") == [("publish", "2026-W10")]


def test_weeks_that_were_missed_are_all_due_oldest_first() -> None:
    assert names(PUBLISH, "2026-04-04T06:00:00") == [("publish", f"2026-W{week}") for week in (10, 11, 12, 13)]
    done = run("publish", "2026-W11", "done", "2026-03-21T06:01:00")
    assert names(PUBLISH, "2026-04-04T06:00:00", done) == [("publish", f"2026-W{week}") for week in (10, 12, 13)]


def test_weeks_across_the_years_end() -> None:
    schedule = of("2026-W52", publish={"at": "00:00", "folder": FOLDER})
    assert names(schedule, "2027-01-23T12:00:00") == [("publish", "2026-W52"), ("publish", "2026-W53"),
                                                      ("publish", "2027-W01"), ("publish", "2027-W02")]  # fmt: skip


def test_what_failed_is_tried_again_after_a_while() -> None:
    failed = run("publish", "2026-W10", "failed", "2026-03-14T06:00:10")
    assert names(PUBLISH, "2026-03-14T06:15:09", failed) == []
    assert names(PUBLISH, "2026-03-14T06:15:10", failed) == [("publish", "2026-W10")]
    (slot,) = open_slots(PUBLISH, 5, at("2026-03-14T06:10:00"), failed)
    assert slot.tried == at("2026-03-14T06:15:10")


def test_of_daily_jobs_the_last_day_stands_for_all() -> None:
    daily = of(amend={"at": "06:30", "folder": FOLDER}, keep={"at": "02:30"})
    assert names(daily, "2026-05-10T06:29:00") == [("keep", "2026-05-10"), ("amend", "2026-05-09")]
    assert names(daily, "2026-05-10T06:30:00") == [("keep", "2026-05-10"), ("amend", "2026-05-10")]
    done = run("keep", "2026-05-10", "done", "2026-05-10T02:31:00")
    assert names(daily, "2026-05-10T23:59:00", done) == [("amend", "2026-05-10")]


def test_months_that_were_missed_are_all_due() -> None:
    monthly = of("2025-W49", proposals={"at": "07:00", "day": 2, "folder": FOLDER})
    assert names(monthly, "2026-01-02T06:59:00") == []
    assert names(monthly, "2026-03-01T00:00:00") == [("proposals", "2025-12"), ("proposals", "2026-01")]


def test_a_job_without_a_table_is_not_run() -> None:
    assert names(of(), "2030-01-01T00:00:00") == []


def test_a_proof_is_due_on_its_day_and_never_caught_up() -> None:
    schedule = of(prove={"at": "03:30"})
    assert names(schedule, "2026-03-14T03:29:59") == []  # that of the 13th says nothing any more
    assert names(schedule, "2026-03-14T03:30:00") == [("prove", "2026-03-14")]
    assert names(schedule, "2026-03-14T23:59:59") == [("prove", "2026-03-14")]
    assert names(schedule, "2026-03-15T00:00:00") == []
    failed = run("prove", "2026-03-14", "failed", "2026-03-14T04:00:00")
    assert names(schedule, "2026-03-14T04:10:00", failed) == []
    assert names(schedule, "2026-03-14T04:15:00", failed) == [("prove", "2026-03-14")]
    assert names(schedule, "2026-03-15T03:30:00", failed) == [("prove", "2026-03-15")]
