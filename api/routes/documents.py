"""Documents of cases: which there are, one of them, and a new one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from starlette.datastructures import UploadFile

from api.access import not_there
from api.admission import by_of
from api.answers import answer, tagged
from api.casemodels import Document
from api.documents import download_headers, handed_out
from api.exports.listing import Column, local
from api.inputs import InPages
from api.listings import FORMS, Listing, give
from api.models import Page
from api.problems import RESPONSES, Problem, fault
from api.routes._given import GivenCaller, GivenParts, GivenPool
from api.routes.cases import FindingPath
from api.sent import GivenForm
from storage.cases.attachments import Attachment, FileConflict, FileRefused, attach, attachments_of
from storage.cases.filetypes import SUFFIXES
from storage.cases.reading import case_of
from storage.cases.steps import StepRefused
from storage.database import Connection
from storage.server.pool import reading, writing

ROUTER = APIRouter(prefix="/cases/{finding}/documents", tags=["cases"])
_FIELD = "document"
COLUMNS = (
    Column[Attachment]("number", "Số", lambda row: row.id),
    Column[Attachment]("at", "Đính kèm lúc", lambda row: local(row.at), 20),
    Column[Attachment]("login", "Tài khoản", lambda row: row.login),
    Column[Attachment]("role", "Vai trò", lambda row: row.role),
    Column[Attachment]("name", "Tên tệp", lambda row: row.name, 40),
    Column[Attachment]("media_type", "Loại", lambda row: row.media_type),
    Column[Attachment]("size", "Byte", lambda row: row.size),
    Column[Attachment]("sha256", "SHA-256", lambda row: row.sha256, 66),
)
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": dict.fromkeys(SUFFIXES, _BINARY)},
    304: {"description": "The caller's copy still holds."},
}
_REFUSED: dict[int | str, dict[str, Any]] = {
    409: {**RESPONSES[403], "description": "It may not be attached now, or is there already; the detail says why."},
    413: {**RESPONSES[403], "description": "It is too large."},
}
_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [_FIELD],
                    "properties": {
                        _FIELD: {
                            "type": "string",
                            "format": "binary",
                            "minLength": 1,
                            "description": "a PDF, JPEG or PNG, by its content whatever its name",
                        }
                    },
                }
            }
        },
    }
}


@ROUTER.get("", name="list_documents", response_model=Page[Document], responses=FORMS)
def list_documents(
    request: Request, caller: GivenCaller, parts: GivenParts, pool: GivenPool, paging: InPages, finding: FindingPath
) -> Response:
    """The documents of a case that the caller may see, in the order in which they were attached."""
    with reading(pool) as connection:
        if case_of(connection, finding, caller.person) is None:
            raise not_there("case")

    def page(connection: Connection, limit: int, key: list[Any] | None) -> list[Attachment]:
        every = attachments_of(connection, finding, caller.person)
        return [one for one in every if one.id > (key[0] if key else 0)][:limit]

    listing = Listing("documents", "Tài liệu", finding, COLUMNS, page, lambda row: [row.id], (int,), _shown)
    return give(request, pool, listing, paging, parts.clock())


@ROUTER.post("", name="attach_document", response_model=Document, responses=_REFUSED, openapi_extra=_UPLOAD)
def attach_document(
    request: Request, caller: GivenCaller, parts: GivenParts, pool: GivenPool, form: GivenForm, finding: FindingPath
) -> Response:
    """Attach a document to a case, as a step of it: a form with one file, as `curl -F document=@paper.pdf` sends it."""
    sent, most = form.get(_FIELD), parts.attachment_bytes
    if not isinstance(sent, UploadFile):
        raise fault(_FIELD, "send multipart/form-data with one file of this name")
    content = sent.file.read(most + 1)
    if len(content) > most:
        raise Problem(413, f"a document of more than {most} bytes: scan it with fewer points")
    try:
        with writing(pool) as connection:
            if case_of(connection, finding, caller.person) is None:
                raise not_there("case")
            made = attach(
                connection, by_of(request, caller), finding, sent.filename or "", content, parts.clock(), most
            )
    except (StepRefused, FileConflict) as error:
        raise Problem(409, str(error)) from None
    except FileRefused as error:
        raise fault(_FIELD, str(error)) from None
    return answer(request, _shown(made))


@ROUTER.get("/{number}", name="get_document", responses=_BYTES, response_class=Response)
def get_document(
    request: Request,
    caller: GivenCaller,
    pool: GivenPool,
    finding: FindingPath,
    number: Annotated[int, Path(ge=1, lt=1 << 62)],
) -> Response:
    """A document as it was sent, byte for byte; each time it goes out is on record."""
    document, content = handed_out(request, pool, caller, finding, number)
    return tagged(request, content, document.media_type, download_headers(document.name))


def _shown(one: Attachment) -> dict[str, Any]:
    return {"number": one.id, "at": one.at, "login": one.login, "role": one.role, "name": one.name,
            "media_type": one.media_type, "size": one.size, "sha256": one.sha256}  # fmt: skip
