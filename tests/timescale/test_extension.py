"""What the store will ask of TimescaleDB, asked of the extension itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import LiteralString

import psycopg
import pytest

from storage.database import Connection, connect, scalar
from tests.timescale.server import Timescale

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS, VEHICLES, PER_DAY = 10, 3, 24


@pytest.fixture
def connection(timescale_database: str) -> Iterator[Connection]:
    """A hypertable of one chunk a day, `place`, with a fix an hour of three vehicles over ten days."""
    with connect(timescale_database) as connection:
        connection.execute(
            """CREATE TABLE place (vehicle_id integer NOT NULL, "time" timestamptz NOT NULL, speed integer NOT NULL,
                                   PRIMARY KEY (vehicle_id, "time"));
               SELECT create_hypertable('place', 'time', chunk_time_interval => interval '1 day')"""
        )
        connection.execute(
            """INSERT INTO place SELECT v, t, 10 * v FROM generate_series(1, %s) v,
               generate_series(%s::timestamptz, %s, '1 hour') t""",
            (VEHICLES, START, START + timedelta(days=DAYS, hours=-1)),
        )
        connection.commit()
        yield connection


@pytest.fixture
def compressed(connection: Connection) -> Connection:
    connection.execute(
        """ALTER TABLE place SET (timescaledb.compress, timescaledb.compress_segmentby = 'vehicle_id',
                                  timescaledb.compress_orderby = '"time"')"""
    )
    connection.execute("SELECT compress_chunk(c) FROM show_chunks('place') c")
    connection.commit()
    return connection


def chunks(connection: Connection) -> int:
    return int(scalar(connection, "SELECT count(*) FROM show_chunks('place')"))


def count(connection: Connection) -> int:
    return int(scalar(connection, "SELECT count(*) FROM place"))


def compressed_chunks(connection: Connection) -> int:
    return int(scalar(connection, "SELECT count(*) FROM timescaledb_information.chunks WHERE is_compressed"))


def run_job(connection: Connection, job: int) -> None:
    """Run a job now, as its scheduler would: outside of a transaction block."""
    connection.autocommit = True
    connection.execute("CALL run_job(%s)", (job,))
    connection.autocommit = False


def test_it_is_the_extension(timescale_database: str) -> None:
    with connect(timescale_database) as connection:
        version = scalar(connection, "SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'")
    assert int(version.split(".")[0]) >= 2


def test_a_chunk_a_day_and_buckets(connection: Connection) -> None:
    assert chunks(connection) == DAYS
    rows = connection.execute(
        """SELECT time_bucket('2 days', "time") AS bucket, count(*) FROM place GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    assert sum(number for _, number in rows) == DAYS * VEHICLES * PER_DAY
    assert {later - earlier for (earlier, _), (later, _) in pairwise(rows)} == {timedelta(days=2)}


def test_chunks_out_of_the_range_are_not_looked_at(connection: Connection) -> None:
    def scanned(query: LiteralString, *times: datetime) -> int:
        lines = connection.execute(f"EXPLAIN {query}", times).fetchall()
        return len(set(re.findall(r"on (_hyper_\w+_chunk)\b", str(lines))))

    every: LiteralString = "SELECT sum(speed) FROM place"
    assert scanned(every) == DAYS
    assert scanned(f'{every} WHERE "time" >= %s AND "time" < %s', START, START + timedelta(days=2)) == 2


def test_compression_keeps_every_row(compressed: Connection) -> None:
    before = compressed.execute('SELECT * FROM place ORDER BY vehicle_id, "time"').fetchall()
    assert len(before) == DAYS * VEHICLES * PER_DAY
    assert compressed_chunks(compressed) == DAYS
    settings = compressed.execute(
        """SELECT segmentby, orderby FROM timescaledb_information.hypertable_columnstore_settings
           WHERE hypertable = 'place'::regclass"""
    ).fetchone()
    assert settings == ("vehicle_id", '"time"')
    compressed.execute("SELECT decompress_chunk(c) FROM show_chunks('place') c")
    assert compressed_chunks(compressed) == 0
    assert compressed.execute('SELECT * FROM place ORDER BY vehicle_id, "time"').fetchall() == before


def test_insert_select_into_compressed_chunks_loses_nothing(compressed: Connection) -> None:
    """TimescaleDB 2.17.2 lost rows here (timescaledb issue 7672): some are there already, some are not."""
    compressed.execute("CREATE TEMPORARY TABLE staged (LIKE place) ON COMMIT DROP")
    compressed.execute(
        """INSERT INTO staged SELECT v, t, 99 FROM generate_series(1, %s) v,
           generate_series(%s::timestamptz, %s, '30 minutes') t""",
        (VEHICLES + 1, START, START + timedelta(days=DAYS, minutes=-30)),
    )
    staged = scalar(compressed, "SELECT count(*) FROM staged")
    before = count(compressed)
    inserted = compressed.execute("INSERT INTO place SELECT * FROM staged ON CONFLICT DO NOTHING").rowcount
    assert inserted == staged - before
    assert count(compressed) == staged
    assert scalar(compressed, "SELECT count(*) FROM place WHERE speed <> 99") == before
    assert compressed.execute("INSERT INTO place SELECT * FROM staged ON CONFLICT DO NOTHING").rowcount == 0
    assert count(compressed) == staged
    compressed.commit()


SAME = 'SELECT p.speed FROM place p JOIN late l USING (vehicle_id, "time") FOR UPDATE OF p'
TOUCH = """UPDATE place p SET speed = p.speed FROM late l WHERE l.vehicle_id = p.vehicle_id AND l."time" = p."time" """


def test_compressed_rows_can_be_locked_only_once_they_are_updated(compressed: Connection) -> None:
    compressed.execute('CREATE TEMPORARY TABLE late AS SELECT 2 AS vehicle_id, %s::timestamptz AS "time"', (START,))
    compressed.commit()
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="locking compressed tuples"):
        compressed.execute(SAME)
    compressed.rollback()
    assert compressed.execute(TOUCH).rowcount == 1
    assert compressed.execute(SAME).fetchall() == [(20,)]
    compressed.commit()
    assert count(compressed) == DAYS * VEHICLES * PER_DAY


def test_a_compression_policy_run_by_hand(connection: Connection) -> None:
    connection.execute("ALTER TABLE place SET (timescaledb.compress, timescaledb.compress_segmentby = 'vehicle_id')")
    job = scalar(connection, "SELECT add_compression_policy('place', interval '1 day')")
    connection.execute("INSERT INTO place VALUES (1, now(), 0)")
    connection.commit()
    run_job(connection, job)
    assert compressed_chunks(connection) == DAYS
    assert chunks(connection) == DAYS + 1
    assert count(connection) == DAYS * VEHICLES * PER_DAY + 1


def test_a_retention_policy_run_by_hand(connection: Connection) -> None:
    connection.execute("INSERT INTO place VALUES (1, now(), 0)")
    job = scalar(connection, "SELECT add_retention_policy('place', interval '1 day')")
    connection.commit()
    run_job(connection, job)
    assert chunks(connection) == 1
    assert count(connection) == 1


def test_a_continuous_aggregate_is_right_after_its_range_is_refreshed(connection: Connection) -> None:
    connection.autocommit = True
    connection.execute(
        """CREATE MATERIALIZED VIEW by_day WITH (timescaledb.continuous, timescaledb.materialized_only = true) AS
           SELECT vehicle_id, time_bucket('1 day', "time") AS day, count(*) AS fixes, max(speed) AS fastest
           FROM place GROUP BY 1, 2 WITH NO DATA"""
    )
    assert scalar(connection, "SELECT count(*) FROM by_day") == 0
    connection.execute(
        "CALL refresh_continuous_aggregate('by_day', %s::timestamptz, %s)", (START, START + timedelta(DAYS))
    )
    assert scalar(connection, "SELECT sum(fixes) FROM by_day") == DAYS * VEHICLES * PER_DAY
    # A late batch is seen once the days that it touched are refreshed, and not before.
    late = START + timedelta(days=3, minutes=1)
    connection.execute("INSERT INTO place VALUES (1, %s, 500)", (late,))
    assert scalar(connection, "SELECT max(fastest) FROM by_day") == 10 * VEHICLES
    connection.execute(
        "CALL refresh_continuous_aggregate('by_day', %s::timestamptz, %s)", (START + timedelta(3), START + timedelta(4))
    )
    day = connection.execute("SELECT day, fixes FROM by_day WHERE fastest = 500").fetchall()
    assert day == [(START + timedelta(3), PER_DAY + 1)]
    job = scalar(
        connection,
        """SELECT add_continuous_aggregate_policy('by_day', start_offset => NULL, end_offset => interval '1 day',
                                                  schedule_interval => interval '1 hour')""",
    )
    connection.execute("DELETE FROM place WHERE speed = 500")
    run_job(connection, job)
    assert scalar(connection, "SELECT max(fastest) FROM by_day") == 10 * VEHICLES


def test_fresh_leaves_nothing(timescale_server: Timescale, compressed: Connection) -> None:
    compressed.execute("SELECT add_compression_policy('place', interval '1 day')")
    compressed.execute("CREATE TYPE colour AS ENUM ('red'); CREATE FUNCTION f(a integer) RETURNS int RETURN 1")
    compressed.execute("CREATE SCHEMA other CREATE TABLE t (a serial)")
    compressed.commit()
    compressed.close()
    with psycopg.connect(timescale_server.fresh()) as connection:
        left = connection.execute(
            """SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
               UNION ALL SELECT hypertable_name FROM timescaledb_information.hypertables
               UNION ALL SELECT proc_name FROM timescaledb_information.jobs WHERE job_id >= 1000
               UNION ALL SELECT typname FROM pg_type WHERE typname = 'colour'
               UNION ALL SELECT proname FROM pg_proc WHERE proname = 'f' AND pronamespace = 'public'::regnamespace
               UNION ALL SELECT nspname FROM pg_namespace WHERE nspname = 'other'"""
        ).fetchall()
        assert left == []
        connection.execute("CREATE TABLE place (t timestamptz NOT NULL); SELECT create_hypertable('place', 't')")
