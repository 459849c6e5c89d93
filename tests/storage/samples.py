"""Small pieces of data that several tests share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from journey.model import Finding, Fix, Flag, Grade, LawUse, Weighing
from journey.track import fix_frame
from storage.commit import Batch, Position
from storage.database import Connection
from storage.runs import Run, save_run
from storage.wire import FLAGGED

DAY = 20_000  # a local day number
NOON = DAY * 86_400 + 5 * 3600  # its 12:00, s UTC


def fix(vehicle: str = "12C12345", time: int = NOON, **fields: Any) -> Fix:
    return Fix(**{"driver": "790123456789", "lon": 105.5, "lat": 21.25, "speed_dkmh": 450, **fields},
               vehicle=vehicle, time=time)  # fmt: skip


def frame(fixes: Sequence[Fix], flags: Sequence[int] | None = None) -> pl.DataFrame:
    """A FLAGGED frame; the flags are scaled_time where a fix is scaled, unless they are given."""
    own = [int(Flag.SCALED_TIME) if one.scaled else 0 for one in fixes] if flags is None else list(flags)
    return fix_frame(fixes).with_columns(pl.Series("flags", own, pl.Int16)).select(FLAGGED.names())


def weighing(**fields: Any) -> Weighing:
    standing = {"station": "KT12", "lane": 1, "time": NOON, "plate": "12C12345", "trailer": None,
                "axle_kg": (6000, 9000, 9000), "spacing_mm": (3600, 1350), "gross_kg": 24_000, "persons": 1,
                "containers": 0, "ticket": "KT12-000123"}  # fmt: skip
    return Weighing(**{**standing, **fields})


def finding(**fields: Any) -> Finding:
    law = (LawUse("speed.table", 60, "km/h", "2019-10-15", "Thông tư 31/2019/TT-BGTVT, Điều 6", True),)
    standing = {"rule": "speeding", "grade": Grade.CERTAIN, "vehicle": "12C12345", "driver": "790123456789",
                "operator": "OP1", "start": NOON, "end": NOON + 60, "at": NOON + 30, "measured": 78.5, "limit": 60.0,
                "excess": 18.5, "unit": "km/h", "band": "10-20", "law": law,
                "detail": {"peak_speed": 80.1, "fixes": 7, "segments": ["a", "b"]}}  # fmt: skip
    return Finding(**{**standing, **fields})


def new_run(connection: Connection, name: str = "run-1") -> str:
    save_run(connection, Run(name, NOON, {"days": [DAY, DAY + 1]}, 7, "law-1", "method", "code-1"))
    return name


def stretch(source: str, start: int, end: int, fixes: pl.DataFrame | None = None, **fields: Any) -> Batch:
    """A batch that holds the stretch [start, end) of one stream."""
    content = {} if fixes is None else {"fixes": fixes}
    return Batch(source, positions=(Position(source, start, end),), **content, **fields)
