"""Fixes as UFMS frames: each a varint length and a BaseMessage that holds one WayPoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from ingest.protocols.ufms_pb2 import BaseMessage, MsgType, WayPoint

if TYPE_CHECKING:
    import polars as pl

_CHUNK = 50_000
_COLUMNS = (
    "vehicle",
    "driver",
    "speed_kmh",
    "time",
    "lon",
    "lat",
    "altitude_m",
    "heading",
    "ignition",
    "door",
    "aircon",
)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def write_frames(fixes: pl.DataFrame, out: BinaryIO) -> None:
    """Frames in the order of rows. A false bool and an empty driver are not sent, as in the field.

    Args: fixes: vehicle, driver, time s, lon, lat, speed_kmh, heading, altitude_m, ignition, door, aircon.
    """
    for chunk in fixes.select(_COLUMNS).iter_slices(_CHUNK):
        frames = bytearray()
        for vehicle, driver, speed, time, x, y, z, heading, ignition, door, aircon in chunk.iter_rows():
            point = WayPoint(
                vehicle=vehicle,
                driver=driver or None,
                speed=speed,
                datetime=time,
                x=x,
                y=y,
                z=z,
                heading=heading,
                ignition=ignition or None,
                door=door or None,
                aircon=aircon or None,
            )
            message = BaseMessage(msgType=MsgType.MsgType_WayPoint, msgWayPoint=point)
            data = message.SerializeToString(deterministic=True)
            frames += _varint(len(data)) + data
        out.write(frames)
