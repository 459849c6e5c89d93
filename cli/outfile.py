"""Files that commands write where --out says: whole or not at all, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from cli.reference import InputError

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "'")  # what a spreadsheet would run as a formula


def write_whole(path: Path, content: bytes) -> None:
    """Whole or not at all. Raises InputError where the file cannot be written."""
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}; name another --out") from None


def csv_bytes(rows: Iterable[Sequence[Any]]) -> bytes:
    """RFC 4180 in UTF-8 with a byte order mark; the first row is the header. What a spreadsheet would run is quoted."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([f"'{cell}" if isinstance(cell, str) and cell.startswith(_RISKY) else cell for cell in row])
    return ("\ufeff" + out.getvalue()).encode()
