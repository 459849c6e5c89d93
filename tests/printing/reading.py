"""A paper's PDF read back: its objects, its pages, and what its blocks say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from api.printing.typeset import Paper
from tests.evidence.checker import has_page


def pages_of(pdf: bytes) -> int:
    """Pages that the file's own root names."""
    counts = [int(count) for count in re.findall(rb"/Type/Pages(?:/Parent \d+ 0 R)?/Count (\d+)", pdf)]
    return max(counts)


def last_page_can_be_read(pdf: bytes, folder: Path) -> bool:
    """By another reader than the one that wrote it."""
    pages = pages_of(pdf)
    return has_page(pdf, pages, folder) and not has_page(pdf, pages + 1, folder)


def objects_stand_where_the_table_says(pdf: bytes) -> bool:
    table = int(re.findall(rb"startxref\n(\d+)\n", pdf)[-1])
    size = int(re.match(rb"xref\n0 (\d+)\n", pdf[table:])[1])  # type: ignore[index]
    begin = pdf.index(b"\n", table + 5) + 1
    entries = [pdf[begin + 20 * number : begin + 20 * (number + 1)] for number in range(size)]
    return all(
        pdf[int(entry[:10]) :].startswith(b"%d 0 obj\n" % number)
        for number, entry in enumerate(entries)
        if entry[17:18] == b"n"
    )


def texts(paper: Paper) -> Iterator[str]:
    """Every text of a paper's blocks, in order."""
    for part in paper.parts:
        for block in part.blocks:
            yield from _texts({key: list(value) if key == "rows" else value for key, value in block.items()})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def tables(paper: Paper) -> Iterator[list[list[str]]]:
    """The rows of each table in order."""
    for part in paper.parts:
        for block in part.blocks:
            if block["kind"] == "table":
                yield [list(row) for row in block["rows"]]
