"""Plans of the desk's queries: each goes by the index that it relies on, and scans no large table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from journey.localtime import day_start
from storage.database import Connection, connect, transaction
from storage.pages import daytrack, desk, positions
from storage.pages.desk import Key
from storage.pages.operator import operator_sums
from storage.sums.month_counts import Wanted, month_query
from storage.sums.vehicle_days import VehicleDays

# As much as makes the planner choose as it does with a fleet; written straight into the tables.
_FILL = """
    INSERT INTO vehicle (plate) SELECT 'V' || n FROM generate_series(1, 60) AS n;
    INSERT INTO driver (licence) SELECT 'L' || n FROM generate_series(1, 60) AS n;
    INSERT INTO batch (connection) VALUES ('fill');
    INSERT INTO fix (vehicle_id, "time", lon_e7, lat_e7, speed_dkmh, driver_id, flags, scaled, batch_id)
    SELECT v, to_timestamp(1728000000 + 30 * n), 1067000000 + n * 1000, 215000000, 500, v, 0, false, 1
    FROM generate_series(1, 60) AS v, generate_series(1, 3000) AS n;
    INSERT INTO activity (vehicle_id, driver_id, start_time, end_time, kind)
    SELECT v, v, to_timestamp(1728000000 + 3600 * n), to_timestamp(1728003600 + 3600 * n), n % 3
    FROM generate_series(1, 60) AS v, generate_series(1, 500) AS n;
    INSERT INTO run (id, made_at, scope, watermark, law_version, method, code_version)
    VALUES ('r', now(), '{}', 0, '', '', '');
    INSERT INTO finding (id, content, run_id, rule, grade, vehicle_id, operator, start_time, end_time, at, day, body)
    SELECT v || '-' || n, '', 'r', 'speeding', 'certain', v, NULLIF('OP' || v % 20, 'OP0'),
           to_timestamp(1728000000 + 600 * n), to_timestamp(1728000000 + 600 * n), to_timestamp(1728000000 + 600 * n),
           0, '{}'
    FROM generate_series(1, 60) AS v, generate_series(1, 500) AS n;
    ANALYZE
"""
_CASES = """
    INSERT INTO vehicle (plate) SELECT 'C' || n FROM generate_series(1, 1000) AS n;
    INSERT INTO finding_case (finding, content, rule, vehicle_id, at, state, opened_at, moved_at)
    SELECT v.id || '-' || n, '', 'speeding', v.id, to_timestamp(1728000000 + 600 * n), 'suspected', now(), now()
    FROM vehicle v, generate_series(1, 3) AS n;
    ANALYZE vehicle, finding_case
"""
FILLED = 1_728_000_000


@pytest.fixture(scope="module")
def filled(module_database: str) -> Iterator[Connection]:
    with connect(module_database) as connection:
        connection.execute(_FILL)
        connection.commit()
        yield connection


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def whole(connection: Connection, index: str) -> str:
    """The index of the whole table, of which this is one part's."""
    query = "SELECT inhparent::regclass::text FROM pg_inherits WHERE inhrelid = to_regclass(quote_ident(%s))"
    with transaction(connection):
        row = connection.execute(query, (index,)).fetchone()
    return re.sub(r"^(\d+_\d+_|_hyper_\d+_\d+_chunk_)", "", index) if row is None else str(row[0])


PLANS = {
    "last positions": (positions.LAST, positions.last_parameters(FILLED + 80_000, 3600, None), "fix_pkey"),
    "last positions of some": (positions.LAST, positions.last_parameters(FILLED + 80_000, 3600, [3, 4]), "fix_pkey"),
    "last positions long ago": (positions.LAST, positions.last_parameters(FILLED + 80_000, 86_400, None), "fix_pkey"),
    "nearest": (positions.NEAREST, positions.near_parameters(106.8, 21.5, FILLED + 9000, 900, 500, 10), "fix_pkey"),
    "day": (daytrack.DAY, daytrack.day_parameters(7, 20_000), "fix_pkey"),
    "week": (desk.WEEK, desk.week_parameters(7, 19_999), "activity_driver"),
    "findings": (desk.OF_OPERATOR, desk.page_parameters("OP3", FILLED, FILLED + 99_000, 50, None, None),
                 "finding_operator"),
    "a later page": (desk.OF_OPERATOR, desk.page_parameters("OP3", FILLED, FILLED + 300_000, 50,
                     Key(FILLED + 200_000, 5), ["speeding"]), "finding_operator"),
    "findings of nobody": (desk.OF_NOBODY, desk.page_parameters(None, FILLED, FILLED + 99_000, 50, None, None),
                           "finding_operator finding_at"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANS)
def test_the_plan_uses_the_index_and_scans_no_large_table(filled: Connection, name: str) -> None:
    query, parameters, indexes = PLANS[name]
    text = query if isinstance(query, sql.Composed) else sql.SQL(query)
    with transaction(filled):
        row = filled.execute(sql.SQL("EXPLAIN (FORMAT JSON) ") + text, parameters).fetchone()
    assert row is not None
    every = list(nodes(row[0][0]["Plan"]))
    used = {whole(filled, node["Index Name"]) for node in every if "Index Name" in node}
    assert set(indexes.split()) & used, json.dumps(row[0])
    scanned = {node["Relation Name"] for node in every if node["Node Type"] == "Seq Scan"}
    assert not {name for name in scanned if name.startswith(("fix", "activity", "finding", "_"))}


def test_a_last_position_reads_one_row_of_a_vehicle(filled: Connection) -> None:
    query, parameters, _ = PLANS["last positions long ago"]
    assert isinstance(query, sql.Composed)
    with transaction(filled):
        row = filled.execute(sql.SQL("EXPLAIN (ANALYZE, FORMAT JSON) ") + query, parameters).fetchone()
    assert row is not None
    probes = [node for node in nodes(row[0][0]["Plan"]) if "fix_pkey" in whole(filled, node.get("Index Name", "none"))]
    assert {(probe["Node Type"], probe["Scan Direction"]) for probe in probes} == {("Index Scan", "Backward")}
    assert sum(probe["Actual Loops"] * probe["Actual Rows"] for probe in probes) == 60


def test_a_page_reads_no_more_rows_than_it_gives(filled: Connection) -> None:
    query, parameters, _ = PLANS["a later page"]
    explain = sql.SQL("EXPLAIN (ANALYZE, FORMAT JSON) ") + sql.SQL(query)  # type: ignore[arg-type]
    with transaction(filled):
        row = filled.execute(explain, parameters).fetchone()
    assert row is not None
    read = [node for node in nodes(row[0][0]["Plan"]) if node.get("Index Name") == "finding_operator"]
    assert read[0]["Actual Rows"] <= 51


@pytest.mark.native_server
def test_cases_of_few_vehicles_are_looked_up_by_these_in_a_prepared_plan_too(filled: Connection) -> None:
    """Which knows neither the month nor how many cases it has of all: by their instants it would read every one."""
    wanted = Wanted(24_314, FILLED, FILLED + 31 * 86_400, "speeding", 5.0, ("overload_gross",), FILLED)
    query, _ = month_query(wanted, [1, 2, 3])
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", query)))
    numbered = re.sub(r"%\((\w+)\)s", lambda one: f"${names.index(one[1]) + 1}", query)
    with filled.transaction(force_rollback=True):
        filled.execute(_CASES)
        row = (
            psycopg.ClientCursor(filled).execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {numbered}".encode()).fetchone()
        )
    assert row is not None
    used = [one.get("Index Name") for one in nodes(row[0][0]["Plan"]) if "finding_case" in str(one)]
    assert "finding_case_vehicle" in used
    assert "finding_case_at" not in used


_DAYS = """
    INSERT INTO day_summary SELECT v, 20000 + n, 9, 9, '{}', 1, 1, 1, 1.0, 'r'
    FROM generate_series(1, 60) AS v, generate_series(0, 90) AS n;
    INSERT INTO service_day SELECT v, 20000 + n, 9, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, '{}', 'r'
    FROM generate_series(1, 60) AS v, generate_series(0, 90) AS n;
    ANALYZE
"""
# Of the month in which 20,030 lies, and of vehicles that were the operator's all the time, or sold in between.
SPANS = {
    "of a month that is over": (20_028, 20_058),
    "of one that is not": (20_028, 20_050),
    "of few days": (20_030, 20_033),
}


@pytest.mark.native_server
@pytest.mark.parametrize("name", SPANS)
def test_an_operators_sums_are_planned_once_and_not_each_time(filled: Connection, name: str) -> None:
    """To plan them takes longer than to answer them."""
    wanted = Wanted(24_298, day_start(20_028), day_start(20_058), "speeding", 5.0, ("overload_gross",), FILLED)
    driven = [VehicleDays(vehicle, 19_999, 20_083) for vehicle in range(1, 26)]
    served = [VehicleDays(vehicle, *SPANS[name]) for vehicle in range(1, 26)]
    with filled.transaction(force_rollback=True):
        filled.execute(_DAYS)
        for _ in range(20):
            operator_sums(filled, "OP3", (2857, 2869), driven, served, wanted, dict.fromkeys(range(1, 26), "V"))
        plans = filled.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%summary_month%'"
        ).fetchall()
        filled.execute("DEALLOCATE ALL")
    ((generic, custom),) = plans
    assert generic > custom > 0
