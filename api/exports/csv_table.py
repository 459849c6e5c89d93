"""Tables as CSV that is safe to open in a spreadsheet: RFC 4180 in UTF-8 with a byte order mark.

A text that begins with = + - @ tab CR or LF would be run as a formula: it gets one apostrophe in front, and so does a
text that begins with an apostrophe, so that a reader gets every value back by taking one leading apostrophe off. No
other value is touched; None is an empty cell.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

_BOM = "\ufeff"
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


def csv_bytes(rows: Iterable[Sequence[Any]]) -> bytes:
    """The file's bytes; the first row is the header."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([f"'{cell}" if isinstance(cell, str) and cell.startswith(_RISKY) else cell for cell in row])
    return (_BOM + out.getvalue()).encode()
