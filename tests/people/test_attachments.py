"""Documents of cases: kept as they came, told by what they hold, seen by whom they concern."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

import pytest

from journey.casework import Step
from storage.audit.log import By, entries
from storage.cases import attachments
from storage.cases.attachments import Attachment, FileRefused, attach, attachments_of, content_of
from storage.cases.reading import steps_of
from storage.cases.steps import StepRefused, take_step
from storage.database import Connection, connect, scalar
from storage.findings import replace_findings
from storage.people.accounts import Person
from tests.people.samples import NOW
from tests.people.test_cases import ALL, ONE, Desk, make_desk
from tests.people.test_filetypes import A_JPEG, A_PDF, A_PNG


@pytest.fixture
def desk(emptied: str) -> Iterator[Desk]:
    """A case that its operator was asked about."""
    with connect(emptied) as connection:
        desk = make_desk(connection)
        desk.step(desk.lan, "open")
        desk.step(desk.lan, "send")
        connection.commit()
        yield desk


def put(desk: Desk, who: Person, content: bytes, name: str = "đơn.pdf", **fields: int) -> Attachment:
    return attach(desk.connection, By(who, "198.51.100.1"), ONE.id, name, content, NOW, **fields)


def test_a_document_comes_back_byte_for_byte(desk: Desk) -> None:
    kept = put(desk, desk.own, A_PDF, "../đơn giải trình.exe")
    assert kept == Attachment(kept.id, ONE.id, NOW, "own", "operator", "đơn giải trình.exe.pdf", "application/pdf",
                              sha256(A_PDF).hexdigest(), len(A_PDF))  # fmt: skip
    for who in (desk.own, desk.lan, desk.reader):
        assert attachments_of(desk.connection, ONE.id, who) == [kept]
        assert content_of(desk.connection, ONE.id, kept.id, who) == (kept, A_PDF)
    step = steps_of(desk.connection, ONE.id, desk.own)[-1]
    assert (step.step, step.attachment, step.to_state) == ("attach", kept.id, "sent_to_operator")
    assert entries(desk.connection, 1)[0].detail == "attach: sent_to_operator -> sent_to_operator"


def test_other_operators_see_no_document(desk: Desk) -> None:
    kept = put(desk, desk.own, A_PNG)
    assert attachments_of(desk.connection, ONE.id, desk.other) == []
    assert content_of(desk.connection, ONE.id, kept.id, desk.other) is None
    with pytest.raises(StepRefused, match="no case is open"):
        put(desk, desk.other, A_PDF)


def test_a_number_of_another_case_opens_nothing(desk: Desk) -> None:
    kept = put(desk, desk.own, A_PNG)
    other = ONE.id.replace(ONE.id[0], "x")
    assert content_of(desk.connection, other, kept.id, desk.lan) is None
    assert content_of(desk.connection, ONE.id, kept.id + 1, desk.lan) is None


def test_documents_do_not_move_on_to_another_operator(desk: Desk) -> None:
    kept = put(desk, desk.own, A_JPEG)
    desk.connection.commit()
    replace_findings(desk.connection, "run-1", (ALL,), [replace(ONE, operator="OP2")], "new data")
    for step in (Step.RENEW, Step.SEND):
        take_step(desk.connection, By(desk.lan, ""), ONE.id, step, None, NOW)
    assert attachments_of(desk.connection, ONE.id, desk.other) == []
    assert content_of(desk.connection, ONE.id, kept.id, desk.other) is None
    assert attachments_of(desk.connection, ONE.id, desk.lan) == [kept]


def test_what_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for content, said in (
        (b"", "is empty"),
        (b"MZ" + A_PDF, "no whole PDF, JPEG or PNG"),
        (A_PNG + b"<script>", "no whole"),
        (A_PDF + bytes(100), "has 148 bytes: 100 can be taken"),
    ):
        with pytest.raises(FileRefused, match=said):
            put(desk, desk.own, content, "x.pdf", bytes_max=100 if "148" in said else 10_000)
    put(desk, desk.own, A_PDF)
    with pytest.raises(FileRefused, match="this very document"):
        put(desk, desk.lan, A_PDF, "another name.pdf")
    monkeypatch.setattr(attachments, "COUNT_MAX", 1)
    with pytest.raises(FileRefused, match="already: more are not taken"):
        put(desk, desk.lan, A_PNG)
    desk.step(desk.own, "accept")
    with pytest.raises(StepRefused, match="the case is confirmed"):
        put(desk, desk.own, A_JPEG)
    assert scalar(desk.connection, "SELECT count(*) FROM attachment") == 1


def test_a_document_of_ten_megabytes_goes_in(desk: Desk) -> None:
    large = A_PDF[:8] + bytes(attachments.BYTES_MAX - 30) + b"\n%%EOF\n"
    kept = put(desk, desk.own, large)
    found: tuple[Attachment, bytes] | None = content_of(desk.connection, ONE.id, kept.id, desk.lan)
    assert found is not None
    assert found[1] == large
    with pytest.raises(FileRefused, match="can be taken"):
        put(desk, desk.own, large + bytes(50) + b"%%EOF")


def test_a_connection_is_all_that_is_needed(desk: Desk) -> None:
    connection: Connection = desk.connection
    assert attachments_of(connection, "no such\0", desk.lan) == []
