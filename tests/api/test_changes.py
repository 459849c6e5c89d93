"""The feed of changes as a program follows it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from storage.database import Connection, connect, transaction
from storage.findings import Scope, replace_findings
from tests.api.filled import NOW, PLATES, RULES, every_finding, fill, token_of
from tests.api.running import running
from tests.api.walking import V1


@pytest.fixture
def store(database: str) -> Iterator[Connection]:
    with connect(database) as connection:
        fill(connection)
        yield connection


@pytest.fixture
def client(database: str, store: Connection) -> Iterator[httpx.Client]:
    secret = token_of(store, "program", "inspector", None)
    store.commit()
    with (
        running(database, lambda: NOW) as base,
        httpx.Client(base_url=base, headers={"Authorization": f"Bearer {secret}"}) as client,
    ):
        yield client


def follow(client: httpx.Client, after: str | None, limit: int = 5) -> tuple[list[dict[str, Any]], str]:
    """Everything after a cursor, and where it ends."""
    items: list[dict[str, Any]] = []
    while True:
        query = {"limit": str(limit)} | ({} if after is None else {"updated_after": after})
        page = client.get(f"{V1}/findings/changes", params=query).json()
        items += page["items"]
        after = page["next"]
        if not page["more"]:
            return items, after


def test_a_copy_kept_by_the_feed_is_what_stands(client: httpx.Client, store: Connection) -> None:
    kept: dict[str, Any] = {}

    def keep(items: list[dict[str, Any]]) -> None:
        for one in items:
            if one["change"] == "added":
                kept[one["id"]] = one["finding"]
            else:
                del kept[one["id"]]

    def stands() -> dict[str, Any]:
        page = client.get(f"{V1}/findings", params={"limit": "500"}).json()
        return {one["id"]: one["finding"] for one in page["items"]}

    items, after = follow(client, None)
    keep(items)
    assert kept == stands()
    assert follow(client, after) == ([], after)
    # One is gone, one states something else, one comes.
    some = [one for one in every_finding() if one.vehicle == PLATES["OP2"]]
    changed = [type(one)(**{**_fields(one), "measured": 99.5}) if place == 1 else one for place, one in enumerate(some)]
    with transaction(store):
        replace_findings(store, "run-1", [Scope(RULES, PLATES["OP2"], None, 0, 1 << 33)], changed[1:], "late data")
    items, later = follow(client, after)
    assert [(one["change"], one["reason"]) for one in items] == [
        ("withdrawn", "late data"), ("withdrawn", "late data"), ("added", None)
    ]  # fmt: skip
    assert later != after
    keep(items)
    assert kept == stands()
    gone = client.get(f"{V1}/findings/{some[0].id}")
    assert gone.status_code == 410
    assert "late data" in gone.json()["detail"]


def test_an_instant_begins_the_feed(client: httpx.Client, store: Connection) -> None:
    store.execute("UPDATE finding_change SET changed_at = to_timestamp(%s + number)", (NOW,))
    store.commit()
    every, _ = follow(client, None)
    assert len(every) == 28
    half = datetime.fromtimestamp(NOW + 15, UTC).isoformat()
    assert follow(client, half)[0] == every[14:]
    assert follow(client, "2099-01-01T00:00:00+07:00")[0] == []
    assert follow(client, "2000-01-01T00:00:00Z")[0] == every


def _fields(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__slots__}
