"""Blocks to PDF, piece by piece: memory stays bounded, whatever the number of pages.

The typesetter takes some 4 MB a page and keeps what it has laid out for its next runs. So a long paper is set in pieces
of some 50 pages, each begun on a new page, what was kept is let go between them, and the pieces are joined.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from api.printing.blocks import Block
from api.printing.join import join, page_count
from api.printing.letters import printable_all
from journey.localtime import ZONE

_TEMPLATE = Path(__file__).with_name("document.typ").read_bytes()
_PIECE_LETTERS = 200_000
_ROW_LETTERS = 40  # of lines and gaps, that the shortest row takes too
_AGES = 10  # runs after which what was laid out is let go


@dataclass(frozen=True, slots=True)
class Part:
    """Pages of one orientation."""

    blocks: Iterable[Block]
    flipped: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper, to be set once: `running` stands below every page, made_at (s UTC) is the date in the file's properties.

    Its blocks and rows may be made while they are set; then nothing can be read twice.
    """

    title: str
    author: str
    running: str
    made_at: int
    parts: Iterable[Part]


def typeset(paper: Paper, progress: Callable[[int], None] | None = None) -> bytes:
    """The PDF: no clock, no fonts and no files of the machine, so that the same paper gives the same bytes.

    Args: progress: told the pages that are set, from time to time.
    """
    files: list[bytes] = []
    pages = 0
    for flipped, blocks in _pieces(paper.parts):
        files.append(_set(paper, flipped, blocks, pages + 1))
        pages += page_count(files[-1])
        if progress:
            progress(pages)
    return join(files)


def _pieces(parts: Iterable[Part]) -> Iterator[tuple[bool, list[Block]]]:
    """Blocks of about so many letters each; a table that is longer is cut between rows, its head repeated."""
    for part in parts:
        piece: list[Block] = []
        letters = 0
        for block in part.blocks:
            for some in _cut(block):
                weight = _letters(some)
                if piece and letters + weight > _PIECE_LETTERS:
                    yield part.flipped, piece
                    piece, letters = [], 0
                piece.append(some)
                letters += weight
        if piece:
            yield part.flipped, piece


def _cut(block: Block) -> Iterator[Block]:
    if block["kind"] != "table":
        yield block
        return
    rows: list[list[str]] = []
    letters = 0
    for row in block["rows"]:
        rows.append(list(row))
        letters += _ROW_LETTERS + sum(map(len, row))
        if letters > _PIECE_LETTERS:
            yield block | {"rows": rows, "sums": []}
            rows, letters = [], 0
    yield block | {"rows": rows}


def _letters(block: Block) -> int:
    rows = block.get("rows", ())
    return sum(_ROW_LETTERS + sum(map(len, row)) for row in rows) + len(str(block.get("text", "")))


def _set(paper: Paper, flipped: bool, blocks: list[Block], first_page: int) -> bytes:
    made = datetime.fromtimestamp(paper.made_at, ZONE)
    data: dict[str, Any] = {
        "title": paper.title, "author": paper.author, "running": paper.running, "flipped": flipped,
        "first_page": first_page, "blocks": blocks,
        "date": {name: getattr(made, name) for name in ("year", "month", "day", "hour", "minute", "second")},
    }  # fmt: skip
    inputs = {"data": json.dumps(printable_all(data), ensure_ascii=False)}
    # Without tags: they would take ten times the memory and the size.
    made_file: bytes = typst.compile(
        _TEMPLATE, format="pdf", sys_inputs=inputs, font_paths=[], ignore_system_fonts=True, pdf_standards="a-2b",
        pdf_tags=False,
    )  # fmt: skip
    for _ in range(_AGES):
        typst.compile(b"", format="pdf", font_paths=[], ignore_system_fonts=True)
    return made_file
