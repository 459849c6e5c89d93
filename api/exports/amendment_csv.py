"""An amendment as CSV: one row a finding, what stands now and what had been published, in the columns of the list."""

from __future__ import annotations

from typing import Any

from api.exports.amendment import CHANGES, AmendedEntry, Amendment, reason
from api.exports.csv_table import csv_bytes
from api.exports.weekly_csv import COLUMNS
from journey.model import Finding

NAME = "amendment_csv"
MEDIA_TYPE = "text/csv; charset=utf-8"
SUFFIX = ".csv"
OF = "amendment"

# A published order: columns are added at the end, never moved.
_OWN = ("Số sửa đổi", "Thay đổi", "Mã thay đổi", "Lý do", "Mã lý do", "Lần tính toán", "Mã phát hiện")
_STATED = [(heading, cell) for heading, cell in COLUMNS if heading not in _OWN]


def render(amendment: Amendment) -> bytes:
    """The file's bytes. Cells of what stands now are empty where the finding was withdrawn, of before where added."""
    now, before = (f"{when}: " for when in ("Nay", "Đã công bố"))
    header = [*_OWN, *(now + heading for heading, _ in _STATED), *(before + heading for heading, _ in _STATED)]
    return csv_bytes([header, *(_row(amendment, entry) for entry in amendment.entries)])


def _row(amendment: Amendment, entry: AmendedEntry) -> list[Any]:
    own = [amendment.publication.number, CHANGES[entry.change], str(entry.change), reason(entry),
           ", ".join(entry.reasons), entry.run, entry.id]  # fmt: skip
    return [*own, *_state(amendment, entry.now), *_state(amendment, entry.before)]


def _state(amendment: Amendment, finding: Finding | None) -> list[Any]:
    if finding is None:
        return [None] * len(_STATED)
    owner = amendment.owner(finding)
    return [cell(owner, finding) for _, cell in _STATED]
