"""Which different rows several columns of whole numbers hold together: what np.unique over an axis gives, but fast."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from journey.track import Int


class Groups(NamedTuple):
    rows: list[tuple[int, ...]]  # each different row once, in order
    of: Int  # the place in `rows` of each row given
    first: Int  # the row given in which each of `rows` comes first


def groups(*columns: Int) -> Groups:
    """Group rows by all columns. Shape: columns of n -> at most n rows.

    The columns are packed into one number: the product of their spans has to fit into 63 bits.
    """
    if not len(columns[0]):
        return Groups([], np.zeros(0, np.int64), np.zeros(0, np.int64))
    low = [int(column.min()) for column in columns]
    spans = [int(column.max()) - least + 1 for column, least in zip(columns, low, strict=True)]
    packed = np.ravel_multi_index([column - least for column, least in zip(columns, low, strict=True)], spans)
    different, first, place = np.unique(packed, return_index=True, return_inverse=True)
    parts = [part + least for part, least in zip(np.unravel_index(different, spans), low, strict=True)]
    rows = list(zip(*(part.tolist() for part in parts), strict=True))
    return Groups(rows, place.astype(np.int64), first.astype(np.int64))
