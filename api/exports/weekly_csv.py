"""The weekly list as CSV: one row a finding, in the safe form of csv_table.

Times are local, ISO 8601 with offset; numbers have a decimal point. A spreadsheet set to another separator than the
comma splits texts at its own: such readers use the workbook. Operators without findings or without data have no row
here: the workbook states them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from api.exports import wording
from api.exports.csv_table import csv_bytes
from api.exports.publication import moment
from api.exports.weekly import WeeklyList
from journey.model import Finding

NAME = "weekly_csv"
MEDIA_TYPE = "text/csv; charset=utf-8"
SUFFIX = ".csv"


class Owner(Protocol):
    """Whose vehicle it is, as a row names it; `id` None: of no operator."""

    @property
    def id(self) -> str | None: ...
    @property
    def name(self) -> str: ...
    @property
    def tax_code(self) -> str | None: ...


# A published order: columns are added at the end, never moved.
COLUMNS: tuple[tuple[str, Callable[[Owner, Finding], str | int | float | None]], ...] = (
    ("Mã phát hiện", lambda part, finding: finding.id),
    ("Mã đơn vị", lambda part, finding: part.id),
    ("Đơn vị vận tải", lambda part, finding: part.name),
    ("Mã số thuế", lambda part, finding: part.tax_code),
    ("Biển số xe", lambda part, finding: finding.vehicle),
    ("Số giấy phép lái xe", lambda part, finding: finding.driver),
    ("Mã hành vi", lambda part, finding: finding.rule),
    ("Hành vi", lambda part, finding: wording.rule(finding.rule)),
    ("Mức vi phạm", lambda part, finding: wording.band(finding)),
    ("Bắt đầu", lambda part, finding: moment(finding.start).isoformat()),
    ("Kết thúc", lambda part, finding: moment(finding.end).isoformat()),
    ("Thời điểm hoàn thành", lambda part, finding: moment(finding.at).isoformat()),
    ("Trị số đo", lambda part, finding: finding.measured),
    ("Giới hạn", lambda part, finding: finding.limit),
    ("Đơn vị tính", lambda part, finding: wording.unit(finding.unit)),
    ("Vượt", lambda part, finding: finding.excess),
    ("Đơn vị tính mức vượt", lambda part, finding: wording.excess_unit(finding)),
    ("Mức độ", lambda part, finding: wording.GRADES[finding.grade]),
    ("Căn cứ pháp lý", lambda part, finding: wording.basis(finding.law)),
    (
        "Kiểm chứng căn cứ",
        lambda part, finding: wording.UNVERIFIED if wording.leans_on_unverified(finding) else wording.VERIFIED,
    ),
    ("Ghi chú", lambda part, finding: wording.remark(finding)),
)


def render(weekly: WeeklyList) -> bytes:
    """The file's bytes; a week without findings is the headings alone."""
    rows = ([cell(part, finding) for _, cell in COLUMNS] for part, finding in weekly.listed())
    return csv_bytes([[heading for heading, _ in COLUMNS], *rows])
