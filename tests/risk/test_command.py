"""`hanhtrinh risk` over a store: what is known of operators comes out, and what is not is said."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cli.checking.windows import check
from journey.localtime import DAY_S, midnight
from journey.model import Weighing
from storage.database import connect, scalar
from storage.sums.risk import OperatorSpan, operator_weeks
from tests.casefolder import LAW
from tests.cli.command import Done, called, refused
from tests.whatif.sample import case, fixes, take_in

START = midnight(date(2025, 3, 3))  # a Monday
NAME = "=Công ty"
PLATES = [f"12C0000{number}" for number in range(8)]


@pytest.fixture(scope="module")
def judged(module_database: str) -> str:
    """Seven operators that drove, OP0 too fast; OP7 without any data; a stranger that nobody registered."""
    rows = [row for plate in PLATES[1:7] for row in fixes(START, 3600, "60", plate, 30, f"7900000{plate[3:]}")]
    rows += fixes(START, 600, "140", PLATES[0], 10) + fixes(START, 3600, "140", "29B99999", 10, "790000000009")
    inputs = case(rows)
    vehicle = inputs["registry"]["vehicles"][0] | {"liquid_tank": False, "kind": "truck", "payload_kg": 9000,
                                                   "kerb_kg": 6500}  # fmt: skip
    inputs["registry"]["operators"] = [{"id": f"OP{number}", "name": NAME} for number in range(8)]
    inputs["registry"]["vehicles"] = [
        vehicle | {"plate": plate, "operator": f"OP{number}"} for number, plate in enumerate(PLATES)
    ]
    inputs["stations"] = [{"id": "S1", "name": "S1"}]
    inputs["weighings"] = [_weighing(PLATES[1], START + 100), _weighing(PLATES[1], START + 9 * DAY_S)]
    with connect(module_database) as connection:
        take_in(connection, inputs)
        check(connection, LAW, "test")
    return module_database


def _weighing(plate: str, time: int) -> dict[str, Any]:
    one = Weighing("S1", 1, time, plate, None, (5000, 6000), (4500,), 11_000, None, None, "t")
    return {"station": one.station, "lane": 1, "time": time, "plate": plate, "axle_kg": list(one.axle_kg),
            "spacing_mm": list(one.spacing_mm), "gross_kg": one.gross_kg}  # fmt: skip


def run(judged: str, *arguments: str | Path) -> Done:
    return called("risk", "--as-of", "2025-03-16", *arguments, DATABASE_URL=judged)


def test_sums_of_weeks_are_those_of_the_record(judged: str) -> None:
    with connect(judged) as connection:
        first = (START + 7 * 3600) // DAY_S
        spans = operator_weeks(connection, first, first + 14)
        metres = connection.execute("SELECT sum(driving_m) FROM day_summary s JOIN vehicle v ON v.id = s.vehicle_id "
                                    "WHERE v.plate = %s", (PLATES[1],)).fetchone()  # fmt: skip
        assert operator_weeks(connection, first + 1, first + 2) == []
    assert metres is not None
    assert [one for one in spans if one.operator == "OP1"] == [
        OperatorSpan("OP1", first, 1, round(metres[0] * 1000), 3600, 0, 1),
        OperatorSpan("OP1", first + 7, 0, 0, 0, 0, 1),
    ]
    assert {one.operator for one in spans} == {f"OP{number}" for number in range(7)}


def test_all_operators_as_json(judged: str) -> None:
    done = run(judged, "--format", "json")
    assert (done.code, done.err) == (0, "")
    said = json.loads(done.out)
    scores = {one["operator"]: {score["formula"]: score for score in one["scores"]} for one in said["operators"]}
    assert said["unregistered"] == 0  # tracks of vehicles that nobody registered are not judged
    assert list(scores) == [f"OP{number}" for number in range(8)]
    assert (scores["OP0"]["eu"]["score"], scores["OP0"]["eu"]["band"]) == ("90.00", "green")
    assert (scores["OP0"]["ocrs"]["score"], scores["OP0"]["ocrs"]["band"]) == ("300.00", "red")
    assert scores["OP1"]["eu"]["lines"] == [
        {"text": "clean: 1 weeks on record, 2 weighings", "amount": "0.00"},
        {"text": "sum 0.00 / 3 checks", "amount": "0.00"},
    ]
    assert (scores["OP0"]["exposure"]["score"], scores["OP0"]["exposure"]["band"]) == (None, "grey")
    assert "too little to compare with" in scores["OP0"]["exposure"]["lines"][-1]["text"]
    for formula in ("eu", "ocrs", "exposure"):
        assert (scores["OP7"][formula]["score"], scores["OP7"][formula]["band"]) == (None, "grey")


def test_one_operator_line_by_line(judged: str) -> None:
    done = run(judged, "--operator", "OP0")
    said = done.out
    assert done.code == 0
    assert "record of the week of 2025-03-03: 1 most serious (speeding) x 90 / 1 vehicles = 90.00" in said
    assert "own rate: 90 points / " in said
    assert "not verified: points" in said
    assert "no score" in run(judged, "--operator", "OP7", "--formula", "exposure").out


def test_csv_is_safe_and_complete(judged: str) -> None:
    done = run(judged, "--format", "csv", "--formula", "eu", "--formula", "exposure")
    rows = list(csv.DictReader(io.StringIO(done.out.removeprefix("\ufeff"), newline="")))
    assert len(rows) == 16
    assert {row["name"] for row in rows} == {f"'{NAME}"}
    assert rows[-1]["why"].endswith("exposure unknown, so that there is no score")


def test_table_and_notes(judged: str) -> None:
    done = run(judged)
    assert (done.code, done.err) == (0, "")
    assert done.out.index("OP0") < done.out.index("OP1")
    assert "neither a good nor a bad score" in done.out


def test_a_window_before_the_record_is_grey(judged: str) -> None:
    done = called("risk", "--as-of", "2025-03-02", "--format", "json", DATABASE_URL=judged)
    bands = {score["band"] for one in json.loads(done.out)["operators"] for score in one["scores"]}
    assert bands == {"grey"}


def test_what_a_case_keeps_back_does_not_count(judged: str) -> None:
    with connect(judged) as connection:
        row = scalar(connection, "SELECT min(row) FROM finding WHERE rule = 'speeding' AND grade = 'certain'")
        connection.execute(
            "INSERT INTO finding_case (finding, content, rule, operator, vehicle_id, at, state, opened_at, moved_at) "
            "SELECT id, content, rule, 'OP0', vehicle_id, at, 'suspected', now(), now() FROM finding WHERE row = %s",
            (row,))  # fmt: skip
        connection.commit()
        try:
            done = run(judged, "--format", "json", "--formula", "eu", "--operator", "OP0")
            said = json.loads(done.out)
            assert said["held_back"] == 1
            assert said["operators"][0]["scores"][0]["score"] == "0.00"
        finally:
            connection.execute("DELETE FROM finding_case")
            connection.commit()


@pytest.mark.parametrize(("arguments", "said"), [
    (("--as-of", "2025-3-1"), "--as-of '2025-3-1' is no date"), (("--as-of", "2999-01-01"), "lies ahead"),
    (("--formula", "x"), "no formula 'x': there are eu, exposure, ocrs"), (("--format", "x"), "there are table, csv"),
    (("--operator", "OP9"), "--operator OP9: neither registered nor in the record"),
])  # fmt: skip
def test_mistakes_are_told(judged: str, arguments: tuple[str, str], said: str) -> None:
    refused(called("risk", *arguments, DATABASE_URL=judged), said)
