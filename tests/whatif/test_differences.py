"""Which findings of two sets are one offence, and by which figures they differ."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import orjson
import pytest
from rich.console import Console

from cli.comparing.differences import compare
from cli.comparing.output import as_csv, as_ndjson, print_differences
from journey.model import Finding, Grade, LawUse
from rules.whatif import FigureChange

LIMIT = FigureChange("speed.outside", "D.undivided", "50 km/h", "60 km/h", "Circular 38 (from 2025)", "Circular 31")
BANDS = FigureChange("speed.bands", "", "10-20", "10-20", "Decree 168", "Decree 100", same=True)
GAP = FigureChange("method.short_stop_max", "", "60 s", "900 s", "method", "practice")
OWN = FigureChange("method.speeding_min_duration", "", "20 s", "31 s", "method", "practice")
CHANGES = (LIMIT, GAP, OWN, BANDS)


def speeding(start: int = 1000, **fields: Any) -> Finding:
    law = tuple(LawUse(path, 1, "km/h", "2025-01-01", "A text", True) for path in ("speed.outside", "speed.bands"))
    values: dict[str, Any] = {
        "rule": "speeding", "grade": Grade.CERTAIN, "vehicle": "12C12345", "driver": "790123456789", "operator": "OP1",
        "start": start, "end": start + 60, "at": start + 30, "measured": 78.5, "limit": 60.0, "excess": 18.5,
        "unit": "km/h", "band": "10-20", "law": law, "detail": {},
    }  # fmt: skip
    return Finding(**{**values, **fields})


def kinds(stored: list[Finding], derived: list[Finding]) -> list[str]:
    return [one.kind for one in compare(stored, derived, CHANGES)]


def test_equal_findings_are_no_difference() -> None:
    assert kinds([speeding(), speeding(5000)], [speeding(5000), speeding()]) == []


def test_added_withdrawn_changed_and_another_text_only() -> None:
    assert kinds([], [speeding()]) == ["added"]
    assert kinds([speeding()], []) == ["withdrawn"]
    assert kinds([speeding()], [speeding(limit=50.0, excess=28.5, band="20-35")]) == ["changed"]
    assert kinds([speeding()], [speeding(law=())]) == ["sources"]
    assert kinds([speeding(grade=Grade.POSSIBLE)], [speeding()]) == ["changed"]


def test_an_episode_whose_borders_move_is_one_that_changed() -> None:
    stored, derived = [speeding(), speeding(9000)], [speeding(950, end=1100), speeding(9060, end=9120)]
    # The second ends where the other begins: half-open intervals do not overlap.
    assert kinds(stored, derived) == ["changed", "withdrawn", "added"]
    assert kinds([speeding()], [speeding(950, vehicle="29B00001")]) == ["withdrawn", "added"]


def test_a_drivers_offence_is_one_whatever_vehicle_it_is_counted_to() -> None:
    one = speeding(rule="daily_driving", unit="s")
    moved = replace(one, vehicle="29B00001", at=1040)
    assert kinds([one], [moved]) == ["changed"]
    nobody = replace(one, driver=None)
    assert kinds([nobody], [replace(nobody, vehicle="29B00001")]) == ["withdrawn", "added"]


def test_figures_that_a_difference_rests_on() -> None:
    assert compare([speeding()], [], CHANGES)[0].figures == (LIMIT,)
    assert compare([speeding()], [speeding(law=())], CHANGES)[0].figures == (LIMIT, BANDS)
    # Driving rests on how fixes were read, which its finding does not state: not on the figures of another rule.
    driving = speeding(rule="daily_driving", law=())
    assert compare([driving], [], CHANGES)[0].figures == (GAP,)


@pytest.fixture
def differences() -> list[Any]:
    return compare(
        [speeding(driver="=1+1"), speeding(5000)],
        [speeding(limit=50.0, excess=28.5, band="20-35", driver="=1+1")],
        CHANGES,
    )


def test_csv(differences: list[Any]) -> None:
    text = as_csv(differences).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["change"] for row in rows] == ["withdrawn", "changed"]
    assert rows[1]["driver"] == "'=1+1"
    assert (rows[1]["stored_limit"], rows[1]["derived_limit"], rows[0]["derived_limit"]) == ("60.0", "50.0", "")
    assert rows[0]["stored_at"] == "1970-01-01 08:23:50+07"
    assert rows[0]["figures"] == ("speed.outside D.undivided: 50 km/h, Circular 38 (from 2025) -> 60 km/h, Circular 31")
    assert as_csv([]).decode("utf-8-sig").count("\r\n") == 1


def test_ndjson(differences: list[Any]) -> None:
    lines = [orjson.loads(line) for line in as_ndjson(differences).splitlines()]
    assert [line["change"] for line in lines] == ["withdrawn", "changed"]
    assert lines[0]["derived"] is None
    assert lines[1]["stored"]["limit"] == 60.0
    assert lines[1]["derived"]["limit"] == 50.0
    assert lines[0]["figures"][0]["derived_source"] == "Circular 31"


def test_table(differences: list[Any]) -> None:
    console = Console(width=250, record=True, file=io.StringIO())
    print_differences(console, differences, CHANGES, [speeding(), speeding(5000)], [speeding()], "law of 2024-12-31")
    text = console.export_text()
    assert "78.5 km/h over 60.0: +18.5 km/h, 10-20" in text
    assert "78.5 km/h over 50.0: +28.5 km/h, 20-35" in text
    assert "1 figures have the same value under another text" in text
    assert "speed.outside D.undivided" in text
    print_differences(console, differences * 30, CHANGES, [], [], "law of 2024-12-31")
    assert "and 20 more: --out FILE writes all" in console.export_text()
