"""PDF files of our own typesetter joined into one, page after page. Equal files give equal bytes.

Only what typst writes is read: one table of references, every object by itself, no two generations. The first file is
the body: its catalogue, information and metadata stay, those of the others go.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

_REFERENCE = re.compile(rb"\b(\d+) 0 R\b")
_STREAM = b"\nstream\n"
_ENTRY_BYTES = 20
_ID_DIGITS = 32
_PAGES_SAID = re.compile(rb"(?<=<xmpTPg:NPages>)\d+(?=<)")


class _File(NamedTuple):
    """objects: bodies by number. The others are numbers: of catalogue, information, metadata and page tree."""

    objects: dict[int, bytes]
    root: int
    info: int
    metadata: int
    pages: int


def page_count(file: bytes) -> int:
    """Pages of one file. Raises ValueError for anything that is not of our typesetter."""
    parsed = _parsed(file)
    return int(_found(rb"/Count (\d+)", parsed.objects[parsed.pages]))


def join(files: Sequence[bytes]) -> bytes:
    """One file of all pages in order. Raises ValueError for no files, or what is not of our typesetter."""
    if not files:
        raise ValueError("no pages to join")
    if len(files) == 1:
        return files[0]
    first, *later = (_parsed(file) for file in files)
    objects = dict(first.objects)
    trees, count = [first.pages], int(_found(rb"/Count (\d+)", first.objects[first.pages]))
    for one in later:
        shift = max(objects)
        for number, body in one.objects.items():
            if number not in (one.root, one.info, one.metadata):
                objects[number + shift] = _shifted(body, shift)
        trees.append(one.pages + shift)
        count += int(_found(rb"/Count (\d+)", one.objects[one.pages]))
    above = max(objects) + 1
    kids = b" ".join(b"%d 0 R" % number for number in trees)
    objects[above] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, kids)
    for number in trees:
        objects[number] = objects[number].replace(b"/Type/Pages", b"/Type/Pages/Parent %d 0 R" % above, 1)
    objects[first.root] = objects[first.root].replace(b"/Pages %d 0 R" % first.pages, b"/Pages %d 0 R" % above, 1)
    objects[first.metadata] = _counted(objects[first.metadata], count)
    return _written(objects, first)


def _parsed(file: bytes) -> _File:
    try:
        table = int(_found(rb"startxref\n(\d+)\n%%EOF\s*\Z", file[-100:]))
        size = int(_found(rb"\Axref\n0 (\d+)\n", file[table : table + 40]))
        begin = file.index(b"\n", table + 5) + 1
        offsets = {}
        for number in range(1, size):
            entry = file[begin + number * _ENTRY_BYTES : begin + (number + 1) * _ENTRY_BYTES]
            if entry[17:18] == b"n":
                offsets[number] = int(entry[:10])
        objects = _bodies(file, offsets, table)
        trailer = file[begin + size * _ENTRY_BYTES :]
        root = int(_found(rb"/Root (\d+) 0 R", trailer))
        info = int(_found(rb"/Info (\d+) 0 R", trailer))
        metadata, pages = (int(_found(rb"/%s (\d+) 0 R" % name, objects[root])) for name in (b"Metadata", b"Pages"))
        return _File(objects, root, info, metadata, pages)
    except (IndexError, KeyError) as error:
        raise ValueError(f"not a PDF of our typesetter: {error}") from None


def _bodies(file: bytes, offsets: dict[int, int], table: int) -> dict[int, bytes]:
    ends = sorted([*offsets.values(), table])
    after = dict(pairwise(ends))
    objects = {}
    for number, offset in offsets.items():
        head = b"%d 0 obj\n" % number
        whole = file[offset : after[offset]].rstrip()
        if not whole.startswith(head) or not whole.endswith(b"\nendobj"):
            raise ValueError(f"not a PDF of our typesetter: object {number} is not where its table says")
        objects[number] = whole[len(head) : -len(b"\nendobj")]
    return objects


def _found(pattern: bytes, text: bytes) -> bytes:
    match = re.search(pattern, text)
    if match is None:
        raise ValueError(f"not a PDF of our typesetter: {pattern.decode()} is not in it")
    return match[1]


def _shifted(body: bytes, shift: int) -> bytes:
    """An object with its references to others moved on; the bytes of a stream hold none."""
    head, mark, stream = body.partition(_STREAM)
    return _REFERENCE.sub(lambda match: b"%d 0 R" % (int(match[1]) + shift), head) + mark + stream


def _counted(metadata: bytes, pages: int) -> bytes:
    """The metadata's stream with the number of pages of the whole."""
    head, mark, stream = metadata.partition(_STREAM)
    said = _PAGES_SAID.sub(b"%d" % pages, stream)
    length = int(_found(rb"/Length (\d+)", head)) + len(said) - len(stream)
    return re.sub(rb"(?<=/Length )\d+", b"%d" % length, head) + mark + said


def _written(objects: dict[int, bytes], first: _File) -> bytes:
    out = bytearray(b"%PDF-1.7\n%\x80\x80\x80\x80\n")
    size = max(objects) + 1
    offsets = {}
    for number in sorted(objects):
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
    digest = hashlib.sha256(out).hexdigest()[:_ID_DIGITS].encode()
    table = len(out)
    # Numbers that nothing has are free; each names the next free one, the last names 0.
    free = [number for number in range(size) if number not in offsets]
    following = dict(zip(free, [*free[1:], 0], strict=True))
    out += b"xref\n0 %d\n" % size
    for number in range(size):
        if number in offsets:
            out += b"%010d 00000 n \n" % offsets[number]
        else:
            out += b"%010d %05d f \n" % (following[number], 65535 if number == 0 else 0)
    out += b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]>>\n" % (
        size, first.root, first.info, digest, digest,
    )  # fmt: skip
    out += b"startxref\n%d\n%%%%EOF\n" % table
    return bytes(out)
