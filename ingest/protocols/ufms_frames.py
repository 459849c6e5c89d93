"""Recorded UFMS messages: each BaseMessage preceded by its length in bytes, as a protobuf varint.

Source: recordings of the national feed, and batches of it in one message of a broker.
Units, types and what is refused: as in ufms.py. A bad frame costs only itself; where a length cannot be read or goes
beyond the end (a recording cut short), everything from there on is one bad record, since nothing tells where the next
frame starts. Every bad record says its number and its byte offset.
"""

from __future__ import annotations

from ingest.protocols import _fields as fields
from ingest.protocols.ufms import read
from journey.model import BadRecord, Decoded, DecodeError, Reason

NAME = "ufms_frames"
_VARINT_BYTES_MAX = 5  # enough for any length that a payload can hold


def decode(payload: bytes, received: int | None) -> Decoded:
    """Raises DecodeError for an empty payload, or one with more bytes or frames than a payload may hold."""
    fields.check_size(payload)
    decoded = Decoded()
    at = 0
    count = 0
    while at < len(payload):
        count += 1
        fields.check_count(count)
        where = f"record {count}, byte {at}"
        try:
            start, end = _frame(payload, at)
        except DecodeError as error:
            decoded.bad.append(BadRecord(where, error.reason, error.detail, payload[at:]))
            break
        frame = payload[start:end]
        try:
            read(frame, received, decoded, where)
        except DecodeError as error:
            decoded.bad.append(BadRecord(where, error.reason, error.detail, frame))
        at = end
    return decoded


def _frame(payload: bytes, at: int) -> tuple[int, int]:
    """Start and end of the message whose length begins at a byte."""
    length = 0
    for place in range(_VARINT_BYTES_MAX):
        if at + place == len(payload):
            raise DecodeError(Reason.UNDECODABLE, f"cut short at byte {at}: the length of the frame is not complete")
        byte = payload[at + place]
        length |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            start = at + place + 1
            break
    else:
        raise DecodeError(Reason.UNDECODABLE, f"no frame length at byte {at}: more than {_VARINT_BYTES_MAX} bytes long")
    if start + length > len(payload):
        left = len(payload) - start
        raise DecodeError(Reason.UNDECODABLE, f"cut short at byte {at}: a frame of {length} bytes, {left} are left")
    return start, start + length
