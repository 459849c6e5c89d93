"""Month-to-date counters as CSV: one row a vehicle and month, in the safe form of csv_table.

The months' figures of law, and operators, stand in the JSON beside it; of a month without any vehicle that counts there
is no row here.
"""

from __future__ import annotations

from api.exports.counter_rows import VEHICLE, vehicle_rows
from api.exports.csv_table import csv_bytes
from api.exports.weekly import WeeklyList

NAME = "counters_csv"
MEDIA_TYPE = "text/csv; charset=utf-8"
SUFFIX = ".so-dem.csv"

# A published order, that of VEHICLE: columns are added at the end, never moved.
HEADINGS = (
    "Tháng", "Biển số xe", "Mã đơn vị", "Đơn vị vận tải", "Số lần quá tốc độ được tính", "Quãng đường (m)",
    "Số lần cân quá tải được tính", "Đã đạt mức do tốc độ", "Đã đạt mức do tải trọng",
)  # fmt: skip


def render(weekly: WeeklyList) -> bytes:
    """The file's bytes; where nothing counts, the headings alone."""
    return csv_bytes([HEADINGS, *([_said(cell) for cell in row] for row in vehicle_rows(weekly))])


def _said(cell: str | int | float | bool | None) -> str | int | float | None:
    return ("có" if cell else "không") if isinstance(cell, bool) else cell


def fields() -> list[tuple[str, str]]:
    """Heading and type of each column."""
    return [
        (heading, "string" if field.type == "boolean" else field.type)
        for heading, field in zip(HEADINGS, VEHICLE, strict=True)
    ]
