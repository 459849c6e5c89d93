"""The lines of a comma-separated text as columns of text, each with the number of its line.

One record is one line: a quoted field may hold commas and quotes, but no line break, so that a quote that is never
closed spoils its own line and not all that follow.
"""

from __future__ import annotations

import csv
from typing import NamedTuple

import polars as pl

from ingest.protocols._fields import check_count
from journey.model import Reason

_REPLACEMENT = "\ufffd"
# Quoted fields without commas or quotes inside: the quotes can be dropped. Any other line is read one by one.
_PLAIN = r'^(?:[^",]*|"[^",]*")(?:,(?:[^",]*|"[^",]*"))*$'


class Fault(NamedTuple):
    line: int  # index of the line in the text
    reason: Reason
    detail: str


def cut(rows: bytes, names: list[str]) -> tuple[pl.DataFrame, list[Fault]]:
    """Lines as columns, and the lines that are none. Blank lines are left out.

    Args: names: the columns in their order; an empty name is a column that nobody reads.
    Returns: text columns of those names and `line`, the index of the line in `rows` (UInt32).
    Raises: DecodeError for more lines than a payload may hold.
    """
    check_count(rows.count(b"\n"))
    faults: list[Fault] = []
    if b"\r" in rows:
        rows = rows.replace(b"\r\n", b"\n").removesuffix(b"\r")
    text = pl.Series("text", [rows.decode(errors="replace")]).str.split("\n").explode()
    lines = text.to_frame().with_row_index("line").filter(pl.col("text").str.strip_chars() != "")
    if (lines["text"].str.contains(_REPLACEMENT, literal=True)).any():
        lines = _only_utf8(lines, rows.split(b"\n"), faults)
    if b'"' not in rows:
        return _columns(lines, names, faults), faults
    quoted = pl.col("text").str.contains('"', literal=True)
    plain = lines.filter(pl.col("text").str.contains(_PLAIN))
    table = _columns(plain.with_columns(pl.col("text").str.replace_all('"', "", literal=True)), names, faults)
    odd = lines.filter(quoted & ~pl.col("text").str.contains(_PLAIN))
    return pl.concat([table, _one_by_one(odd, names, faults)]).sort("line"), faults


def _columns(lines: pl.DataFrame, names: list[str], faults: list[Fault]) -> pl.DataFrame:
    """Lines without quotes, cut at their commas."""
    number = len(names)
    parts = lines["text"].str.splitn(",", number).struct.unnest()
    last = parts.columns[-1]
    even = parts.select(pl.col(last).is_not_null() & ~pl.col(last).str.contains(",", literal=True)).to_series()
    if not even.all():
        for line, text in lines.filter(~even).iter_rows():
            faults.append(_uneven(line, text.count(",") + 1, number))
        lines, parts = lines.filter(even), parts.filter(even)
    wanted = [pl.col(part).alias(name) for part, name in zip(parts.columns, names, strict=True) if name]
    return parts.select(*wanted).with_columns(lines["line"])


def _one_by_one(lines: pl.DataFrame, names: list[str], faults: list[Fault]) -> pl.DataFrame:
    """Lines with commas or quotes inside quotes."""
    records: list[list[str | int]] = []
    for line, text in lines.iter_rows():
        try:
            record = next(csv.reader([text], strict=True))
        except csv.Error as error:
            faults.append(Fault(line, Reason.UNDECODABLE, f"the quotes are not closed properly: {error}"))
            continue
        if len(record) != len(names):
            faults.append(_uneven(line, len(record), len(names)))
            continue
        records.append([*(value for value, name in zip(record, names, strict=True) if name), line])
    schema = {name: pl.String() for name in names if name} | {"line": lines.schema["line"]}
    return pl.DataFrame(records, schema=schema, orient="row")


def _only_utf8(lines: pl.DataFrame, sent: list[bytes], faults: list[Fault]) -> pl.DataFrame:
    """The replacement character stands for bytes that are not UTF-8, unless it was sent as such."""
    wrong: list[int] = []
    for line in lines.filter(pl.col("text").str.contains(_REPLACEMENT, literal=True))["line"]:
        try:
            sent[line].decode()
        except UnicodeDecodeError as error:
            detail = f"not UTF-8: byte {error.start + 1} of the line is 0x{sent[line][error.start]:02x}"
            faults.append(Fault(line, Reason.UNDECODABLE, detail))
            wrong.append(line)
    return lines.filter(~pl.col("line").is_in(wrong))


def _uneven(line: int, found: int, wanted: int) -> Fault:
    return Fault(line, Reason.UNDECODABLE, f"{found} fields where the header has {wanted}")
