"""W-records of the Traffic Monitoring Guide in US units: steps of 100 lb and 0.1 ft. See _tmg.

Units: 1 lb = 0.45359237 kg, 1 ft = 304.8 mm, both exactly; rounded half-up to whole kg and mm.
"""

from __future__ import annotations

from ingest.protocols._tmg import Units, decode_lines
from journey.model import Decoded

NAME = "tmg_w_lb"
_UNITS = Units(kg=(45_359_237, 1_000_000), mm=(3048, 100))


def decode(payload: bytes, received: int | None) -> Decoded:
    return decode_lines(payload, _UNITS)
