"""Cases: those that one may see, and one with its steps, its documents and what he may do next."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.datastructures import UploadFile

from api.access import Caller, not_there
from api.admission import by_of
from api.cursors import LENGTH_MAX, cursor_of, key_of
from api.documents import download_headers, handed_out
from api.pages._page import page
from api.pages.account import gone_on
from api.pages.findings import FindingId
from api.problems import Problem, fault
from api.routes._given import GivenCaller, GivenParts, GivenPool
from api.sent import GivenForm, text_of
from journey.casework import MOVES, State, Step, possible_steps
from storage.cases.attachments import FileRefused, attach, attachments_of
from storage.cases.reading import actor_of, case_of, cases, steps_of
from storage.cases.steps import NOTE_MAX, StepRefused, take_step
from storage.findings import finding_of
from storage.pages.finding_pages import current_finding, last_withdrawn
from storage.pages.overview import case_counts
from storage.pages.registered import driver, operators
from storage.people.disclosure import name_visible
from storage.server.pool import Pool, reading, writing

ROUTER = APIRouter(prefix="/cases")
_ROWS = 50
_OPEN = (State.SUSPECTED, State.SENT, State.DISPUTED)
# Steps that end something are asked for once more, in a box of their own.
_QUIET = (Step.NOTE, Step.ATTACH)


@ROUTER.get("", name="cases_page")
def inbox(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    state: str = "",
    late: bool = False,
    cursor: Annotated[str | None, Query(max_length=LENGTH_MAX)] = None,
) -> Response:
    """Those that wait, the longest first; by a state; or all of them."""
    if state not in ("", "all", *State):
        raise fault("state", "there is no such state")
    states = list(_OPEN) if not state else (None if state == "all" else [State(state)])
    question = ["cases_page", state, late]
    after = None if cursor is None else _key(cursor, question)
    now = parts.clock()
    with reading(pool) as connection:
        found = cases(connection, caller.person, _ROWS + 1, states, late_at=now if late else None, after=after)
        counts = {one.state: one for one in case_counts(connection, caller.person, now)}
        names = {one.id: one.name for one in operators(connection, "", _ROWS, caller.operator)}
    rows = found[:_ROWS]
    following = cursor_of(question, [rows[-1].moved_at, rows[-1].finding]) if len(found) > _ROWS else None
    return page(request, caller, "cases.html", rows=rows, counts=counts, state=state, late=late, names=names,
                states=[str(one) for one in State], next_cursor=following)  # fmt: skip


def _key(cursor: str, question: list[Any]) -> tuple[int, str]:
    kinds: tuple[type[Any], ...] = (int, str)
    at, finding = key_of(question, cursor, kinds)
    return at, finding


@ROUTER.get("/{finding}", name="case_page")
def case_page(
    request: Request, caller: GivenCaller, parts: GivenParts, pool: GivenPool, finding: FindingId
) -> Response:
    return _case(request, caller, parts.clock(), pool, finding)


def _case(
    request: Request, caller: Caller, now: int, pool: Pool, finding: str, refused: str = "", note: str = "",
    status: int = 200,
) -> Response:  # fmt: skip
    with reading(pool) as connection:
        case = case_of(connection, finding, caller.person)
        if case is None:
            raise not_there("case")
        row = current_finding(connection, finding)
        stated = None if row is None else finding_of(row.body)
        person = None if case.driver is None else driver(connection, case.driver)
        named = case.driver is not None and name_visible(connection, case.driver, caller.person)
        steps = possible_steps(case.course, actor_of(caller.person), now)
        content: dict[str, Any] = {
            "id": finding,
            "case": case,
            # What an operator did not get to see of a finding that is another's now stays unseen.
            "finding": stated if stated is None or caller.operator in (None, stated.operator) else None,
            "gone": last_withdrawn(connection, finding) if row is None else None,
            "driver_name": person.name if named and person is not None else None,
            "business": operators(connection, "", 1, case.operator)[:1] if case.operator else [],
            "steps": steps_of(connection, finding, caller.person),
            "documents": attachments_of(connection, finding, caller.person),
            "to_take": [(str(one), MOVES[one].note) for one in steps if one not in _QUIET],
            "may_note": Step.NOTE in steps,
            "may_attach": Step.ATTACH in steps,
        }
    return page(request, caller, "case.html", status, refused=refused, note=note, note_max=NOTE_MAX, **content)


@ROUTER.post("/{finding}/steps", name="case_step")
def case_step(
    request: Request, caller: GivenCaller, parts: GivenParts, pool: GivenPool, form: GivenForm, finding: FindingId
) -> Response:
    """Take a step; what is refused says why, and what was written is not lost."""
    named, note, now = text_of(form, "step"), text_of(form, "note"), parts.clock()
    if named not in [str(one) for one in Step]:
        raise fault("step", "there is no such step")
    try:
        with writing(pool) as connection:
            take_step(connection, by_of(request, caller), finding, Step(named), note, now, parts.terms)
    except StepRefused as error:
        return _refused(request, caller, now, pool, finding, str(error), note)
    return gone_on(f"/cases/{finding}")


@ROUTER.post("/{finding}/documents", name="case_attach")
def case_attach(
    request: Request, caller: GivenCaller, parts: GivenParts, pool: GivenPool, form: GivenForm, finding: FindingId
) -> Response:
    sent, now = form.get("document"), parts.clock()
    if not isinstance(sent, UploadFile):
        return _refused(request, caller, now, pool, finding, "choose a file", "")
    content = sent.file.read(parts.attachment_bytes + 1)
    try:
        with writing(pool) as connection:
            attach(connection, by_of(request, caller), finding, sent.filename or "", content, now,
                   parts.attachment_bytes)  # fmt: skip
    except (StepRefused, FileRefused) as error:
        return _refused(request, caller, now, pool, finding, str(error), "")
    return gone_on(f"/cases/{finding}")


def _refused(request: Request, caller: Caller, now: int, pool: Pool, finding: str, why: str, note: str) -> Response:
    """The case with what was refused; where he may not see it, that there is none."""
    try:
        return _case(request, caller, now, pool, finding, why, note, 409)
    except Problem as problem:
        if problem.status == 404 and caller.operator is None:
            raise Problem(409, why) from None
        raise


@ROUTER.get("/{finding}/documents/{number}", name="case_document")
def case_document(
    request: Request, caller: GivenCaller, pool: GivenPool, finding: FindingId,
    number: Annotated[int, Path(ge=1, lt=1 << 62)],
) -> Response:  # fmt: skip
    """A document, to be kept and never shown inside a page: what it holds is whatever somebody sent."""
    document, content = handed_out(request, pool, caller, finding, number)
    headers = {**download_headers(document.name), "Cache-Control": "no-store"}
    return Response(content, headers=headers, media_type=document.media_type)
