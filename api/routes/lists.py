"""Published lists and their amendments, as they went out: what they say of each finding, and their very files."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Request, Response

from api.access import not_there
from api.answers import answer, tagged
from api.exports import EXPORTS
from api.exports.listing import Column, Value, local
from api.findings import COLUMNS as FINDING_COLUMNS
from api.inputs import Form, InForm, InPages, WeekPath
from api.listings import FORMS, Listing, as_file, give
from api.models import Page, PublishedList, PublishedWhole
from api.routes._given import GivenParts, GivenPool
from storage.database import Connection
from storage.lists.published import Entry, Published, entries_of, every_published, files_of, published_of
from storage.pages.finding_pages import FindingRow
from storage.server.pool import reading

ROUTER = APIRouter(prefix="/lists", tags=["lists"])
Amendment = Annotated[int, Path(ge=0, le=9999, description="0: the list itself; else which amendment of it")]
_MEDIA_TYPES = {export.suffix: export.media_type for export in EXPORTS.values()}
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_JSON = "application/json"
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": _BYTES, **dict.fromkeys(_MEDIA_TYPES.values(), _BYTES),
                      _JSON: {"schema": {"type": "object"}}}},
    304: {"description": "The caller's copy still holds."},
}  # fmt: skip
COLUMNS = (
    Column[Published]("position", "Thứ tự", lambda row: row.position),
    Column[Published]("title", "Số", lambda row: row.title),
    Column[Published]("week", "Tuần", lambda row: row.week),
    Column[Published]("amendment", "Lần điều chỉnh", lambda row: row.amendment),
    Column[Published]("made_at", "Lập lúc", lambda row: local(row.made_at), 20),
    Column[Published]("law_version", "Phiên bản pháp luật", lambda row: row.law_version),
    Column[Published]("method", "Phương pháp", lambda row: row.method),
    Column[Published]("waiting", "Ngày xe chờ xét", lambda row: row.waiting),
    Column[Published]("manifest_hash", "SHA-256", lambda row: row.manifest_hash, 66),
)


ENTRY_COLUMNS = (
    Column[Entry]("id", "Mã phát hiện", lambda row: row.finding, 34),
    Column[Entry]("change", "Thay đổi", lambda row: row.change),
    Column[Entry]("reason", "Lý do", lambda row: row.reason, 40),
    *(Column[Entry](one.name, one.heading, lambda row, one=one: _of_entry(one, row), one.width)  # type: ignore[misc]
      for one in FINDING_COLUMNS if one.name not in ("id", "added_at", "lon", "lat")),
)  # fmt: skip


@ROUTER.get("", name="list_lists", response_model=Page[PublishedList], responses=FORMS)
def list_lists(request: Request, parts: GivenParts, pool: GivenPool, paging: InPages) -> Response:
    """Everything that was published, in the order in which it was."""

    def page(connection: Connection, limit: int, key: list[Any] | None) -> list[Published]:
        after = key[0] if key else 0
        return [one for one in every_published(connection) if one.position > after][:limit]

    listing = Listing("lists", "Danh sách", None, COLUMNS, page, lambda row: [row.position], (int,), shown)
    return give(request, pool, listing, paging, parts.clock())


@ROUTER.get("/{week}/{amendment}", name="get_list", response_model=PublishedWhole, responses=FORMS)
def get_list(
    request: Request, parts: GivenParts, pool: GivenPool, week: WeekPath, amendment: Amendment, form: InForm = Form.JSON
) -> Response:
    """One list or amendment, with what it states of each finding, and its files. As a file: its entries."""
    with reading(pool) as connection:
        one = published_one(connection, week, amendment)
        entries = entries_of(connection, one.position)
        files = files_of(connection, one)
    if form is not Form.JSON:
        return as_file(form, f"{week}-{amendment}", "Phát hiện của danh sách", ENTRY_COLUMNS, entries, parts.clock())
    content = {**shown(one), "files": sorted(files), "entries": [_entry(entry) for entry in entries]}
    return answer(request, content)


@ROUTER.get("/{week}/{amendment}/files/{name}", name="get_list_file", responses=_FILE, response_class=Response)
def get_list_file(
    request: Request,
    pool: GivenPool,
    week: WeekPath,
    amendment: Amendment,
    name: Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")],
) -> Response:
    """A file as it was published, byte for byte."""
    with reading(pool) as connection:
        files = files_of(connection, published_one(connection, week, amendment))
    if name not in files:
        raise not_there("file")
    media_type = next(
        (kind for suffix, kind in _MEDIA_TYPES.items() if name.endswith(suffix)), "application/octet-stream"
    )
    return tagged(request, files[name], media_type, {"Content-Disposition": f'attachment; filename="{name}"'})


def published_one(connection: Connection, week: str, amendment: int) -> Published:
    for one in published_of(connection, week):
        if one.amendment == amendment:
            return one
    raise not_there("list")


def shown(one: Published) -> dict[str, Any]:
    return {
        "position": one.position, "title": one.title, "week": one.week, "amendment": one.amendment,
        "made_at": one.made_at, "law_version": one.law_version, "method": one.method, "waiting": one.waiting,
        "manifest_hash": one.manifest_hash, "signed": one.signature is not None,
    }  # fmt: skip


def _entry(one: Entry) -> dict[str, Any]:
    return {"id": one.finding, "change": one.change, "reason": one.reason, "finding": _fragment(one.body),
            "before": _fragment(one.before_body)}  # fmt: skip


def _of_entry(column: Column[FindingRow], entry: Entry) -> Value:
    """What the list states of the finding; where it was withdrawn, what it had stated."""
    body = entry.body or entry.before_body
    return None if body is None else column.value(FindingRow(0, entry.finding, 0, body, 0))


def _fragment(body: str | None) -> orjson.Fragment | None:
    return None if body is None else orjson.Fragment(body)
