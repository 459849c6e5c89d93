"""Findings as a caller sees them: for JSON the stored text as it is, for tables its fields."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson

from api.access import Caller, not_there
from api.exports import wording
from api.exports.listing import Column, local
from api.problems import Problem
from journey.localtime import show
from journey.model import Finding
from rules.law import Law
from storage.database import Connection
from storage.findings import finding_of
from storage.pages.finding_pages import FindingRow, current_finding, last_withdrawn


def body_for(caller: Caller, body: str) -> orjson.Fragment | dict[str, Any]:
    """The finding as published; for an operator without the plates of vehicles besides the one that it is about.

    A licence that is used on two vehicles at once is one operator's finding and may name another's vehicle.
    """
    if caller.operator is None or '"vehicles"' not in body:
        return orjson.Fragment(body)
    finding: dict[str, Any] = orjson.loads(body)
    others = [plate for plate in finding["detail"].pop("vehicles", []) if plate != finding["vehicle"]]
    finding["detail"] |= {"vehicles": [finding["vehicle"]], "others": len(others)}
    return finding


def visible_finding(connection: Connection, caller: Caller, id_: str) -> tuple[FindingRow, Finding]:
    """A current finding that a caller may see. Raises Problem: 404, or 410 for one that was withdrawn."""
    row = current_finding(connection, id_)
    if row is None:
        gone = last_withdrawn(connection, id_)
        if gone is None or caller.operator not in (None, gone.operator):
            raise not_there("finding")
        raise Problem(410, f"withdrawn at {show(gone.at)}: {gone.reason}")
    found = finding_of(row.body)
    if caller.operator not in (None, found.operator):
        raise not_there("finding")
    return row, found


def shown(caller: Caller, row: FindingRow) -> dict[str, Any]:
    place = None if row.lon is None else [row.lon, row.lat]
    return {"id": row.id, "added_at": row.added_at, "place": place, "finding": body_for(caller, row.body)}


@lru_cache(maxsize=4096)
def _read(body: str) -> Finding:
    return finding_of(body)


def _of(row: FindingRow) -> Finding:
    return _read(row.body)


COLUMNS = (
    Column[FindingRow]("id", "Mã phát hiện", lambda row: row.id, 34),
    Column[FindingRow]("rule", "Mã hành vi", lambda row: _of(row).rule),
    Column[FindingRow]("act", "Hành vi", lambda row: wording.rule(_of(row).rule), 40),
    Column[FindingRow]("grade", "Mức độ", lambda row: str(_of(row).grade)),
    Column[FindingRow]("operator", "Mã đơn vị", lambda row: _of(row).operator),
    Column[FindingRow]("vehicle", "Biển số xe", lambda row: _of(row).vehicle),
    Column[FindingRow]("driver", "Số giấy phép lái xe", lambda row: _of(row).driver),
    Column[FindingRow]("start", "Bắt đầu", lambda row: local(_of(row).start), 20),
    Column[FindingRow]("end", "Kết thúc", lambda row: local(_of(row).end), 20),
    Column[FindingRow]("at", "Thời điểm hoàn thành", lambda row: local(_of(row).at), 20),
    Column[FindingRow]("measured", "Trị số đo", lambda row: _of(row).measured),
    Column[FindingRow]("limit", "Giới hạn", lambda row: _of(row).limit),
    Column[FindingRow]("excess", "Vượt", lambda row: _of(row).excess),
    Column[FindingRow]("unit", "Đơn vị tính", lambda row: _of(row).unit),
    Column[FindingRow]("band", "Mức vi phạm", lambda row: _of(row).band),
    Column[FindingRow]("citations", "Căn cứ pháp lý", lambda row: "; ".join(dict.fromkeys(
        use.citation for use in _of(row).law)), 60),
    Column[FindingRow]("lon", "Kinh độ", lambda row: row.lon),
    Column[FindingRow]("lat", "Vĩ độ", lambda row: row.lat),
    Column[FindingRow]("added_at", "Ghi nhận lúc", lambda row: local(row.added_at), 20),
)  # fmt: skip


def law_texts(law: Law, finding: Finding) -> list[dict[str, Any]]:
    """What the finding rests on, each figure as it stood, with what the parameter is."""
    return [
        {**use._asdict(), "description": law.about[use.parameter].description if use.parameter in law.about else ""}
        for use in finding.law
    ]
