"""What a document is, is told by what it holds; its name is harmless wherever it is written."""

from __future__ import annotations

import struct
import zlib

import pytest

from storage.cases.filetypes import JPEG, NAME_MAX, PDF, PNG, media_type, safe_name


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


A_PNG = (
    b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
)  # fmt: skip
A_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0" + b"\xff\xda\0\x02abc" + b"\xff\xd9"
A_PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


@pytest.mark.parametrize(
    ("content", "kind"), [(A_PNG, PNG), (A_JPEG, JPEG), (A_PDF, PDF), (A_PDF[:5] + b"2.0 %%EOF", PDF)]
)
def test_what_is_taken(content: bytes, kind: str) -> None:
    assert media_type(content) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"", b"MZ\x90", b"PK\x03\x04", b"<html>%PDF-1.7 %%EOF", b"#!/bin/sh\n", b"GIF89a", b"<svg/>",
        b"\x89PNG\r\n\x1a\n",
        b" " + A_PDF, A_PDF[:-6], A_PDF + b"x" * 2000, b"%PDF-x.y %%EOF", A_PDF.replace(b"1.7", b"9.7"),
        A_PNG[:-1], A_PNG + b"<script>", A_PNG.replace(b"IDAT", b"IDAX"), A_PNG[:-12], A_PNG[:20],
        A_PNG[:33] + b"\xff\xff\xff\xff" + A_PNG[37:], A_JPEG[:-2], A_JPEG + b"PK\x03\x04", A_JPEG[1:],
    ],
)  # fmt: skip
def test_what_is_not(content: bytes) -> None:
    assert media_type(content) is None


@pytest.mark.parametrize(
    ("name", "kind", "safe"),
    [
        ("Đơn giải trình.pdf", PDF, "Đơn giải trình.pdf"),
        ("../../etc/passwd", PDF, "passwd.pdf"),
        ("C:\\Windows\\win.ini", JPEG, "win.ini.jpg"),
        ("/", PDF, "document.pdf"),
        ("", PNG, "document.png"),
        ("...", PNG, "document.png"),
        (".htaccess", PDF, "htaccess.pdf"),
        ("photo.JPEG", JPEG, "photo.jpeg"),
        ("photo.jpg.exe", JPEG, "photo.jpg.exe.jpg"),
        ("a\0b\r\nc\u202egpj.pdf", PDF, "abcgpj.pdf"),
        ('a"b<c>|d?*.png', PNG, "a b c d.png"),
        ("CON", PDF, "document CON.pdf"),
        ("lpt1.pdf", PDF, "document lpt1.pdf"),
        ("x" * 500 + ".pdf", PDF, "x" * (NAME_MAX - 4) + ".pdf"),
        ("a.pdf.", PDF, "a.pdf"),
        ("\ud800.pdf", PDF, "pdf.pdf"),
    ],
)  # fmt: skip
def test_a_name_is_made_harmless(name: str, kind: str, safe: str) -> None:
    assert safe_name(name, kind) == safe
    assert safe_name(safe, kind) == safe
