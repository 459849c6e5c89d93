"""What a file is, by what it holds; and a name for it that is harmless wherever it is written. Pure."""

from __future__ import annotations

import re
import unicodedata
import zlib

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
SUFFIXES = {PDF: ".pdf", JPEG: ".jpg", PNG: ".png"}
_OTHERS = {JPEG: (".jpg", ".jpeg")}  # that stay as they are

NAME_MAX = 100
_PNG_START = b"\x89PNG\r\n\x1a\n"
_PDF_START = re.compile(rb"%PDF-[12]\.[0-9]")
_PDF_END_WITHIN = 1024  # bytes from the end, as readers of PDF look for it
_UNSAFE = re.compile(r'[<>:"|?*\s]+')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


def media_type(content: bytes) -> str | None:
    """PDF, JPEG or PNG; None: anything else, and what begins like one of them but does not end like it."""
    if _PDF_START.match(content):
        return PDF if b"%%EOF" in content[-_PDF_END_WITHIN:] else None
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG if content.rstrip(b"\0").endswith(b"\xff\xd9") else None
    return PNG if _is_png(content) else None


def safe_name(name: str, kind: str) -> str:
    """The last part of a path as a plain file name with the suffix of its media type.

    Folders, leading dots, what has no shape or turns the direction of writing, and what some system keeps for itself
    are gone; letters of any language stay.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shaped = "".join(one for one in last if unicodedata.category(one)[0] != "C" or one == "\t")
    plain = _UNSAFE.sub(" ", shaped).strip(" .")
    stem = plain
    for suffix in _OTHERS.get(kind, (SUFFIXES[kind],)):
        if plain.lower().endswith(suffix):
            stem, kept = plain[: -len(suffix)].rstrip(" ."), suffix
            break
    else:
        kept = SUFFIXES[kind]
    stem = stem[: NAME_MAX - len(kept)].rstrip(" .")
    if not stem or _DEVICE.fullmatch(stem):
        stem = f"document {stem}".rstrip()
    return stem + kept


def _is_png(content: bytes) -> bool:
    """Whether every chunk is whole, by its checksum, from the header to the end, and nothing follows."""
    if not content.startswith(_PNG_START + b"\0\0\0\rIHDR"):
        return False
    place = len(_PNG_START)
    while place + 12 <= len(content):
        length = int.from_bytes(content[place : place + 4])
        end = place + 8 + length
        checksum = content[end : end + 4]
        if len(checksum) < 4 or zlib.crc32(content[place + 4 : end]) != int.from_bytes(checksum):
            return False
        if content[place + 4 : place + 8] == b"IEND":
            return end + 4 == len(content)
        place = end + 4
    return False
