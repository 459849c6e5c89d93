"""The weekly list as a workbook that an inspector reads, filters and prints.

The same list gives the same bytes. Rows are not grouped under heading lines: the operator stands in a column, so that
a filter or a sort keeps every row complete.
"""

from __future__ import annotations

from collections import Counter
from math import fsum

from api.exports import wording
from api.exports.heading import add_heading
from api.exports.publication import moment, warnings
from api.exports.sheet import (
    MEASURES,
    Book,
    Column,
    Styled,
    Value,
    close_book,
    merge,
    open_book,
    page,
    put_row,
    table,
)
from api.exports.weekly import OperatorPart, WeeklyList
from api.exports.weekly_annexes import add_coverage, add_law, add_notes, add_repeated, add_titled
from api.exports.weekly_notes import counted, monitored, period, status
from journey.model import Finding

NAME = "weekly_xlsx"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUFFIX = ".xlsx"

_FINDING_COLUMNS = (
    Column("STT", 5.5, "middle"),
    Column("Đơn vị vận tải", 22, "text"),
    Column("Biển số xe", 11.5, "middle"),
    Column("Số giấy phép lái xe", 14.5, "middle"),
    Column("Hành vi", 21, "text"),
    Column("Mức vi phạm", 13, "text"),
    Column("Bắt đầu", 19, "moment"),
    Column("Kết thúc", 19, "moment"),
    Column("Thời điểm hoàn thành", 19, "moment"),
    Column("Trị số đo", 10, "general"),
    Column("Giới hạn", 10, "general"),
    Column("Vượt", 10, "general"),
    Column("Đơn vị tính", 11, "middle"),
    Column("Căn cứ pháp lý", 27, "text"),
    Column("Kiểm chứng căn cứ", 10, "middle"),
    Column("Ghi chú", 27, "text"),
    Column("Mã phát hiện", 18, "code"),
)


def render(weekly: WeeklyList) -> bytes:
    """The workbook's bytes."""
    properties = {
        "title": wording.TITLE,
        "subject": period(weekly),
        "author": weekly.authority.splitlines()[-1] if weekly.authority else "",
        "comments": f"law {weekly.law_version}; {weekly.method}; code {weekly.code_version}",
    }
    book = open_book(weekly.made_at, properties)
    _summary(book, weekly)
    _findings(book, weekly)
    add_repeated(book, weekly)
    add_coverage(book, weekly)
    add_law(book, weekly)
    add_notes(book, weekly)
    return close_book(book)


def _summary(book: Book, weekly: WeeklyList) -> None:
    """The cover: administrative heading, title, and one row an operator."""
    counts = [Counter(finding.rule for finding in part.findings) for part in weekly.parts]
    rules = [*wording.RULES, *sorted(set().union(*counts) - wording.RULES.keys())]
    columns = (
        Column("STT", 5.5, "middle"),
        Column("Đơn vị vận tải", 36, "text"),
        Column("Mã số thuế", 13, "middle"),
        Column("Số xe đăng ký", 8.5, "whole"),
        Column("Số xe có dữ liệu", 8.5, "whole"),
        *(Column(wording.SHORT_RULES.get(rule, rule), 9.5, "whole") for rule in rules),
        Column("Tổng số phát hiện", 9.5, "whole"),
        Column("Tuần trước", 8.5, "whole"),
        Column("Tăng, giảm", 8.5, "signed"),
        Column("Số xe có phát hiện", 9.5, "whole"),
        Column("Độ phủ dữ liệu", 9.5, "percent"),
        Column("Quãng đường (km)", 12, "tenth"),
        Column("Số phát hiện trên 1.000 km", 10.5, "cent"),
        Column("Tình trạng", 24, "text"),
    )
    sheet = page(book, "Tổng hợp", period(weekly))
    numbered = f"Danh sách số {weekly.publication.number}. {period(weekly)}" if weekly.publication else period(weekly)
    top = add_heading(
        book,
        sheet,
        len(columns) - 1,
        authority=weekly.authority,
        place=weekly.place,
        made_at=weekly.made_at,
        title=wording.TITLE,
        lines=(numbered, counted(weekly)),
        warnings=warnings(weekly.publication),
    )
    rows = [
        _summary_row(number, part, count, rules, weekly.end - weekly.start)
        for number, (part, count) in enumerate(zip(weekly.parts, counts, strict=True), 1)
    ]
    after = table(book, sheet, top, columns, rows, head_height=64, frozen_columns=2)
    total = sum(counts, Counter[str]())
    metres = fsum(part.driving_m for part in weekly.parts)
    vehicles = [row for part in weekly.parts for row in part.vehicles]
    share = sum(row.known_s for row in vehicles) / ((weekly.end - weekly.start) * len(vehicles)) if vehicles else None
    before = [part.last_week for part in weekly.parts if part.last_week is not None]
    known = all(part.last_week is not None for part in weekly.parts if part.findings)
    values: list[Value | Styled] = [
        None,
        "TỔNG CỘNG",
        None,
        sum(part.vehicles_registered for part in weekly.parts),
        sum(part.vehicles_with_data for part in weekly.parts),
        *(total[rule] for rule in rules),
        total.total(),
        *_compared(total.total() if known else None, sum(before) if before else None),
        len({finding.vehicle for _, finding in weekly.listed()}),
        share,
        metres / 1000,
        _rate(total.total(), metres),
        None,
    ]
    put_row(book, sheet, after, values, columns, " sum")


def _summary_row(
    number: int, part: OperatorPart, count: Counter[str], rules: list[str], week_s: int
) -> list[Value | Styled]:
    silent = not part.vehicles_with_data
    dash = Styled("–", "middle")
    return [
        number,
        part.name,
        part.tax_code,
        part.vehicles_registered,
        part.vehicles_with_data,
        # A zero says that data was looked at; where there was none, a dash stands.
        *(count[rule] if count[rule] or not silent else dash for rule in rules),
        dash if silent and not part.findings else len(part.findings),
        *_compared(None if silent and not part.findings else len(part.findings), part.last_week),
        dash if silent and not part.findings else len({finding.vehicle for finding in part.findings}),
        part.coverage if part.vehicles else dash,
        dash if silent else part.driving_m / 1000,
        dash if (rate := _rate(len(part.findings), part.driving_m)) is None else rate,
        f"{status(part)}; {monitored(part.driving_s + part.standing_s, week_s * len(part.vehicles))}"
        if part.vehicles_with_data
        else status(part),
    ]


def _compared(count: int | None, before: int | None) -> tuple[Value | Styled, Value | Styled]:
    """Last week's count and the difference; dashes where either week had no data."""
    dash = Styled("–", "middle")
    return dash if before is None else before, dash if before is None or count is None else count - before


def _rate(count: int, metres: float) -> float | None:
    """Findings per 1000 km; None where nothing was driven."""
    return count * 1_000_000 / metres if metres > 0 else None


def _findings(book: Book, weekly: WeeklyList) -> None:
    sheet = add_titled(book, weekly, "Danh sách", wording.TITLE, len(_FINDING_COLUMNS) - 1)
    rows = [_finding_row(number, part, item) for number, (part, item) in enumerate(weekly.listed(), 1)]
    after = table(book, sheet, 2, _FINDING_COLUMNS, rows, head_height=48, frozen_columns=3)
    if not rows:
        text = "Không có phát hiện nào được liệt kê trong tuần. Xem trang tính “Độ phủ dữ liệu” trước khi kết luận."
        merge(book, sheet, after, (0, len(_FINDING_COLUMNS) - 1), text, "centre")


def _finding_row(number: int, part: OperatorPart, finding: Finding) -> list[Value | Styled]:
    whole, excess = MEASURES.get(finding.unit, ("whole", "whole"))
    unit, excess_unit = wording.unit(finding.unit), wording.excess_unit(finding)
    return [
        number,
        part.name,
        finding.vehicle,
        finding.driver,
        wording.rule(finding.rule),
        wording.band(finding),
        moment(finding.start),
        moment(finding.end),
        moment(finding.at),
        Styled(finding.measured, whole),
        Styled(finding.limit, whole),
        Styled(finding.excess, excess),
        unit if unit == excess_unit else f"{unit}; vượt: {excess_unit}",
        wording.basis(finding.law),
        wording.UNVERIFIED if wording.leans_on_unverified(finding) else None,
        wording.remark(finding),
        finding.id,
    ]
