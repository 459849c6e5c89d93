"""`hanhtrinh connections`: how each stands is told, and a held one runs again when it is resumed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.connections import connection_states, pause, say_alive
from storage.database import Connection, connect
from tests.cli.command import Done, called, refused


@pytest.fixture
def store(emptied: str) -> Iterator[Connection]:
    """One that runs, one that is held, and one that was last heard of a day ago, after an outage."""
    with connect(emptied) as connection:
        for name in ("north", "south", "west"):
            say_alive(connection, name, 60, begins=True)
        pause(connection, "south", "600 of the last 1000 records were rejected")
        connection.execute("INSERT INTO outage SELECT 'west', now() - interval '25 hours', now() - interval '1 day'")
        connection.execute("UPDATE connection SET alive_at = now() - interval '1 day' WHERE name = 'west'")
        connection.commit()
        yield connection


def connections(url: str, *arguments: str) -> Done:
    return called("connections", *arguments, DATABASE_URL=url)


def test_each_is_told_as_it_stands(store: Connection, emptied: str) -> None:
    done = connections(emptied, "list")
    assert (done.code, done.err) == (0, "")
    north, south, west, outage = (line for line in done.out.splitlines()
                                  if any(f" {name} " in line for name in ("north", "south", "west")))  # fmt: skip
    assert "takes data in" in north
    assert " held " in south
    assert "600 of the last 1000 records were rejected" in south
    assert " down " in west
    assert outage.split("│")[-2].strip() in ("3600", "3601")  # widened to whole seconds
    assert "no outage in the last 0 days" in connections(emptied, "list", "--days", "0").out


def test_a_held_one_is_resumed(store: Connection, emptied: str) -> None:
    assert connections(emptied, "resume", "south").code == 0
    assert all(one.paused_at is None for one in connection_states(store))
    assert " held " not in connections(emptied, "list").out.replace("held since", "")
    again = connections(emptied, "resume", "south")
    assert (again.code, again.err) == (0, "south: is not held; nothing to do\n")
    refused(connections(emptied, "resume", "east"), "east: no such connection; there are north, south, west")
