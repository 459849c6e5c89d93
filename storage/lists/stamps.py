"""Time stamps of published lists: added once, never changed."""

from __future__ import annotations

from storage.database import Connection

_ADD = "INSERT INTO list_stamp (position, url, response) VALUES (%s, %s, %s) ON CONFLICT (position) DO NOTHING"


def add_stamp(connection: Connection, position: int, url: str, response: bytes) -> None:
    """Keep an authority's answer, in the open transaction; what is there already stays."""
    connection.execute(_ADD, (position, url, response))


def stamps_of(connection: Connection) -> dict[int, bytes]:
    """The answers kept, by the position of their lists."""
    return {position: bytes(response) for position, response in connection.execute(
        "SELECT position, response FROM list_stamp ORDER BY position")}  # fmt: skip
