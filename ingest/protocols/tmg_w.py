"""W-records of the Traffic Monitoring Guide in metric units: steps of 100 kg and 0.1 m. See _tmg.

W120000021102026030208090000240035060360090013090
"""

from __future__ import annotations

from ingest.protocols._tmg import Units, decode_lines
from journey.model import Decoded

NAME = "tmg_w"
_UNITS = Units(kg=(100, 1), mm=(100, 1))


def decode(payload: bytes, received: int | None) -> Decoded:
    return decode_lines(payload, _UNITS)
