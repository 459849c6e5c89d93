"""Plans of the API's queries: each goes by the index that it relies on, and scans no large table."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from psycopg import sql

from storage.database import Connection, connect, transaction
from storage.pages import feed, finding_places, registered, search
from storage.pages.desk import Key
from storage.pages.finding_pages import Wanted, page_parameters, page_query
from storage.pages.finding_places import Area, around
from storage.pages.search import Asked, parameters, span
from storage.stations import weighing_pages
from storage.stations.weighing_pages import WantedWeighings
from tests.storage.test_desk_plans import nodes

# As much as makes the planner choose as it does with a fleet; written straight into the tables.
_FILL = """
    INSERT INTO operator (id, name) SELECT 'OP' || n, 'Công ty ' || md5(n::text) FROM generate_series(1, 3000) AS n;
    INSERT INTO vehicle (plate) SELECT '12C' || lpad(n::text, 5, '0') FROM generate_series(1, 20000) AS n;
    INSERT INTO driver (licence, operator)
    SELECT '79' || lpad(n::text, 10, '0'), 'OP' || 1 + n % 3000 FROM generate_series(1, 20000) AS n;
    INSERT INTO registration (vehicle_id, operator, kind, liquid_tank)
    SELECT n, 'OP' || 1 + n % 3000, 'truck', false FROM generate_series(1, 20000) AS n;
    INSERT INTO batch (connection) VALUES ('fill');
    INSERT INTO weighing (hash, station, "time", vehicle_id, axle_kg, spacing_mm, gross_kg, batch_id)
    SELECT sha256(n::text::bytea), 'KT' || n % 9, to_timestamp(1728000000 + 10 * n), 1 + n % 20000, '{}', '{}', 1, 1
    FROM generate_series(1, 30000) AS n;
    INSERT INTO run (id, made_at, scope, watermark, law_version, method, code_version)
    VALUES ('r', now(), '{}', 0, '', '', '');
    INSERT INTO finding (id, content, run_id, rule, grade, vehicle_id, driver_id, operator, start_time, end_time, at,
                         day, body)
    SELECT 'f' || n, '', 'r', CASE WHEN n % 100 = 0 THEN 'double_login' ELSE 'speeding' END, 'certain', 1 + n % 97,
           1 + n % 97, 'OP' || 1 + n % 97, to_timestamp(1728000000 + 10 * n), to_timestamp(1728000000 + 10 * n),
           to_timestamp(1728000000 + 10 * n), 0, '{}'
    FROM generate_series(1, 30000) AS n;
"""
BEGIN = 1_728_000_000
_FILL += """
    INSERT INTO finding_place (finding_row, place)
    SELECT n, point(105 + n % 200 * 0.01, 21 + n / 200 * 0.01) FROM generate_series(1, 30000) AS n;
    INSERT INTO road (id, name, oneway, line)
    SELECT 'R' || n, 'Đường ' || md5(n::text), false, '[]' FROM generate_series(1, 5000) AS n;
    INSERT INTO finding_road (road, finding_row) SELECT 'R' || 1 + n % 5000, n FROM generate_series(1, 30000) AS n;
"""
LARGE = {
    "finding_place",
    "finding_road",
    "road",
    "finding",
    "finding_change",
    "vehicle",
    "driver",
    "registration",
    "operator",
}


@pytest.fixture(scope="module")
def filled(module_database: str) -> Iterator[Connection]:
    with connect(module_database) as connection:
        connection.execute(_FILL)
        connection.commit()
        connection.execute("ANALYZE")
        connection.commit()
        yield connection


def plan(connection: Connection, query: str, parameters: dict[str, object]) -> tuple[set[str], set[str], str]:
    """Indexes used, tables scanned as a whole, and the plan as text."""
    explain = sql.SQL("EXPLAIN (FORMAT JSON) ") + sql.SQL(query)  # type: ignore[arg-type]
    row = connection.execute(explain, parameters).fetchone()
    assert row is not None
    every = list(nodes(row[0][0]["Plan"]))
    scanned = {node["Relation Name"] for node in every if node["Node Type"] == "Seq Scan"}
    return {str(node.get("Index Name")) for node in every}, scanned, json.dumps(row[0])


FINDINGS = {
    "vehicle": ({"plate": "12C00007"}, "finding_vehicle_at"),
    "driver": ({"licence": "790000000007"}, "finding_driver_at"),
    "operator": ({"operator": "OP7"}, "finding_operator"),
    "rule": ({"rules": ("double_login",)}, "finding_rule_at"),
    "period": ({}, "finding_at"),
    "several rules": ({"rules": ("double_login", "speeding")}, "finding_at"),
}


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("name", FINDINGS)
def test_findings_go_by_the_index_of_their_filter(filled: Connection, name: str, newest_first: bool) -> None:
    fields, index = FINDINGS[name]
    wanted = Wanted(BEGIN, BEGIN + 300_000, newest_first=newest_first)._replace(**fields)  # type: ignore[arg-type]
    with transaction(filled):
        for after in (None, Key(BEGIN + 100_000, 9)):
            parameters = page_parameters(filled, wanted, 51, after)
            assert parameters is not None
            indexes, scanned, text = plan(filled, page_query(wanted), parameters)
            assert index in indexes, text
            assert not scanned & LARGE, text
            assert '"Sort"' not in text or "Incremental" in text


PLACES = {
    "box": ({"area": Area(105.5, 21.5, 105.53, 21.53)}, "finding_place_at"),
    "near": ({"area": around(105.5, 21.5, 1500)}, "finding_place_at"),
    "near, of an operator": ({"area": around(105.5, 21.5, 1500), "operator": "OP7"}, "finding_place_at"),
    "road": ({"road": "R7"}, "finding_road_pkey"),
}


@pytest.mark.parametrize("name", PLACES)
def test_findings_of_a_place_go_by_its_index(filled: Connection, name: str) -> None:
    fields, index = PLACES[name]
    wanted = Wanted(BEGIN, BEGIN + 300_000)._replace(**fields)  # type: ignore[arg-type]
    with transaction(filled):
        parameters = page_parameters(filled, wanted, 51, None)
        assert parameters is not None
        indexes, scanned, text = plan(filled, page_query(wanted), parameters)
    assert index in indexes, text
    assert not scanned & LARGE, text


CROWDED = {
    "everywhere": ({}, "finding_at"),
    "of an operator": ({"operator": "OP7"}, "finding_operator"),
    "of a vehicle": ({"plate": "12C00007"}, "finding_vehicle_at"),
    "newest first": ({"newest_first": True}, "finding_at"),
}


@pytest.mark.parametrize("name", CROWDED)
def test_an_area_full_of_findings_is_not_gathered_for_one_page(filled: Connection, name: str) -> None:
    fields, index = CROWDED[name]
    world = Area(-180, -90, 180, 90)
    wanted = Wanted(BEGIN, BEGIN + 300_000, area=world)._replace(**fields)  # type: ignore[arg-type]
    with transaction(filled):
        assert finding_places.is_crowded(filled, world)
        assert not finding_places.is_crowded(filled, Area(105.5, 21.5, 105.53, 21.53))
        parameters = page_parameters(filled, wanted, 51, None)
        assert parameters is not None
        explain = sql.SQL("EXPLAIN (ANALYZE, FORMAT JSON) ") + sql.SQL(page_query(wanted, one_by_one=True))
        row = filled.execute(explain, parameters).fetchone()
    assert row is not None
    read = [node for node in nodes(row[0][0]["Plan"]) if node.get("Index Name") == index]
    assert read, json.dumps(row[0])
    assert read[0]["Actual Rows"] <= 51


TYPED = Asked(20_000, 10)
NAMED = {
    "changes": (feed.CHANGES, {"after": 20_000, "limit": 100}, "finding_change_pkey"),
    "changes of an operator": (feed.CHANGES_OF_OPERATOR, {"after": 20_000, "limit": 100, "operator": "OP7"},
                               "finding_change_operator"),
    "plates": (search.BEGINNING, parameters(TYPED, span("plate", "12C1234")), "vehicle_plate_key"),
    "an operator's plates": (search.BEGINNING,
                             parameters(TYPED._replace(operator="OP7"), span("plate", "12C1234")), "vehicle_plate_key"),
    "plates as they were sent": (search.AS_SENT, parameters(TYPED, span("sent", "12C1234")), "vehicle_plate_key"),
    "plates by their end": (search.ENDING, parameters(TYPED, span("ending", "5432")), "vehicle_plate_end"),
    "operators by id": (search.OPERATORS_BY_ID, parameters(TYPED, span("id", "OP12")), "operator_pkey"),
    "roads": (finding_places.ROADS, {"road": "duong c4ca4238a0b923820dcc509a6f75849b"}, "road_name"),
    "operators by words": (search.OPERATORS_BY_WORDS, parameters(TYPED, {"words": "c4ca4238a:*"}), "operator_words"),
    "licences": (search.DRIVERS, parameters(TYPED, span("licence", "7900000012")), "driver_licence_key"),
    "vehicles": (registered.VEHICLES, {"day": 20_000, "after": "12C05", "limit": 50}, "vehicle_plate_key"),
    "vehicles of an operator": (registered.VEHICLES_OF_OPERATOR,
                                {"day": 20_000, "after": "", "limit": 50, "operator": "OP7"}, "registration_operator"),
    "drivers of an operator": (registered.DRIVERS_OF_OPERATOR, {"after": "", "limit": 50, "operator": "OP7"},
                               "driver_operator"),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
def test_queries_go_by_their_index(filled: Connection, name: str) -> None:
    query, parameters, index = NAMED[name]
    with transaction(filled):
        indexes, scanned, text = plan(filled, query, parameters)
    assert index in indexes, text
    assert not scanned & LARGE, text


@pytest.mark.parametrize("fields", [{}, {"plate": "12C00007"}, {"operator": "OP7"}], ids=str)
def test_weighings_scan_nothing(filled: Connection, fields: dict[str, str]) -> None:
    wanted = WantedWeighings(BEGIN + 100_000, BEGIN + 150_000)._replace(**fields)
    with transaction(filled):
        parameters = weighing_pages.page_parameters(filled, wanted, 51, None)
        assert parameters is not None
        _, scanned, text = plan(filled, weighing_pages.page_query(wanted), parameters)
    assert not {name for name in scanned if name.startswith("weighing") or name in LARGE}, text
