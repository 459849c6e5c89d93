"""Who is listed, in which order, and what is said of those without findings or without data."""

from __future__ import annotations

import doctest
import random
from datetime import date

import pytest

from api.exports import EXPORTS, wording
from api.exports.coverage import VehicleCoverage
from api.exports.weekly import OperatorPart, Status, WeeklyList
from api.exports.weekly_notes import counted, notes, status, used_law
from journey.model import Finding, Grade, LawUse
from journey.registry import Operator, Registration
from tests.exports.sample import (
    COVERAGE,
    END,
    FINDINGS,
    LISTED,
    OPERATORS,
    REGISTRATIONS,
    SPEED,
    START,
    finding,
    week,
)

WEEK_S = 7 * 86_400


def part_of(weekly: WeeklyList, operator: str) -> OperatorPart:
    return next(part for part in weekly.parts if part.id == operator)


def listed(weekly: WeeklyList) -> list[Finding]:
    return [item for _, item in weekly.listed()]


def test_exports_are_these() -> None:
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert {name: (export.of, export.media_type, export.suffix) for name, export in EXPORTS.items()} == {
        "amendment_csv": ("amendment", "text/csv; charset=utf-8", ".csv"),
        "amendment_json": ("amendment", "application/json", ".json"),
        "amendment_pdf": ("amendment", "application/pdf", ".pdf"),
        "amendment_xlsx": ("amendment", sheet, ".xlsx"),
        "counters_csv": ("list", "text/csv; charset=utf-8", ".so-dem.csv"),
        "counters_json": ("list", "application/json", ".so-dem.json"),
        "weekly_csv": ("list", "text/csv; charset=utf-8", ".csv"),
        "weekly_json": ("list", "application/json", ".json"),
        "weekly_pdf": ("list", "application/pdf", ".pdf"),
        "weekly_xlsx": ("list", sheet, ".xlsx"),
    }


def test_only_certain_findings_complete_within_the_week_are_listed() -> None:
    weekly = week()
    assert (weekly.start, weekly.end) == (START, END)
    expected = [item for item in FINDINGS if item.grade == Grade.CERTAIN and START <= item.at < END]
    assert sorted(item.id for item in listed(weekly)) == sorted(item.id for item in expected)
    assert len(expected) == LISTED
    assert weekly.possible == 1


def test_a_possible_finding_of_another_week_is_not_counted() -> None:
    assert week([finding(at=END, grade=Grade.POSSIBLE), finding(at=START - 1, grade=Grade.POSSIBLE)]).possible == 0


def test_order_and_content_do_not_depend_on_the_order_of_input() -> None:
    mixed = random.Random(7)

    def shuffled[T](items: tuple[T, ...]) -> list[T]:
        return mixed.sample(items, len(items))

    other = week(shuffled(FINDINGS), shuffled(COVERAGE), shuffled(OPERATORS), registrations=shuffled(REGISTRATIONS))
    assert other == week()
    names = [part.name for part in other.operators]
    assert names == sorted(names, key=wording.collation)
    own = part_of(other, "OP1").findings
    keys = [(item.rule, item.vehicle, item.driver or "", item.at) for item in own]
    assert keys == sorted(keys)


def test_a_finding_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="given twice"):
        week([finding(), finding()])


def test_silence_is_stated_and_is_not_the_same_as_no_findings() -> None:
    weekly = week([])
    assert part_of(weekly, "OP4").status == Status.SILENT
    assert status(part_of(weekly, "OP4")) == "Không có dữ liệu"
    assert part_of(weekly, "OP1").status == Status.CLEAR
    assert "chưa phát hiện" in status(part_of(weekly, "OP1"))


def test_findings_of_a_silent_operator_are_listed_beside_its_silence() -> None:
    part = part_of(week(), "OP3")
    assert (part.status, part.vehicles_with_data, len(part.findings)) == (Status.FOUND, 0, 1)
    assert status(part) == "Có phát hiện; không có dữ liệu hành trình"


def test_silent_vehicles_of_an_operator_with_data_are_counted_in_its_state() -> None:
    part = part_of(week([], (VehicleCoverage("12C12345", "OP1", 9_000, 180_000),)), "OP1")
    assert status(part).endswith("; 1 xe không có dữ liệu")


def test_fixes_without_known_activity_clear_nobody() -> None:
    weekly = week([], (VehicleCoverage("12C33333", "OP4", fixes=3, unknown_s=100),))
    assert part_of(weekly, "OP4").status == Status.UNJUDGED


def test_an_operator_without_vehicles_in_the_week_says_so() -> None:
    rows = (Registration("12C33333", "OP4", "truck", "goods", valid_to=date(2026, 3, 15)),)
    assert part_of(week([], (), registrations=rows), "OP4").status == Status.EMPTY


def test_coverage_counts_registered_vehicles_with_a_recorder() -> None:
    part = part_of(week(), "OP1")
    assert (part.vehicles_registered, part.vehicles_with_data) == (2, 2)  # the semi-trailer has no recorder
    assert part.coverage == (180_000 + 300_000 + 36_000 + 90_000) / (2 * WEEK_S)
    assert [row.plate for row in part.vehicles] == ["12C12345", "12C12346"]
    assert part_of(week(), "OP2").vehicles_registered == 1  # the other left on the Sunday before
    assert part_of(week(), "OP4").coverage == 0.0


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "counted"),
    [
        (date(2026, 3, 22), None, 1),
        (date(2026, 3, 23), None, 0),
        (None, date(2026, 3, 16), 1),
        (None, date(2026, 3, 15), 0),
    ],
)
def test_a_registration_counts_from_its_first_to_its_last_day(
    valid_from: date | None, valid_to: date | None, counted: int
) -> None:
    row = Registration("12C33333", "OP4", "truck", "goods", valid_from=valid_from, valid_to=valid_to)
    assert part_of(week([], (), registrations=[row]), "OP4").vehicles_registered == counted


def test_rows_of_days_are_added_up() -> None:
    days = [VehicleCoverage("12C33333", "OP4", 10, 100, 200, 5, 0.1) for _ in range(7)]
    row = part_of(week([], days), "OP4").vehicles[0]
    assert (row.fixes, row.driving_s, row.standing_s, row.unknown_s) == (70, 700, 1400, 35)
    assert row.driving_m == pytest.approx(0.7)


def test_coverage_longer_than_the_week_is_refused() -> None:
    with pytest.raises(ValueError, match="12C33333 is longer than the week"):
        week([], (VehicleCoverage("12C33333", "OP4", 1, WEEK_S, 1),))


def test_the_unregistered_part_comes_last_and_only_when_needed() -> None:
    assert week().parts[-1].id is None
    assert all(part.id for part in week([], (), registrations=()).parts)


def test_an_operator_that_the_registry_lacks_is_not_lost() -> None:
    weekly = week([finding(operator="OP9")])
    assert len(part_of(weekly, "OP9").findings) == 1
    assert any(note.subject == "OP9" for note in weekly.notes)


def test_a_vehicle_that_changed_operator_stands_under_both() -> None:
    rows = (VehicleCoverage("12C1", "OP1", 5, 10), VehicleCoverage("12C1", "OP4", 6, 20))
    weekly = week([], rows, registrations=())
    assert part_of(weekly, "OP1").driving_s == 10
    assert part_of(weekly, "OP4").driving_s == 20


def test_used_law_counts_findings_and_tells_values_apart() -> None:
    faster = SPEED._replace(value=80)
    given = [finding(at=START), finding(at=START + 1), finding(at=START + 2, law=(faster, faster))]
    shown = {(use.parameter, use.value): count for use, count in used_law(week(given))}
    assert shown == {("method.speeding_min_duration", 20): 2, ("speed.outside", 60): 2, ("speed.outside", 80): 1}


def test_notes_name_what_the_list_was_made_with() -> None:
    text = "\n".join(f"{label}: {line}" for label, line in notes(week()))
    for part in ("method.yaml", "3f2a9c51d0e4", "0.1.0", "41, 42", "01:00:00 ngày 23/03/2026", "không quy kết"):
        assert part in text


def test_an_unknown_week_is_refused() -> None:
    with pytest.raises(ValueError, match="2026-W12"):
        week(week="2026-12")


def test_band_edges_in_words() -> None:
    assert wording.band(finding(band="20-35")) == "Trên 20 đến 35 km/h"
    assert wording.band(finding("overload_gross", band="50+")) == "Trên 50%"
    assert wording.band(finding("overload_payload", band="10-30")) == "Trên 10% đến 30%"
    assert wording.band(finding("daily_driving")) == ""
    assert wording.band(finding("a_new_rule", band="x")) == "x"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Law 36/2024/QH15, Art. 64(1)", "khoản 1 Điều 64 Luật 36/2024/QH15"),
        (
            "Decree 168/2024/ND-CP, Art. 6(3)(a), (5)(dd), (6)(a)",
            "điểm a khoản 3, điểm đ khoản 5, điểm a khoản 6 Điều 6 Nghị định 168/2024/NĐ-CP",
        ),
        (
            "Decree 158/2024/ND-CP, Art. 11(13)(a), (b)",
            "điểm a khoản 13, điểm b khoản 13 Điều 11 Nghị định 158/2024/NĐ-CP",
        ),
        (
            "Circular 39/2024/TT-BGTVT, Art. 7(7); Decree 168/2024/ND-CP, Art. 34",
            "khoản 7 Điều 7 Thông tư 39/2024/TT-BGTVT; Điều 34 Nghị định 168/2024/NĐ-CP",
        ),
        (
            "Decree 100/2019/ND-CP as amended by Decree 123/2021/ND-CP, Art. 33(2), (4)(a)",
            "khoản 2, điểm a khoản 4 Điều 33 Nghị định 100/2019/NĐ-CP được sửa đổi bởi Nghị định 123/2021/NĐ-CP",
        ),
        ("Circular 71/2024/TT-BCA, Art. 6 (a remark)", "Thông tư 71/2024/TT-BCA, Điều 6 (a remark)"),
        ("a text of no known form", "a text of no known form"),
    ],
)
def test_citations_in_vietnamese(text: str, shown: str) -> None:
    assert wording.citation(text) == shown


def test_legal_basis_leaves_method_figures_out_and_says_when_nothing_else_is_left() -> None:
    method = LawUse("method.moving_silence_distance_min", 1000, "m", "2000-01-01", "method: why", True)
    assert wording.basis((SPEED, method, SPEED)) == "khoản 2 Điều 6 Thông tư 38/2024/TT-BGTVT"
    assert wording.basis((method,)) == wording.METHOD_ONLY


def test_a_finding_on_an_unverified_figure_or_on_none_is_marked() -> None:
    assert wording.leans_on_unverified(finding("overload_gross"))
    assert wording.leans_on_unverified(finding(law=()))
    assert not wording.leans_on_unverified(finding())


def test_examples_of_the_wording_hold() -> None:
    assert doctest.testmod(wording).failed == 0


def test_vietnamese_order() -> None:
    names = ["Đông", "Dũng", "Ân", "An", "Ánh", "Ảnh", "ăn", "Zeta", "1 tháng 5", "Ơn", "Ong"]
    assert sorted(names, key=wording.collation) == [
        "1 tháng 5",
        "An",
        "Ảnh",
        "Ánh",
        "ăn",
        "Ân",
        "Dũng",
        "Đông",
        "Ong",
        "Ơn",
        "Zeta",
    ]


def test_operators_of_one_name_are_ordered_by_id() -> None:
    weekly = week([], (), [Operator("B", "Một tên"), Operator("A", "Một tên")], registrations=())
    assert [part.id for part in weekly.operators] == ["A", "B"]


def test_data_of_vehicles_in_no_registry_is_told_of_and_not_cleared() -> None:
    """They are not judged: to say that nothing was found would clear them."""
    part = week([]).unregistered
    assert part.vehicles_with_data
    assert part.status == Status.UNREGISTERED
    assert "chưa xét" in status(part)
    said = dict(notes(week([])))["Phương tiện không có trong sổ đăng ký"]
    assert said.startswith(f"{part.vehicles_with_data} xe, {sum(row.fixes for row in part.vehicles)} bản ghi: ")
    assert "Phương tiện không có trong sổ đăng ký" not in dict(notes(week([], ())))


def test_what_a_case_keeps_back_is_counted_and_what_it_confirmed_is_listed() -> None:
    kept, confirmed = finding(at=START + 5), finding("continuous_driving", START + 50, grade=Grade.POSSIBLE)
    others = [finding(at=START + 6), finding(at=START + 7, grade=Grade.POSSIBLE)]
    weekly = week([kept, confirmed, *others], allowed={confirmed.id, others[0].id})
    assert {item.id for item in listed(weekly)} == {confirmed.id, others[0].id}
    assert (weekly.held, weekly.possible) == (1, 1)
    assert wording.remark(confirmed).startswith("Đã được xác nhận trong hồ sơ; ")
    assert "chưa liệt kê theo hồ sơ giải trình, khiếu nại: 1." in counted(weekly)
    assert "hồ sơ" not in counted(week())
