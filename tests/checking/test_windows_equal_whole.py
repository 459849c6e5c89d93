"""Whatever the order, the batches, the rounds of check in between: the store ends with what one evaluation gives."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import fields
from random import Random
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from cli.checking.windows import check
from journey.model import Finding, Weighing
from journey.registry import Registry
from journey.track import FIX, encode
from rules.engine import evaluate, know
from rules.quality import fix_flags
from rules.service import ServiceDay
from storage.commit import commit_batch
from storage.database import Connection, connect, scalar, transaction
from storage.findings import load_findings
from storage.lists.weekly import vehicle_sums
from storage.registry import save_registry
from tests.casefolder import LAW, kept, read_inputs
from tests.oracle import oracle
from tests.service.test_against_oracle import judged
from tests.storage.samples import stretch
from tests.strategies import cases

START, END = 0, 4_000_000_000
EXAMPLES = int(os.environ.get("HANHTRINH_TEST_EXAMPLES", "40"))
SETTINGS = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
_EMPTY = """
    TRUNCATE operator, vehicle, driver, registration, station, permit, road, batch, source_offset, fix, fix_copy,
             weighing, notice, rejection, vehicle_day, day_edge, activity, day_summary, service_day, outage, connection,
             run, finding RESTART IDENTITY CASCADE
"""


@pytest.fixture(scope="module")
def store(module_database: str) -> Iterator[Connection]:
    with connect(module_database) as connection:
        yield connection


@SETTINGS
@given(inputs=cases(), seed=st.integers(0, 1 << 30), parts=st.integers(1, 6), rounds=st.sampled_from((1, 2, 600)))
def test_store_ends_as_one_evaluation(
    store: Connection, inputs: dict[str, Any], seed: int, parts: int, rounds: int
) -> None:
    fixes, weighings, registry = read_inputs(inputs)
    whole = evaluate(fixes, weighings, know(registry, LAW), LAW)
    reset(store)
    random = Random(seed)
    _feed(store, registry, fixes, weighings, random, parts, lambda: check(store, LAW, "test", round_windows=rounds))
    found = stored(store)
    assert [finding.as_dict() for finding in found] == [finding.as_dict() for finding in kept(whole.findings)]
    _sums_agree(store, inputs)
    assert service(store) == judged(inputs)
    again = check(store, LAW, "test")
    assert again.windows == 0


@SETTINGS
@given(inputs=cases(), seed=st.integers(0, 1 << 30))
def test_recomputing_everything_changes_nothing(store: Connection, inputs: dict[str, Any], seed: int) -> None:
    fixes, weighings, registry = read_inputs(inputs)
    reset(store)
    _feed(store, registry, fixes, weighings, Random(seed), 2, lambda: check(store, LAW, "test"))
    before, served = stored(store), service(store)
    with transaction(store):
        store.execute("UPDATE vehicle_day SET touched = nextval('touch')")
    done = check(store, LAW, "test")
    assert (done.added, done.changed, done.withdrawn) == (0, 0, 0)
    assert [finding.content for finding in stored(store)] == [finding.content for finding in before]
    assert service(store) == served


def reset(store: Connection) -> None:
    with transaction(store):
        store.execute("SET LOCAL session_replication_role = replica")  # append-only tables refuse it else
        store.execute(_EMPTY)
        store.execute("UPDATE deployment SET box = NULL, registry_version = registry_version + 1")


def _feed(
    store: Connection,
    registry: Registry,
    fixes: pl.DataFrame,
    weighings: list[Weighing],
    random: Random,
    parts: int,
    between: Callable[[], object],
) -> None:
    """Commit rows in a random order and in random parts, with a check after some of them."""
    late_registry = random.random() < 0.3
    if not late_registry:
        save_registry(store, registry)
    order = list(range(len(fixes)))
    if random.random() < 0.5:
        random.shuffle(order)  # else in order of the file, as late batches of whole stretches
    else:
        order.sort(key=lambda row: (random.random() < 0.1, row))
    shares = [part.tolist() for part in np.array_split(np.array(order, np.int64), parts)]
    random.shuffle(shares)
    for position, share in enumerate(shares):
        frame = fixes[share] if share else FIX.to_frame()
        flags = pl.Series(fix_flags(encode(frame).frame, registry.box or (102, 8, 110, 24), LAW), dtype=pl.Int16)
        some = [weighing for weighing in weighings if random.random() < 0.5] if position else weighings
        batch = stretch("test", position, position + 1, frame.with_columns(flags=flags), weighings=some)
        commit_batch(store, batch)
        if random.random() < 0.7:
            between()
    if late_registry:
        save_registry(store, registry)
    between()


def stored(store: Connection) -> list[Finding]:
    with transaction(store):
        return sorted(load_findings(store, START, END), key=Finding.order)


def service(store: Connection) -> dict[tuple[str, int], ServiceDay]:
    """Quality of service as stored, by plate and local day."""
    names = [field.name for field in fields(ServiceDay)]
    query = sql.SQL("SELECT v.plate, d.day, {} FROM service_day d JOIN vehicle v ON v.id = d.vehicle_id")
    with transaction(store):
        rows = store.execute(query.format(sql.SQL(", ").join(map(sql.Identifier, names)))).fetchall()
    return {(plate, day): ServiceDay(*sums) for plate, day, *sums in rows}


def _sums_agree(store: Connection, inputs: dict[str, Any]) -> None:
    """Day sums add up to the oracle's driving and fixes."""
    summary = oracle.summary(inputs)
    with transaction(store):
        rows = vehicle_sums(store, 0, 60_000)
        assert scalar(store, "SELECT count(*) FROM fix") == summary["fixes"]
    seconds: dict[str, int] = {}
    metres: dict[str, float] = {}
    for row in rows:
        seconds[row.plate] = seconds.get(row.plate, 0) + row.driving_s
        metres[row.plate] = metres.get(row.plate, 0.0) + row.driving_m
    assert sum(row.fixes for row in rows) == summary["fixes"]
    for plate, driven in summary["driving_s"].items():
        assert seconds.get(plate, 0) == driven
        assert metres.get(plate, 0.0) == pytest.approx(summary["driving_m"][plate], abs=0.2)
