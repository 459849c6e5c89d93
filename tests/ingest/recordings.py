"""One small recording in each form that can be replayed, with bad records among good ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

START = 1_741_000_200
LINES = 24
BAD = (3, 10, 11, LINES - 1)  # places of bad records in the forms of one record a line


def fix(step: int, **changes: Any) -> dict[str, Any]:
    plain = {"vehicle": f"12C-000.{step % 3:02}", "driver": "790123456789", "time": START + 10 * step, "lon": 106.7,
             "lat": 21.5 + step / 1000, "speed_kmh": step * 3.05}  # fmt: skip
    return plain | changes


def csv() -> bytes:
    lines = ["vehicle,driver,time,lon,lat,speed_kmh"]
    rows = (fix(step, **({"speed_kmh": "fast"} if step in BAD else {})) for step in range(LINES))
    lines += [",".join(str(value) for value in row.values()) for row in rows]
    return ("\r\n".join(lines) + "\r\n").encode()


def ndjson() -> bytes:
    bad = {3: b'["half an array"', 10: b"no json", 11: b'{"vehicle": 5}', LINES - 1: b'{"vehicle": "12C-000.01"'}
    lines = [bad.get(step) or json.dumps(fix(step, time=(START + 10 * step) * 1000 + 7)).encode()
             for step in range(LINES)]  # fmt: skip
    return b"\n".join(lines)  # no line feed at the end


def tajo() -> bytes:
    lines = []
    for step in range(LINES):
        instant = f"2018-05-03T15:10:{step:02}.000+0000"
        position = {"latlon": {"lat": 22.2, "lng": 96.6 + step / 1000}, "speed": step, "azimuth": 18, "altitude": 7.5,
                    "posTime": instant if step not in BAD else "soon"}  # fmt: skip
        event = {"type": "vehicle-position", "ev": {"vehicleId": "a-truck", "pos": position, "receivedTs": instant}}
        lines.append(json.dumps(event) + "\n")
    return "".join(lines).encode()


def weighings() -> bytes:
    lines = []
    for step in range(LINES):
        weighing = {"station": "KT1", "lane": 1, "time": START + step, "plate": "12C-123.45", "axle_kg": [6000, 9000],
                    "spacing_mm": [3600], "gross_kg": 15_000 if step not in BAD else 15_000.5}  # fmt: skip
        lines.append(json.dumps(weighing) + ("\n\n" if step == 5 else "\n"))
    return "".join(lines).encode()


def cabspotting() -> bytes:
    lines = [
        "37.75 -122" if step in BAD else f"{37.75 + step / 1000:.5f} -122.39 0 {1211033530 + 60 * step}"
        for step in range(LINES)
    ]
    return ("\n".join(reversed(lines)) + "\n").encode()


def ufms() -> bytes:
    """Length-delimited frames; of the bad ones the length is good and the rest is not, the last is cut short."""
    # Field numbers of the national format: 1 vehicle, 4 datetime (varint), 5 x and 6 y (double).
    from ingest.protocols.ufms_pb2 import BaseMessage  # type: ignore[attr-defined]

    frames = []
    for step in range(LINES):
        message = BaseMessage()
        message.msgType = 100
        point = message.msgWayPoint
        point.vehicle, point.driver, point.speed = "12C-123.45", "790123456789", step * 2.5
        point.datetime, point.x, point.y = START + 10 * step, 106.7, 21.5 + step / 1000
        frame = b"\xff\xff\xff" if step in BAD else message.SerializeToString()
        frames.append(bytes([len(frame)]) + frame)
    return b"".join(frames)[:-2]


FORMS = {"csv_v1": csv, "json_v1": ndjson, "tajo": tajo, "weighing_v1": weighings, "cabspotting": cabspotting,
         "ufms_frames": ufms}  # fmt: skip
BY_LINE = ("csv_v1", "json_v1", "tajo", "weighing_v1")


def write(folder: Path, protocol: str) -> Path:
    path = folder / f"feed.{protocol}"
    path.write_bytes(FORMS[protocol]())
    return path
