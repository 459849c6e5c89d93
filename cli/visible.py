"""What strangers sent, made fit for a terminal: nothing in it moves the cursor or hides what is printed."""

from __future__ import annotations

_ROW_BYTES = 16


def visible(text: str, keep: str = "") -> str:
    """The text with every character that has no shape of its own as its escape; `keep` names those that stay."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in keep else one.encode("unicode_escape").decode() for one in text)


def show_bytes(payload: bytes) -> str:
    """Bytes as text where they are UTF-8 text, else as a dump: offset, 16 bytes, what of them is printable ASCII."""
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return dump(payload)
    return dump(payload) if "\0" in text else visible(text, keep="\n\t")


def dump(payload: bytes) -> str:
    rows = []
    for offset in range(0, len(payload), _ROW_BYTES):
        row = payload[offset : offset + _ROW_BYTES]
        shown = "".join(chr(byte) if chr(byte).isascii() and chr(byte).isprintable() else "." for byte in row)
        rows.append(f"{offset:08x}  {row.hex(' '):<{3 * _ROW_BYTES - 1}}  {shown}")
    return "\n".join(rows)
