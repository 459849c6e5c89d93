"""Published enforcement lists and their amendments, as they went out."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.inputs import WeekPath
from api.pages._page import page
from api.routes._given import GivenCaller, GivenPool
from api.routes.lists import Amendment, published_one
from storage.findings import finding_of
from storage.lists.published import Entry, entries_of, every_published, files_of
from storage.server.pool import reading

ROUTER = APIRouter(prefix="/lists")


@ROUTER.get("", name="lists_page")
def lists(request: Request, caller: GivenCaller, pool: GivenPool) -> Response:
    """The latest first."""
    with reading(pool) as connection:
        rows = every_published(connection)[::-1]
    return page(request, caller, "lists.html", rows=rows)


@ROUTER.get("/{week}/{amendment}", name="list_page")
def one_list(request: Request, caller: GivenCaller, pool: GivenPool, week: WeekPath, amendment: Amendment) -> Response:
    with reading(pool) as connection:
        one = published_one(connection, week, amendment)
        entries = entries_of(connection, one.position)
        files = sorted(files_of(connection, one))
    lines = sorted((_line(entry) for entry in entries), key=lambda line: (line["shown"].at, line["entry"].finding))
    return page(request, caller, "list.html", one=one, files=files, lines=lines)


def _line(entry: Entry) -> dict[str, Any]:
    """shown: what was published of a finding, or withdrawn; before: what had been, of what was changed or withdrawn."""
    stated = None if entry.body is None else finding_of(entry.body)
    before = None if entry.before_body is None else finding_of(entry.before_body)
    return {"entry": entry, "before": before, "shown": stated or before}
