"""An amendment as a workbook: a cover with counts by operator, each change with what had been published, notes."""

from __future__ import annotations

from collections import Counter
from typing import Any

from api.exports import wording
from api.exports.amendment import (
    CHANGES,
    TITLE,
    AmendedEntry,
    Amendment,
    Change,
    amends,
    counted,
    difference,
    period,
    reason,
)
from api.exports.heading import add_heading
from api.exports.publication import moment, moment_words, publication_notes, warnings
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
from journey.model import Finding

NAME = "amendment_xlsx"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUFFIX = ".xlsx"
OF = "amendment"

_SUMMARY_COLUMNS = (
    Column("STT", 6, "middle"),
    Column("Đơn vị vận tải", 60, "text"),
    Column("Mã số thuế", 18, "middle"),
    *(Column(words, 14, "whole") for words in CHANGES.values()),
    Column("Tổng số thay đổi", 14, "whole"),
)
_COLUMNS = (
    Column("STT", 5.5, "middle"),
    Column("Thay đổi", 11, "middle"),
    Column("Đơn vị vận tải", 21, "text"),
    Column("Biển số xe", 11.5, "middle"),
    Column("Số giấy phép lái xe", 14.5, "middle"),
    Column("Hành vi", 19, "text"),
    Column("Thời điểm hoàn thành", 19, "moment"),
    Column("Trị số đã công bố", 9, "general"),
    Column("Giới hạn đã công bố", 9, "general"),
    Column("Vượt đã công bố", 9, "general"),
    Column("Trị số nay", 9, "general"),
    Column("Giới hạn nay", 9, "general"),
    Column("Vượt nay", 9, "general"),
    Column("Đơn vị tính", 11, "middle"),
    Column("Mức vi phạm", 13, "text"),
    Column("Lý do", 20, "text"),
    Column("Nội dung đã công bố và thay đổi", 40, "text"),
    Column("Căn cứ pháp lý", 24, "text"),
    Column("Mã phát hiện", 18, "code"),
)
_NOTE_COLUMNS = (Column("", 32, "bold"), Column("", 120, "plain"))


def render(amendment: Amendment) -> bytes:
    """The workbook's bytes."""
    properties = {
        "title": TITLE,
        "subject": period(amendment),
        "author": amendment.authority.splitlines()[-1] if amendment.authority else "",
        "comments": f"law {amendment.law_version}; {amendment.method}; code {amendment.code_version}",
    }
    book = open_book(amendment.made_at, properties)
    _summary(book, amendment)
    _changes(book, amendment)
    _notes(book, amendment)
    return close_book(book)


def _summary(book: Book, amendment: Amendment) -> None:
    sheet = page(book, "Tổng hợp", period(amendment))
    top = add_heading(
        book,
        sheet,
        len(_SUMMARY_COLUMNS) - 1,
        authority=amendment.authority,
        place=amendment.place,
        made_at=amendment.made_at,
        title=TITLE,
        lines=(
            f"Bản sửa đổi số {amendment.publication.number} (lần {amendment.ordinal}). {period(amendment)}",
            amends(amendment),
            counted(amendment),
        ),
        warnings=warnings(amendment.publication),
    )
    counts: dict[str | None, Counter[Change]] = {}
    owners = {}
    for entry in amendment.entries:
        owner = amendment.owner(entry.said)
        owners[owner.id] = owner
        counts.setdefault(owner.id, Counter())[entry.change] += 1
    rows: list[list[Value | Styled]] = [
        [number, owners[id_].name, owners[id_].tax_code, *(count[change] for change in Change), count.total()]
        for number, (id_, count) in enumerate(counts.items(), 1)
    ]
    after = table(book, sheet, top, _SUMMARY_COLUMNS, rows, head_height=34, frozen_columns=2)
    total: list[Value] = [None, "TỔNG CỘNG", None, *(amendment.count(change) for change in Change)]
    put_row(book, sheet, after, [*total, len(amendment.entries)], _SUMMARY_COLUMNS, " sum")


def _titled(book: Book, amendment: Amendment, name: str, last: int) -> Any:
    sheet = page(book, name, period(amendment))
    merge(book, sheet, 0, (0, last), TITLE, "title")
    merge(book, sheet, 1, (0, last), f"Bản sửa đổi số {amendment.publication.number}. {period(amendment)}", "centre")
    sheet.set_row(0, 40)
    sheet.set_row(1, 18)
    return sheet


def _changes(book: Book, amendment: Amendment) -> None:
    sheet = _titled(book, amendment, "Nội dung sửa đổi", len(_COLUMNS) - 1)
    rows = [_row(number, amendment, entry) for number, entry in enumerate(amendment.entries, 1)]
    table(book, sheet, 2, _COLUMNS, rows, head_height=48, frozen_columns=4)


def _row(number: int, amendment: Amendment, entry: AmendedEntry) -> list[Value | Styled]:
    finding = entry.said
    unit, excess_unit = wording.unit(finding.unit), wording.excess_unit(finding)
    return [
        number,
        CHANGES[entry.change],
        amendment.owner(finding).name,
        finding.vehicle,
        finding.driver,
        wording.rule(finding.rule),
        moment(finding.at),
        *_figures(entry.before),
        *_figures(entry.now),
        unit if unit == excess_unit else f"{unit}; vượt: {excess_unit}",
        wording.band(finding),
        reason(entry),
        _content(amendment, entry),
        wording.basis(finding.law),
        entry.id,
    ]


def _figures(finding: Finding | None) -> list[Value | Styled]:
    """Measure, limit and excess; dashes where nothing is or was stated."""
    if finding is None:
        return [Styled("–", "middle")] * 3
    whole, excess = MEASURES.get(finding.unit, ("whole", "whole"))
    return [Styled(finding.measured, whole), Styled(finding.limit, whole), Styled(finding.excess, excess)]


def _content(amendment: Amendment, entry: AmendedEntry) -> str:
    """When it was, and what had been published of it, in words; of a new entry what a reader must know of it."""
    before, now = entry.before, entry.now
    if before is None:
        return _joined(_span(entry.said), wording.remark(entry.said))
    if now is None:
        return _joined(f"Đã công bố, nay không còn hiệu lực: {_span(before).lower()}", wording.remark(before))
    return _joined(_span(now), difference(entry, amendment.owner(before).name, amendment.owner(now).name))


def _span(finding: Finding) -> str:
    if finding.start == finding.end:
        return f"Lúc {moment_words(finding.start)}"
    return f"Từ {moment_words(finding.start)} đến {moment_words(finding.end)}"


def _joined(*parts: str) -> str:
    return "; ".join(filter(None, parts))


def _notes(book: Book, amendment: Amendment) -> None:
    sheet = _titled(book, amendment, "Ghi chú", 1)
    for number, column in enumerate(_NOTE_COLUMNS):
        sheet.set_column(number, number, column.width)
    for row, pair in enumerate(_noted(amendment), 2):
        put_row(book, sheet, row, pair, _NOTE_COLUMNS)
    sheet.freeze_panes(2, 0)
    sheet.repeat_rows(0, 1)


def _noted(amendment: Amendment) -> list[tuple[str, str]]:
    return [
        *publication_notes(amendment.publication),
        ("Danh sách được sửa đổi", amends(amendment)),
        ("Kỳ lập danh sách", period(amendment)),
        ("Thời điểm lập", moment_words(amendment.made_at)),
        ("Phiên bản bộ quy tắc pháp luật", amendment.law_version),
        ("Tệp phương pháp", amendment.method),
        ("Phiên bản phần mềm", amendment.code_version),
        (
            "Cách đọc",
            "Bản sửa đổi chỉ nêu những phát hiện khác với danh sách sau lần sửa đổi trước; những phát hiện không nêu ở "
            "đây giữ nguyên như đã công bố. Danh sách và các bản sửa đổi trước không bị thay thế hoặc sửa chữa.",
        ),
        (
            CHANGES[Change.WITHDRAWN],
            "Phát hiện đã công bố không còn đúng theo dữ liệu và bộ quy tắc hiện có; cơ quan, đơn vị đã nhận danh sách "
            "không tiếp tục sử dụng phát hiện đó. Thời gian và mức vi phạm ghi như đã công bố.",
        ),
        (CHANGES[Change.CHANGED], "Vẫn là hành vi đó (cùng mã phát hiện), nhưng trị số hoặc nội dung khác trước."),
        (
            "Giá trị sử dụng",
            "Bản sửa đổi nêu dấu hiệu vi phạm rút ra từ dữ liệu, dùng để kiểm tra, xác minh; "
            "không thay thế biên bản hoặc quyết định xử phạt vi phạm hành chính.",
        ),
        ("Thời gian", "Giờ Việt Nam (UTC+7)."),
    ]
