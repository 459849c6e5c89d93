"""The weekly list as CSV: RFC 4180 in UTF-8 with a byte order mark, one row a finding.

Times are local, ISO 8601 with offset; numbers have a decimal point. A text that begins with = + - @ tab CR or LF would
be run as a formula by a spreadsheet: it gets one apostrophe in front, and so does a text that begins with an
apostrophe, so that a reader gets every value back by taking one leading apostrophe off. No other value is touched.
A spreadsheet set to another separator than the comma splits texts at its own: such readers use the workbook.
Operators without findings or without data have no row here: the workbook states them.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO

from api.exports import wording
from api.exports.weekly import OperatorPart, WeeklyList, moment
from journey.model import Finding

NAME = "weekly_csv"
MEDIA_TYPE = "text/csv; charset=utf-8"
SUFFIX = ".csv"

_BOM = "\ufeff"
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "'")

# A published order: columns are added at the end, never moved.
COLUMNS: tuple[tuple[str, Callable[[OperatorPart, Finding], str | int | float | None]], ...] = (
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
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heading for heading, _ in COLUMNS)
    for part, finding in weekly.listed():
        writer.writerow(_shown(cell(part, finding)) for _, cell in COLUMNS)
    return (_BOM + out.getvalue()).encode()


def _shown(value: str | float | None) -> str | float:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_RISKY) else value
    return "" if value is None else value
