"""Which copy of a fix stands: the columns of `resolve_copies` against sorting plain tuples."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from journey.track import NEVER, NO_DRIVER, TRACK, resolve_copies

# Few values, so that most rows share their key and tie with others in several columns.
rows = st.lists(
    st.fixed_dictionaries({
        "vehicle": st.sampled_from((0, 0, 1)),
        "driver": st.sampled_from((NO_DRIVER, 0, 1)),
        "time": st.sampled_from((100, 101, 102)),
        "lon": st.sampled_from((106.7, 106.8, -0.5)),
        "lat": st.sampled_from((21.5, 21.6)),
        "speed_dkmh": st.sampled_from((-1, 0, 500)),
        "heading": st.sampled_from((math.nan, 0.0, 90.0)),
        "ignition": st.sampled_from((-1, 0, 1)),
        "received": st.sampled_from((NEVER, 100, 105)),
        "scaled": st.booleans(),
    }),
    max_size=30,
)  # fmt: skip
SAID = ("driver", "lon", "lat", "speed_dkmh", "heading", "ignition")


def plain(row: dict[str, Any], name: str) -> Any:
    """A value with what was not sent as None."""
    value = row[name]
    absent = {"driver": NO_DRIVER, "ignition": -1, "received": NEVER}.get(name)
    return None if value == absent or (name == "heading" and math.isnan(value)) else value


def rank(row: dict[str, Any]) -> tuple[Any, ...]:
    """Received first, absent last; lower speed; then the smaller of the rest, absent first."""
    received = plain(row, "received")
    rest = [(value is not None, value or 0) for value in (plain(row, name) for name in
                                                          ("lon", "lat", "driver", "heading", "ignition"))]  # fmt: skip
    return (received is None, received or 0, row["speed_dkmh"], *rest)


@given(rows)
def test_the_least_copy_stands(given_rows: list[dict[str, Any]]) -> None:
    frame = pl.DataFrame(given_rows, schema=TRACK)
    copies = resolve_copies(frame)
    by_key: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, row in enumerate(given_rows):
        by_key[row["vehicle"], row["time"]].append(number)
    keys = sorted(by_key)

    assert [(given_rows[row]["vehicle"], given_rows[row]["time"]) for row in copies.winner] == keys
    assert sorted([*copies.winner, *copies.loser]) == list(range(len(given_rows)))
    for place, key in enumerate(keys):
        stands = given_rows[copies.winner[place]]
        assert rank(stands) == min(rank(given_rows[number]) for number in by_key[key])
    for loser, of, conflict in zip(copies.loser, copies.of, copies.conflict, strict=True):
        row, stands = given_rows[loser], given_rows[copies.winner[of]]
        assert (row["vehicle"], row["time"]) == (stands["vehicle"], stands["time"])
        assert conflict == any(plain(row, name) != plain(stands, name) for name in SAID)


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_arrival_decides_nothing(given_rows: list[dict[str, Any]], random: Any) -> None:
    shuffled = list(given_rows)
    random.shuffle(shuffled)
    results = []
    for some in (given_rows, shuffled):
        copies = resolve_copies(pl.DataFrame(some, schema=TRACK))
        standing = [(some[row]["vehicle"], some[row]["time"], rank(some[row])) for row in copies.winner]
        results.append((standing, len(copies.loser), int(copies.conflict.sum())))
    assert results[0] == results[1]


def test_rows_in_order_without_copies_stay_where_they_are() -> None:
    standing: dict[str, Any] = {"driver": 0, "lon": 106.7, "lat": 21.5, "speed_dkmh": 0, "heading": 0.0, "ignition": 0,
                                "received": 5, "scaled": False}  # fmt: skip
    frame = pl.DataFrame([{**standing, "vehicle": v, "time": t} for v in (0, 1) for t in (1, 2, 3)], schema=TRACK)
    copies = resolve_copies(frame)
    assert copies.winner.tolist() == [0, 1, 2, 3, 4, 5]
    assert len(copies.loser) == len(copies.of) == len(copies.conflict) == 0
    assert len(resolve_copies(TRACK.to_frame()).winner) == 0
