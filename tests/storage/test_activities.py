from __future__ import annotations

from itertools import pairwise

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey.track import DRIVING, STANDING, UNKNOWN
from storage.activities import (
    NAMED_ACTIVITY,
    Affected,
    DaySummary,
    load_activities,
    replace_activities,
    save_day_summaries,
)
from storage.database import Connection
from storage.names import vehicle_ids
from tests.storage.samples import DAY, new_run

X, Y = "790123456789", "790123456790"
FOREVER = 10_000

type Row = tuple[str, str | None, int, int, int]


def rows_frame(*rows: Row) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=NAMED_ACTIVITY, orient="row")


def replaced(connection: Connection, spans: list[tuple[str, int, int]], *rows: Row) -> list[Affected]:
    ids = vehicle_ids(connection, ["A", "B"])
    affected = replace_activities(
        connection, [(ids[plate], start, end) for plate, start, end in spans], rows_frame(*rows)
    )
    connection.commit()
    return affected


def everything(connection: Connection) -> list[Row]:
    rows = load_activities(connection, [X, Y], ["A", "B"], 0, FOREVER).rows()
    connection.commit()
    return rows


def test_what_goes_in_comes_out(connection: Connection) -> None:
    rows = [("A", X, 0, 10, DRIVING), ("A", None, 10, 20, UNKNOWN), ("B", X, 5, 8, STANDING)]
    affected = replaced(connection, [("B", 0, 10), ("A", 0, 20)], *rows)
    assert everything(connection) == rows
    assert affected == [Affected(None, "A", 10, 20), Affected(X, None, 0, 10)]
    assert replaced(connection, [("A", 0, 20)], *rows[:2]) == [Affected(None, "A", 10, 20), Affected(X, None, 0, 10)]
    assert everything(connection) == rows


def test_a_row_over_the_borders_keeps_what_is_outside(connection: Connection) -> None:
    replaced(connection, [("A", 0, 100)], ("A", X, 0, 100, STANDING))
    affected = replaced(connection, [("A", 10, 20), ("A", 30, 40), ("B", 0, 9)], ("A", Y, 12, 15, DRIVING))
    assert everything(connection) == [
        ("A", X, 0, 10, STANDING), ("A", Y, 12, 15, DRIVING), ("A", X, 20, 30, STANDING), ("A", X, 40, 100, STANDING),
    ]  # fmt: skip
    assert affected == [Affected(X, None, 0, 100), Affected(Y, None, 12, 15)]


def test_a_row_outside_the_spans_is_refused(connection: Connection) -> None:
    replaced(connection, [("A", 0, 10)], ("A", X, 0, 10, STANDING))
    for row in [("A", X, 5, 11, DRIVING), ("B", X, 5, 6, DRIVING), ("A", X, 7, 7, DRIVING)]:
        with pytest.raises(ValueError, match="outside the spans"):
            replaced(connection, [("A", 0, 10)], row)
        connection.rollback()
    assert everything(connection) == [("A", X, 0, 10, STANDING)]


def test_by_driver_or_by_vehicle_without_one(connection: Connection) -> None:
    rows = [("A", X, 0, 10, DRIVING), ("A", None, 10, 20, DRIVING), ("B", Y, 0, 10, DRIVING), ("B", X, 15, 90, DRIVING)]
    replaced(connection, [("A", 0, 100), ("B", 0, 100)], *rows)

    def load(licences: list[str], plates: list[str], start: int, end: int) -> list[Row]:
        return load_activities(connection, licences, plates, start, end).rows()

    assert load([X], [], 0, 100) == [rows[0], rows[3]]
    assert load([X, Y], [], 10, 15) == []
    assert load([X], [], 9, 16) == [rows[0], rows[3]]
    assert load([], ["A", "B"], 0, 100) == [rows[1]]
    assert load(["unknown licence"], ["unknown plate"], 0, 100) == []
    assert load_activities(connection, [], [], 0, 100).schema == NAMED_ACTIVITY


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_replacing_is_painting_over(connection: Connection, data: st.DataObject) -> None:
    """Against a picture of one cell a second."""
    ids = vehicle_ids(connection, ["P"])
    connection.execute("DELETE FROM activity WHERE vehicle_id = %s", (ids["P"],))
    picture: dict[int, tuple[str | None, int]] = {}
    for _ in range(data.draw(st.integers(1, 4))):
        edges = sorted(data.draw(st.sets(st.integers(0, 30), min_size=2, max_size=6)))
        spans = [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=False)]
        rows: list[Row] = []
        for start, end in spans:
            for second in range(start, end):
                picture.pop(second, None)
            inner = sorted(data.draw(st.sets(st.integers(start, end), max_size=4)))
            for row_start, row_end in pairwise(inner):
                kind, licence = data.draw(st.integers(0, 2)), data.draw(st.sampled_from([X, None]))
                rows.append(("P", licence, row_start, row_end, kind))
                picture |= dict.fromkeys(range(row_start, row_end), (licence, kind))
        replace_activities(connection, [(ids["P"], *span) for span in spans], rows_frame(*rows))
    stored = load_activities(connection, [X], ["P"], 0, 100).rows()
    seen = {second: (row[1], row[4]) for row in stored if row[0] == "P" for second in range(row[2], row[3])}
    connection.commit()
    assert seen == picture


def test_day_summaries_are_written_over(connection: Connection) -> None:
    ids = vehicle_ids(connection, ["A"])
    run = new_run(connection)
    first = DaySummary(ids["A"], DAY, 10, 9, {"zero": 1}, 100, 200, 300, 1234.5)
    save_day_summaries(connection, run, [])
    save_day_summaries(connection, run, [first, DaySummary(ids["A"], DAY + 1, 1, 1, {}, 0, 0, 0, 0.0)])
    later = new_run(connection, "run-2")
    save_day_summaries(connection, later, [DaySummary(ids["A"], DAY, 11, 11, {}, 1, 2, 3, 4.5)])
    rows = connection.execute("SELECT day, fixes, usable, flags, driving_m, run_id FROM day_summary ORDER BY day")
    assert rows.fetchall() == [(DAY, 11, 11, {}, 4.5, "run-2"), (DAY + 1, 1, 1, {}, 0.0, "run-1")]
