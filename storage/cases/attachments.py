"""Documents of cases, in the database with everything else: one backup, one set of rights. All in the open transaction.

What is taken is a PDF, JPEG or PNG by its content, whatever it is called. What a PDF holds is not looked into: it is to
be handed out as a download, never shown inside a page.
"""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

from journey.casework import Step
from storage.audit.log import By
from storage.cases.filetypes import media_type, safe_name
from storage.cases.reading import case_of, own
from storage.cases.steps import StepRefused, require, write_step
from storage.database import Connection, scalar
from storage.names import clean
from storage.people.accounts import Person

BYTES_MAX = 10 * 1024 * 1024
COUNT_MAX = 40  # of one case

_ADD = """
    INSERT INTO attachment (finding, person_id, at, name, media_type, hash, content)
    VALUES (%s, %s, to_timestamp(%s), %s, %s, %s, %b) ON CONFLICT (finding, hash) DO NOTHING RETURNING id
"""
# An operator sees documents that were attached while the case was its own.
_VISIBLE = """
    FROM attachment a JOIN person p ON p.id = a.person_id JOIN case_step s ON s.attachment_id = a.id
    WHERE a.finding = %(finding)s AND (%(own)s::text IS NULL OR s.operator = %(own)s::text)
"""
_FIELDS = """
    SELECT a.id, a.finding, extract(epoch FROM a.at)::bigint, p.login, p.role, a.name, a.media_type,
           encode(a.hash, 'hex'), octet_length(a.content)
"""
_LIST = _FIELDS + _VISIBLE + " ORDER BY a.id"
_CONTENT = "SELECT a.content " + _VISIBLE + " AND a.id = %(id)s"


class Attachment(NamedTuple):
    """A document of a case. at: s UTC. sha256: hex. login, role: of who attached it."""

    id: int
    finding: str
    at: int
    login: str
    role: str
    name: str
    media_type: str
    sha256: str
    size: int


class FileRefused(ValueError):  # noqa: N818
    """A document is not taken; the message says why."""


class FileConflict(FileRefused):
    """Not for what it is, but for what the case has already."""


def attach(
    connection: Connection, by: By, finding: str, name: str, content: bytes, now: int, bytes_max: int = BYTES_MAX
) -> Attachment:
    """Attach a document to the case of a finding (by id), as a step of it. Raises FileRefused, and StepRefused."""
    if by.person is None:
        raise StepRefused("a step is taken by a person")
    require(connection, by.person, finding, Step.ATTACH, None, now)
    if not content:
        raise FileRefused("the file is empty")
    if len(content) > bytes_max:
        raise FileRefused(f"the file has {len(content)} bytes: {bytes_max} can be taken; scan it with fewer points")
    kind = media_type(content)
    if kind is None:
        raise FileRefused("the file is no whole PDF, JPEG or PNG, whatever its name says: save it as one of these")
    if scalar(connection, "SELECT count(*) FROM attachment WHERE finding = %s", (finding,)) >= COUNT_MAX:
        raise FileConflict(f"the case has {COUNT_MAX} documents already: more are not taken")
    named, digest = safe_name(clean(name), kind), sha256(content).digest()
    row = connection.execute(_ADD, (finding, by.person.id, now, named, kind, digest, content)).fetchone()
    if row is None:
        raise FileConflict("the case has this very document already")
    write_step(connection, by, finding, Step.ATTACH, f"{named}, SHA-256 {digest.hex()}", now, attachment=row[0])
    return Attachment(row[0], finding, now, by.person.login, by.person.role, named, kind, digest.hex(), len(content))


def attachments_of(connection: Connection, finding: str, person: Person) -> list[Attachment]:
    """The documents of a case that a person may see, in order."""
    if case_of(connection, finding, person) is None:
        return []
    return [Attachment(*row) for row in connection.execute(_LIST, {"finding": clean(finding), "own": own(person)})]


def content_of(connection: Connection, finding: str, number: int, person: Person) -> tuple[Attachment, bytes] | None:
    """A document of a case and its bytes; None: there is none of that number that this person may see."""
    known = {one.id: one for one in attachments_of(connection, finding, person)}
    if number not in known:
        return None
    asked = {"finding": clean(finding), "own": own(person), "id": number}
    return known[number], bytes(scalar(connection, _CONTENT, asked))
