"""Records that contradict themselves are kept and told of, not judged; doubtful ones give findings for review."""

from __future__ import annotations

from dataclasses import replace

import pytest

from journey.model import Scale, Weighing
from journey.registry import Registration, Registry, Station
from rules.checks.overload import corrected, standing
from rules.engine import know, weighing_floor
from rules.weighings.faults import faults_of, repeated_tickets
from rules.weighings.plate_reading import PlateIndex
from tests.casefolder import LAW

TIME = 1740967200  # 2025-03-03
SCALE = Scale("WIM-1", "KD-1", "2025-03-03", 10, 400, 900, "a.jpg")
# Gross 26,700 less 1 % is 26,433 of 24,000: 10.14 %.
HEAVY = Weighing("KT1", 1, TIME, "12C12345", None, (8700, 9000, 9000), (3600, 1350), 26_700, 1, 0, "T1", SCALE)
KNOWN = know(Registry(vehicles=(Registration("12C12345", "OP1", "truck"),), stations=(Station("KT1", "one"),)), LAW)


def kinds(weighing: Weighing) -> list[str]:
    return [fault.kind for fault in faults_of(weighing, None, LAW)]


def grades(*weighings: Weighing) -> list[str]:
    return [str(one.grade) for one in weighing_floor(weighings, KNOWN, LAW)[0] if one.rule == "overload_gross"]


def test_a_record_without_fault_is_judged() -> None:
    assert kinds(HEAVY) == []
    assert grades(HEAVY) == ["certain"]


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"gross_kg": 28_500}, "axle_sum"),
        ({"spacing_mm": (3600, 0)}, "zero_spacing"),
        ({"axle_kg": (8700, 30_001), "spacing_mm": (3600,), "gross_kg": 38_701}, "axle_mass"),
        ({"plate": "?"}, "plate_unread"),
    ],
)
def test_an_impossible_record_is_not_judged_but_told_of(changed: dict[str, object], kind: str) -> None:
    odd = replace(HEAVY, **changed)  # type: ignore[arg-type]
    assert kinds(odd) == [kind]
    findings, notes = weighing_floor([odd], KNOWN, LAW)
    assert findings == []
    assert f"weighing_{kind}" in {note.kind for note in notes}
    assert weighing_floor([replace(odd, scale=None)], KNOWN, LAW)[0] == []  # nor is one that names no instrument


def test_the_edges_of_faults() -> None:
    assert kinds(replace(HEAVY, gross_kg=27_239)) == []  # 539 apart, 10 permille of both 539.39
    assert kinds(replace(HEAVY, gross_kg=27_240)) == ["axle_sum"]  # 540 apart, 539.4
    assert kinds(replace(HEAVY, axle_kg=(30_000,), spacing_mm=(), gross_kg=30_000)) == []
    assert kinds(replace(HEAVY, axle_kg=(), spacing_mm=())) == ["axles_missing"]
    bare = replace(HEAVY, scale=replace(SCALE, error_permille=None))
    assert kinds(replace(bare, gross_kg=27_789)) == []  # 1,089 apart, 20 permille of both 1,089.78
    assert kinds(replace(bare, gross_kg=27_790)) == ["axle_sum"]  # 1,090 apart, 1,089.8


@pytest.mark.parametrize(
    ("scale", "kind"),
    [({"plate_permille": 899}, "plate_unsure"), ({"certificate_until": "2025-03-02"}, "certificate_over")],
)
def test_a_doubtful_record_gives_findings_for_review(scale: dict[str, object], kind: str) -> None:
    doubtful = replace(HEAVY, scale=replace(SCALE, **scale))  # type: ignore[arg-type]
    assert kinds(doubtful) == [kind]
    assert grades(doubtful) == ["possible"]
    (finding,) = (one for one in weighing_floor([doubtful], KNOWN, LAW)[0] if one.rule == "overload_gross")
    assert len(finding.detail["doubts"]) == 1
    assert "consequences" not in finding.detail


def test_the_larger_error_is_taken_off() -> None:
    station = Station("KT1", "one", instrument_error_permille=5)
    assert corrected(HEAVY, station).gross_kg == 26_433
    assert corrected(HEAVY, replace(station, instrument_error_permille=20)).gross_kg == 26_166
    assert corrected(replace(HEAVY, scale=None), station).gross_kg == 26_566


def test_one_weighing_sent_with_and_without_what_it_was_weighed_with_is_one() -> None:
    bare, larger = replace(HEAVY, scale=None), replace(HEAVY, scale=replace(SCALE, error_permille=30))
    for order in ((bare, HEAVY, larger), (larger, bare, HEAVY)):
        assert standing(order) == [larger]
    assert grades(bare, HEAVY) == ["certain"]
    assert grades(bare, HEAVY, larger) == []


def test_a_ticket_on_two_records_is_told_of() -> None:
    other = replace(HEAVY, time=TIME + 60)
    found = repeated_tickets([HEAVY, other, replace(HEAVY, ticket="T2"), replace(HEAVY, ticket=None)])
    assert [(one, fault.kind) for one, fault in found] == [(HEAVY, "ticket_twice"), (other, "ticket_twice")]


@pytest.mark.parametrize(
    ("read", "plates"),
    [
        ("12C12345", []),  # on file
        ("12C1234S", ["12C12345"]),
        ("12C12346", ["12C12345", "12C12356"]),
        ("12C1235", ["12C12345", "12C12356"]),
        ("12C123455", ["12C12345"]),
        ("12C99999", []),
        ("?", []),
    ],
)
def test_plates_one_character_away_are_suggested(read: str, plates: list[str]) -> None:
    index = PlateIndex(["12C12345", "12C12356", "29LD00678"])
    assert sorted(one.plate for one in index.suggest(read)) == plates


def test_what_readers_confuse_comes_first() -> None:
    found = PlateIndex(["12C12341", "12C12348"]).suggest("12C1234B")
    assert [(one.plate, one.confusable, one.how) for one in found] == [
        ("12C12348", True, "B read for 8 at 8"), ("12C12341", False, "B read for 1 at 8"),
    ]  # fmt: skip
