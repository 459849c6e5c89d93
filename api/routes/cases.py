"""Cases: findings under human hands, as the caller may know of them, and the steps that he may take."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from api.access import bounded, not_there
from api.admission import by_of
from api.answers import answer
from api.casemodels import Case as CaseForm
from api.casemodels import CaseWhole
from api.exports.listing import Column, local
from api.inputs import InPages, Name
from api.listings import FORMS, Listing, give
from api.models import Page
from api.problems import RESPONSES, Problem
from api.routes._given import GivenCaller, GivenParts, GivenPool
from journey.casework import State, Step, possible_steps
from storage.cases.reading import Case, CaseStep, actor_of, case_of, cases, steps_of
from storage.cases.steps import NOTE_MAX, StepRefused, take_step
from storage.server.pool import reading, writing

ROUTER = APIRouter(prefix="/cases", tags=["cases"])
FindingPath = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="id of the finding")]
COLUMNS = (
    Column[Case]("finding", "Mã phát hiện", lambda row: row.finding, 34),
    Column[Case]("rule", "Mã hành vi", lambda row: row.rule),
    Column[Case]("operator", "Mã đơn vị", lambda row: row.operator),
    Column[Case]("vehicle", "Biển số xe", lambda row: row.vehicle),
    Column[Case]("driver", "Số giấy phép lái xe", lambda row: row.driver),
    Column[Case]("state", "Trạng thái", lambda row: str(row.state)),
    Column[Case]("outcome", "Kết quả", lambda row: row.outcome and str(row.outcome)),
    Column[Case]("standing", "Phát hiện hiện nay", lambda row: str(row.standing)),
    Column[Case]("opened_at", "Mở lúc", lambda row: local(row.opened_at), 20),
    Column[Case]("moved_at", "Bước cuối lúc", lambda row: local(row.moved_at), 20),
    Column[Case]("due", "Hạn", lambda row: local(row.due), 20),
)


class StepAsked(BaseModel):
    """A step to take. Which there are is told by `possible` of the case; a document is sent to `documents`."""

    step: Step
    note: Annotated[str | None, Field(max_length=NOTE_MAX)] = None


@ROUTER.get("", name="list_cases", response_model=Page[CaseForm], responses=FORMS)
def list_cases(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    paging: InPages,
    state: Annotated[list[State] | None, Query(max_length=len(State))] = None,
    operator: Annotated[Name | None, Query()] = None,
    late: Annotated[bool, Query(description="only those that wait beyond their term")] = False,
) -> Response:
    """Cases that the caller may know of, by their last step: an operator of its own once they were sent to it."""
    owner = bounded(caller, operator)
    late_at = parts.clock() if late else None
    listing = Listing(
        "cases", "Hồ sơ", [sorted(set(state or ())), owner, late], COLUMNS,
        lambda connection, limit, key: cases(
            connection, caller.person, limit, state, owner, late_at, None if key is None else (key[0], key[1])),
        lambda row: [row.moved_at, row.finding], (int, str), shown,
    )  # fmt: skip
    return give(request, pool, listing, paging, parts.clock())


@ROUTER.get("/{finding}", name="get_case", response_model=CaseWhole)
def get_case(
    request: Request, caller: GivenCaller, parts: GivenParts, pool: GivenPool, finding: FindingPath
) -> Response:
    """One case, its steps, and those that the caller may take now."""
    with reading(pool) as connection:
        case = case_of(connection, finding, caller.person)
        if case is None:
            raise not_there("case")
        steps = steps_of(connection, finding, caller.person)
    possible = possible_steps(case.course, actor_of(caller.person), parts.clock())
    told = [_step(one) for one in steps]
    return answer(request, {**shown(case), "steps": told, "possible": [str(one) for one in possible]})


@ROUTER.post(
    "/{finding}/steps",
    name="take_step",
    response_model=CaseForm,
    responses={409: {**RESPONSES[403], "description": "The step may not be taken; the detail says why."}},
)
def post_step(
    request: Request, caller: GivenCaller, parts: GivenParts, pool: GivenPool, finding: FindingPath, asked: StepAsked
) -> Response:
    """Take a step of a case: `open` where there is none yet. It stands in the log with who took it."""
    by = by_of(request, caller)
    try:
        with writing(pool) as connection:
            if asked.step is not Step.OPEN and case_of(connection, finding, caller.person) is None:
                raise not_there("case")
            case = take_step(connection, by, finding, asked.step, asked.note, parts.clock(), parts.terms)
    except StepRefused as error:
        raise Problem(409, str(error)) from None
    return answer(request, shown(case))


def _step(one: CaseStep) -> dict[str, Any]:
    return {"at": one.at, "login": one.login, "name": one.name, "role": one.role, "step": one.step,
            "from": one.from_state, "to": one.to_state, "note": one.note, "due": one.due}  # fmt: skip


def shown(case: Case) -> dict[str, Any]:
    return {
        "finding": case.finding, "rule": case.rule, "operator": case.operator, "vehicle": case.vehicle,
        "driver": case.driver, "state": str(case.state), "outcome": case.outcome and str(case.outcome),
        "standing": str(case.standing), "opened_at": case.opened_at, "moved_at": case.moved_at,
        "sent_at": case.sent_at, "due": case.due,
    }  # fmt: skip
