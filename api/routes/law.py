"""The law at a date: every figure with its source, as the rules read it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from api.access import not_there
from api.answers import JSON, answer, tagged
from api.exports.listing import Column
from api.inputs import Day, Form, InForm, InPages, Word
from api.listings import FORMS, Listing, as_file, give
from api.models import All, LawAt, Parameter
from api.routes._given import GivenParts, GivenPool
from journey.localtime import date_of, day_of, midnight
from rules.law import Dated, Law

ROUTER = APIRouter(prefix="/law", tags=["law"])
type Line = dict[str, Any]
COLUMNS = (
    Column[Line]("path", "Tham số", lambda row: row["path"], 40),
    Column[Line]("description", "Nội dung", lambda row: row["description"], 60),
    Column[Line]("value", "Trị số", lambda row: _text(row["value"]), 40),
    Column[Line]("unit", "Đơn vị", lambda row: row["unit"]),
    Column[Line]("in_force_from", "Hiệu lực từ", lambda row: date.fromisoformat(row["in_force_from"])),
    Column[Line]("citation", "Căn cứ", lambda row: row["citation"], 60),
    Column[Line]("verified", "Đã kiểm chứng", lambda row: row["verified"]),
)


@ROUTER.get("", name="list_law", response_model=LawAt, responses=FORMS)
def list_law(
    request: Request,
    parts: GivenParts,
    pool: GivenPool,
    paging: InPages,
    at: Annotated[Day | None, Query(description="local date; default: today")] = None,
    prefix: Annotated[Word | None, Query(description="parameters whose path begins so")] = None,
) -> Response:
    """What is in force on a date, values as the law prints them; null: another law is in force, and what it says is not
    known (`limit` and `cursor` have no use here)."""
    day = at or date_of(day_of(parts.clock()))
    lines = in_force(parts.law, day, prefix or "")
    if paging.form is Form.JSON:
        content = {"at": day, "version": parts.law.version, "method": parts.law.method_name, "items": lines}
        return tagged(request, _bytes(content), JSON)
    listing = Listing[Line](
        f"law-{day}", "Pháp luật", None, COLUMNS, lambda connection, _, key: [] if key else lines,
        lambda row: [row["path"]], (str,), lambda row: row,
    )  # fmt: skip
    return give(request, pool, listing, paging, parts.clock())


@ROUTER.get("/{path}", name="get_parameter", response_model=All[Parameter], responses=FORMS)
def get_parameter(
    request: Request, parts: GivenParts, path: Annotated[Word, Path()], form: InForm = Form.JSON
) -> Response:
    """Every value of one parameter, by the day from which it is in force."""
    if path not in parts.law.parameters:
        raise not_there("parameter")
    lines = [_line(parts.law, one) for one in parts.law.dated(path)]
    if form is not Form.JSON:
        return as_file(form, path, "Tham số", COLUMNS, lines, parts.clock())
    return answer(request, orjson.Fragment(_bytes({"items": lines})))


def in_force(law: Law, day: date, prefix: str) -> list[Line]:
    found = (law.at(path, midnight(day)) for path in sorted(law.parameters) if path.startswith(prefix))
    return [_line(law, one) for one in found if one is not None]


def _line(law: Law, dated: Dated) -> Line:
    return {
        "path": dated.path, "description": law.about[dated.path].description, "unit": dated.unit,
        "value": None if dated.value is None else dated.printed, "in_force_from": dated.effective_from,
        "citation": dated.citation, "verified": dated.verified,
    }  # fmt: skip


def _bytes(content: Any) -> bytes:
    return orjson.dumps(content, default=str, option=orjson.OPT_NON_STR_KEYS)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _bytes(value).decode()
