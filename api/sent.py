"""What a browser sends with a change: its form, and in it the CSRF token."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from api.frame import Seen
from api.problems import Problem

CSRF_HEADER, CSRF_FIELD = "X-CSRF-Token", "csrf"
SAFE = ("GET", "HEAD", "OPTIONS")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_FIELDS_MAX, _FILES_MAX, _FIELD_BYTES_MAX = 30, 1, 64 << 10


async def get_form(request: Request) -> FormData:
    """The form of a request; empty where it has none. Raises Problem for one that cannot be read.

    It is read once; its files are closed when the request has been answered (api.frame).
    """
    seen: Seen = request.scope["frame"]
    if seen.form is None:
        seen.form = FormData()
        if request.method not in SAFE and request.headers.get("Content-Type", "").startswith(_FORMS):
            try:
                seen.form = await request.form(
                    max_files=_FILES_MAX, max_fields=_FIELDS_MAX, max_part_size=_FIELD_BYTES_MAX
                )
            except HTTPException as error:
                raise Problem(400, f"the form cannot be read: {error.detail}") from None
    return seen.form


GivenForm = Annotated[FormData, Depends(get_form)]


async def read_csrf(request: Request) -> str:
    """The CSRF token that came with a change, in its header or in a field of its form; empty: none."""
    if request.method in SAFE:
        return ""
    sent = request.headers.get(CSRF_HEADER)
    return text_of(await get_form(request), CSRF_FIELD) if sent is None else sent


def text_of(form: FormData, field: str) -> str:
    """A field as text; empty where it is not there or is a file."""
    value = form.get(field, "")
    return "" if isinstance(value, UploadFile) else value
