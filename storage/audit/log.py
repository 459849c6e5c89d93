"""The audit log: who looked at what and did what, when, from where and why. Append-only, each row chained to the last.

Writing takes a lock that lasts to the end of the transaction: write as the last thing before the commit. Where many
write at once, storage.audit.group does so for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from storage.database import Connection, scalar
from storage.names import clean
from storage.people.accounts import Person

_TEXT_MAX = 2000  # characters kept of what a person wrote
_NAME_MAX = 200  # of what names something

_ADD = """
    INSERT INTO audit (person_id, login, via, what, subject, reason, detail, address, request)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING number
"""
_ADD_TOGETHER = """
    INSERT INTO audit (person_id, login, via, what, subject, reason, detail, address, request)
    SELECT person_id, login, via, what, subject, reason, detail, address, request
    FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
                %s::text[]) WITH ORDINALITY
        AS r (person_id, login, via, what, subject, reason, detail, address, request, place)
    ORDER BY place
"""
_LIST = """
    SELECT number, extract(epoch FROM at)::bigint, login, via, what, subject, reason, detail, address, request
    FROM audit
    WHERE (%(before)s::bigint IS NULL OR number < %(before)s::bigint)
    AND (%(since)s::bigint IS NULL OR at >= to_timestamp(%(since)s::bigint))
    AND (%(until)s::bigint IS NULL OR at < to_timestamp(%(until)s::bigint))
    AND (%(login)s::text IS NULL OR login = %(login)s::text)
    AND (%(what)s::text IS NULL OR what = %(what)s::text)
    AND (%(subject)s::text IS NULL OR subject = %(subject)s::text)
    ORDER BY number DESC LIMIT %(limit)s
"""


class What(StrEnum):
    """What is put on record. The subject is named after it."""

    LOGIN = "login"  # the login
    LOGIN_REFUSED = "login_refused"  # the login if there is such an account, else nothing
    LOGOUT = "logout"  # the login
    ACCOUNT = "account"  # the login; added, disabled, enabled, password, token
    SEARCH = "search"  # what was searched for
    LOOK_UP_OPERATOR = "look_up_operator"  # the operator's id
    LOOK_UP_VEHICLE = "look_up_vehicle"  # the plate
    LOOK_UP_DRIVER = "look_up_driver"  # the licence
    LOOK_UP_FINDING = "look_up_finding"  # the finding's id
    CASE = "case"  # the finding's id
    EXPORT = "export"  # what was exported
    EVIDENCE = "evidence"  # the finding's id


class By(NamedTuple):
    """Who does something, and from where. via: session, token or command. request: by which server logs find it."""

    person: Person | None
    address: str
    request: str | None = None
    via: str = "session"


type Row = tuple[object, ...]  # as row_of makes it


class Entry(NamedTuple):
    """A row of the log. at: s UTC."""

    number: int
    at: int
    login: str | None
    via: str
    what: str
    subject: str | None
    reason: str | None
    detail: str | None
    address: str
    request: str | None


def record(
    connection: Connection,
    by: By,
    what: What,
    subject: str | None = None,
    reason: str | None = None,
    detail: str | None = None,
) -> int:
    """Put something on record in the open transaction, as its last statement; the number of the row."""
    return int(scalar(connection, _ADD, row_of(by, what, subject, reason, detail)))


def row_of(by: By, what: What, subject: str | None = None, reason: str | None = None, detail: str | None = None) -> Row:
    """What is put on record, as it is written."""
    who = (None, None) if by.person is None else (by.person.id, by.person.login)
    names = [_cut(text, _NAME_MAX) for text in (by.address, by.request)]
    return (*who, by.via, str(what), _cut(subject, _NAME_MAX), _cut(reason, _TEXT_MAX), _cut(detail, _TEXT_MAX), *names)


def record_together(connection: Connection, rows: Sequence[Row]) -> None:
    """Put several rows on record in their order, by one statement, as the last of the transaction."""
    connection.execute(_ADD_TOGETHER, [list(column) for column in zip(*rows, strict=True)])


def entries(
    connection: Connection,
    limit: int,
    before: int | None = None,
    since: int | None = None,
    until: int | None = None,
    login: str | None = None,
    what: str | None = None,
    subject: str | None = None,
) -> list[Entry]:
    """Rows, the latest first: those with a number below `before`, at [since, until) s UTC, of one login and so on."""
    asked = {"before": before, "since": since, "until": until, "login": _cut(login, _NAME_MAX), "what": what,
             "subject": _cut(subject, _NAME_MAX), "limit": limit}  # fmt: skip
    return [Entry(*row) for row in connection.execute(_LIST, asked)]


def _cut(text: str | None, most: int) -> str | None:
    return None if text is None else clean(text)[:most]
