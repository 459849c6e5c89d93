"""State statistics as CSV (one table for all properties), workbook (a sheet each) and paper."""

from __future__ import annotations

from collections.abc import Iterator

from api.exports.csv_table import csv_bytes
from api.printing.blocks import Block, bullets, end, heading, part, signature, table, text, title, warning
from api.printing.typeset import Paper, Part, typeset
from api.reports import form_csv, form_xlsx
from api.reports.form_pdf import heads, printed_row, widths
from api.reports.statistics import TITLE, Statistics, cells, columns, forms, notes


def as_csv(of: Statistics) -> bytes:
    """One row a key: which property, which key, then the same columns; the period and the one before it first."""
    rows = [["Phân tổ", "Nhóm", *(form_csv.heading(column) for column in columns()[1:])]]
    wholes = (("Toàn bộ", of.period, of.now), ("Kỳ trước", of.before, of.then))
    sections = ((one.name, name, counts) for one in of.sections for name, counts in one.rows)
    for group, name, counts in (*wholes, *sections):
        shown = zip(cells(counts), columns()[1:], strict=True)
        rows.append([group, name, *(form_csv.cell(value, column.kind) for value, column in shown)])
    return csv_bytes(rows)


def as_xlsx(of: Statistics) -> bytes:
    return form_xlsx.render_all(forms(of), notes(of))


def as_pdf(of: Statistics) -> bytes:
    frame = of.frame
    author = frame.authority.splitlines()[-1] if frame.authority else ""
    running = f"{of.period} · {frame.running}"
    return typeset(Paper(of.period, author, running, frame.made_at, (Part(_blocks(of), flipped=True),)))


def _blocks(of: Statistics) -> Iterator[Block]:
    frame = of.frame
    yield heading(frame.authority, frame.place, frame.made_at)
    yield title(TITLE, (of.period, *frame.lines))
    yield from (warning(one) for one in frame.warnings)
    for form in forms(of):
        yield part("So sánh với kỳ trước" if form.name == "So sánh" else f"Theo {form.name.lower()}")
        rows = [printed_row(row, form.columns) for row in form.rows]
        if rows:
            yield table(widths(form.columns), heads(form.columns), rows, size=8)
        else:
            yield text("Không có dữ liệu.", size=10)
        yield from (text(note, size=8.5) for note in form.notes)
    yield bullets(notes(of), size=8.5)
    yield signature(("Ủy ban nhân dân tỉnh (để báo cáo);", "Lưu: VT."), ("GIÁM ĐỐC",))
    yield end()
