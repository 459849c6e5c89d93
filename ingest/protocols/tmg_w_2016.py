"""W-records of the Traffic Monitoring Guide of 2016: pounds in wider fields, and 0.1 ft. See _tmg.

W1200002112202603020809   05291003132280036198420013 19841

Units: 1 lb = 0.45359237 kg, 1 ft = 304.8 mm, both exactly; rounded half-up to whole kg and mm.
"""

from __future__ import annotations

from ingest.protocols._tmg import Units, decode_lines
from journey.model import Decoded

NAME = "tmg_w_2016"
_UNITS = Units(kg=(45_359_237, 100_000_000), mm=(3048, 100), gross=6, mass=5, spacing=4)


def decode(payload: bytes, received: int | None) -> Decoded:
    return decode_lines(payload, _UNITS)
