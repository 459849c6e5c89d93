"""A document of a case as it goes out: put on record by its hash, and only ever a download."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request

from api.access import Caller, not_there
from api.admission import by_of, reason_of
from storage.audit.log import What, record
from storage.cases.attachments import Attachment, content_of
from storage.server.pool import Pool, writing

# Never shown inside a page: what it holds is whatever somebody sent.
_SANDBOX = "sandbox; default-src 'none'"


def handed_out(request: Request, pool: Pool, caller: Caller, finding: str, number: int) -> tuple[Attachment, bytes]:
    """A document and its bytes. Raises Problem where there is none of that number that he may see."""
    with writing(pool) as connection:
        found = content_of(connection, finding, number, caller.person)
        if found is None:
            raise not_there("document")
        told = f"document {number}, SHA-256 {found[0].sha256}"
        record(connection, by_of(request, caller), What.EXPORT, finding, reason_of(request), told)
    return found


def download_headers(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": _SANDBOX,
    }
