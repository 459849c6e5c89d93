"""The sheets behind the list itself: coverage of the data, figures of law, notes."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from api.exports import wording
from api.exports.coverage import VehicleCoverage
from api.exports.history import WEEKS
from api.exports.sheet import Book, Column, Styled, Value, merge, page, put_row, table
from api.exports.weekly import WeeklyList
from api.exports.weekly_notes import monitored, notes, period, status, status_of_vehicle, used_law
from journey.localtime import DAY_S
from journey.model import LawUse

_COVERAGE_COLUMNS = (
    Column("Cấp", 11, "middle"),
    Column("Đơn vị vận tải", 34, "text"),
    Column("Biển số xe", 12, "middle"),
    Column("Loại xe", 15, "text"),
    Column("Số bản ghi", 11, "whole"),
    Column("Thời gian chạy xe", 12, "span"),
    Column("Thời gian dừng, đỗ", 12, "span"),
    Column("Không xác định", 12, "span"),
    Column("Không có bản ghi", 13, "span"),
    Column("Độ phủ", 9, "percent"),
    Column("Quãng đường (km)", 12, "tenth"),
    Column("Tình trạng dữ liệu", 40, "text"),
)
_REPEATED_COLUMNS = (
    Column("STT", 6, "middle"),
    Column("Đối tượng", 13, "middle"),
    Column("Biển số xe hoặc số giấy phép", 20, "middle"),
    Column("Đơn vị vận tải", 40, "text"),
    Column("Trong tuần", 10, "whole"),
    Column(f"{WEEKS} tuần trước", 10, "whole"),
    Column("Số tuần có phát hiện", 12, "whole"),
    Column("Hành vi", 60, "text"),
)
_METHOD_BASIS = "Trị số lựa chọn trong tệp phương pháp; không phải quy định của pháp luật"
_LAW_COLUMNS = (
    Column("STT", 6, "middle"),
    Column("Tham số", 30, "text"),
    Column("Giá trị", 26, "general"),
    Column("Đơn vị tính", 9, "middle"),
    Column("Có hiệu lực từ", 13, "day"),
    Column("Căn cứ", 52, "text"),
    Column("Trích dẫn gốc trong bộ quy tắc", 46, "text"),
    Column("Kiểm chứng", 15, "middle"),
    Column("Số phát hiện sử dụng", 12, "whole"),
)

_NOTE_COLUMNS = (Column("", 32, "bold"), Column("", 120, "plain"))


def add_titled(book: Book, weekly: WeeklyList, name: str, title: str, last: int) -> Any:
    """A sheet with a title and the period over the columns 0 to `last`; its table begins in row 2."""
    sheet = page(book, name, period(weekly))
    merge(book, sheet, 0, (0, last), title, "title")
    merge(book, sheet, 1, (0, last), period(weekly), "centre")
    sheet.set_row(0, 26)
    sheet.set_row(1, 18)
    return sheet


def add_coverage(book: Book, weekly: WeeklyList) -> None:
    title = "ĐỘ PHỦ DỮ LIỆU THEO ĐƠN VỊ VẬN TẢI VÀ PHƯƠNG TIỆN"
    sheet = add_titled(book, weekly, "Độ phủ dữ liệu", title, len(_COVERAGE_COLUMNS) - 1)
    week_s = weekly.end - weekly.start
    rows: list[list[Value | Styled]] = []
    for part in weekly.parts:
        whole = VehicleCoverage(
            plate="",
            operator=part.id,
            fixes=sum(row.fixes for row in part.vehicles),
            driving_s=part.driving_s,
            standing_s=part.standing_s,
            unknown_s=part.unknown_s,
            driving_m=part.driving_m,
        )
        seconds = week_s * len(part.vehicles)
        head = _coverage_row("Đơn vị", part.name, whole, seconds, status(part))
        rows.append(
            [Styled(value, f"{column.style} sum") for value, column in zip(head, _COVERAGE_COLUMNS, strict=True)]
        )
        rows += [
            [*_coverage_row("Phương tiện", part.name, row, week_s, status_of_vehicle(row))] for row in part.vehicles
        ]
    table(book, sheet, 2, _COVERAGE_COLUMNS, rows, head_height=34, frozen_columns=3)


def _coverage_row(level: str, name: str, row: VehicleCoverage, seconds: int, state: str) -> list[Value]:
    return [
        level,
        name,
        row.plate,
        wording.KINDS.get(row.kind, row.kind) if row.kind else None,
        row.fixes,
        row.driving_s / DAY_S,
        row.standing_s / DAY_S,
        row.unknown_s / DAY_S,
        (seconds - row.known_s - row.unknown_s) / DAY_S,
        row.known_s / seconds if seconds else None,
        row.driving_m / 1000,
        f"{state}; {monitored(row.known_s, seconds)}" if row.fixes else state,
    ]


def add_repeated(book: Book, weekly: WeeklyList) -> None:
    title = f"PHƯƠNG TIỆN, LÁI XE CÓ NHIỀU PHÁT HIỆN TRONG TUẦN VÀ {WEEKS} TUẦN TRƯỚC"
    sheet = add_titled(book, weekly, "Nhiều phát hiện", title, len(_REPEATED_COLUMNS) - 1)
    names = {part.id: part.name for part in weekly.parts}
    rows: list[list[Value | Styled]] = [
        [
            number,
            "Lái xe" if one.is_driver else "Phương tiện",
            one.subject,
            "; ".join(names.get(id_, id_ or wording.UNREGISTERED) for id_ in one.operators),
            one.in_week,
            one.before,
            one.weeks,
            "; ".join(f"{wording.SHORT_RULES.get(rule, rule)}: {count}" for rule, count in one.rules),
        ]
        for number, one in enumerate(weekly.repeated, 1)
    ]
    after = table(book, sheet, 2, _REPEATED_COLUMNS, rows, head_height=34, frozen_columns=3)
    if not rows:
        merge(book, sheet, after, (0, len(_REPEATED_COLUMNS) - 1), "Không có.", "centre")


def add_law(book: Book, weekly: WeeklyList) -> None:
    title = "CĂN CỨ PHÁP LÝ VÀ THAM SỐ ĐÃ SỬ DỤNG"
    sheet = add_titled(book, weekly, "Căn cứ pháp lý", title, len(_LAW_COLUMNS) - 1)
    rows: list[list[Value | Styled]] = [
        [
            number,
            use.parameter,
            _figure(use.value),
            wording.unit(use.unit),
            _day(use.in_force_from),
            _METHOD_BASIS if wording.is_method(use) else wording.citation(use.citation),
            use.citation,
            _verified(use),
            times,
        ]
        for number, (use, times) in enumerate(used_law(weekly), 1)
    ]
    table(book, sheet, 2, _LAW_COLUMNS, rows, head_height=34, frozen_columns=2)


def _verified(use: LawUse) -> str:
    if wording.is_method(use):
        return wording.METHOD
    return wording.VERIFIED if use.verified else wording.UNVERIFIED


def _figure(value: Any) -> Value:
    """A figure of law as a number or a text; a table of the law as its JSON."""
    if value is None or isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _day(text: str) -> Value:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def add_notes(book: Book, weekly: WeeklyList) -> None:
    sheet = add_titled(book, weekly, "Ghi chú", "GHI CHÚ", 1)
    for number, column in enumerate(_NOTE_COLUMNS):
        sheet.set_column(number, number, column.width)
    for row, pair in enumerate(notes(weekly), 2):
        put_row(book, sheet, row, pair, _NOTE_COLUMNS)
    sheet.freeze_panes(2, 0)
    sheet.repeat_rows(0, 1)
