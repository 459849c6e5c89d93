"""Forms of answers, for the OpenAPI document. Times are s UTC unless called a day; speeds tenths of km/h."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from api.weighingmodels import InstrumentDrift


class Me(BaseModel):
    login: str
    name: str
    role: str
    operator: str | None
    scopes: list[str]


class Page[Item](BaseModel):
    items: list[Item]
    next: str | None = Field(description="`cursor` of the page after; null: there is none")


class All[Item](BaseModel):
    items: list[Item]


class Operator(BaseModel):
    id: str
    name: str | None
    tax_code: str | None


class OperatorNow(Operator):
    vehicles: int = Field(description="registered for it on the day asked for")


class Vehicle(BaseModel):
    plate: str
    operator: str | None = Field(description="for whom it is registered on the day asked for")
    kind: str | None
    business: str | None
    seats: int | None
    payload_kg: int | None
    kerb_kg: int | None
    design_gross_kg: int | None
    towed_kg: int | None
    kingpin_mm: int | None
    liquid_tank: bool | None
    badge: str | None
    valid_from: date | None
    valid_to: date | None


class Driver(BaseModel):
    licence: str
    name: str | None = Field(description="null: not known, or not the caller's to see")
    operator: str | None


class Activity(BaseModel):
    plate: str
    start: int
    end: int
    kind: str = Field(description="driving, standing or unknown")


class DriverWeek(BaseModel):
    licence: str
    week: str
    start: int
    end: int
    activities: list[Activity] = Field(description="those that reach into the week, whole, by start")
    complete: bool = Field(description="false: what he did on vehicles of others is left out")


class LawUse(BaseModel):
    parameter: str
    value: Any
    unit: str
    in_force_from: str
    citation: str
    verified: bool


class FindingBody(BaseModel):
    rule: str
    grade: str
    vehicle: str
    driver: str | None
    operator: str | None
    start: int
    end: int
    at: int
    measured: float
    limit: float
    excess: float
    unit: str
    band: str | None
    law: list[LawUse]
    detail: dict[str, Any]


class Finding(BaseModel):
    id: str = Field(description="stays when the finding is computed anew")
    added_at: int
    place: tuple[float, float] | None = Field(description="lon, lat where it was complete; null: not known")
    finding: FindingBody = Field(description="the finding as published")


class LawText(BaseModel):
    parameter: str
    description: str
    value: Any
    unit: str
    in_force_from: str
    citation: str
    verified: bool


class FindingWhole(Finding):
    law_texts: list[LawText]
    instrument_drifts: list[InstrumentDrift] = Field(
        description="what is known of the instrument at the time of the weighing; the finding does not change by it"
    )
    case: str | None = Field(description="state of its case; null: there is none that the caller may know of")
    driver_name: str | None
    operator_name: str | None


class Change(BaseModel):
    id: str
    change: str = Field(description="added or withdrawn; what states something else is withdrawn, then added")
    changed_at: int
    reason: str | None
    finding: FindingBody | None = Field(description="null where it is withdrawn")


class Changes(BaseModel):
    items: list[Change]
    next: str = Field(description="`updated_after` of the next request, whether there is more now or not")
    more: bool


class Weighing(BaseModel):
    id: str = Field(description="hash over every field as sent")
    station: str
    lane: int | None
    time: int
    plate: str
    operator: str | None
    trailer: str | None
    axle_kg: list[int]
    spacing_mm: list[int]
    gross_kg: int
    persons: int | None
    containers: int | None
    ticket: str | None


class Review(BaseModel):
    kind: str = Field(description="unweighed, detour, wait or silent")
    grade: str = Field(description="possible, always: for a person to look at, never an accusation")
    vehicle: str
    operator: str | None
    station: str
    at: int = Field(description="when it passed, came back to the road or was weighed")
    excuse: str | None = Field(description="what in the record makes it innocent; null: nothing")
    evidence: dict[str, Any] = Field(description="times s UTC, ways m, lengths of time s, counts")
    reasons: list[str] = Field(description="why it may be innocent all the same")
    law: list[dict[str, Any]] = Field(description="the figures that it rests on")


class Position(BaseModel):
    plate: str
    licence: str | None
    time: int
    received: int | None
    lon: float
    lat: float
    speed_dkmh: int
    heading_deg: float | None
    ignition: bool | None


class Near(Position):
    distance_m: float


class Quality(BaseModel):
    operator: str | None
    vehicles: int
    registered_days: int
    online_days: int
    silences: int
    fixes: int
    usable: int
    drifted: int
    future: int
    without_receipt: int
    moving_steps: int
    moving_judged: int
    moving_timely: int
    standing_steps: int
    standing_judged: int
    standing_timely: int
    driving_mm: int
    track_mm: int
    online: float | None = Field(description="shares, 0 to 1; null: nothing is known")
    moving_on_time: float | None
    standing_on_time: float | None
    drift: float | None
    qualified: float | None
    complete: float | None


class QualityMonth(BaseModel):
    month: str
    first: date
    last: date
    items: list[Quality]


class Parameter(BaseModel):
    path: str
    description: str
    unit: str
    value: Any
    in_force_from: str
    citation: str
    verified: bool


class LawAt(BaseModel):
    at: date
    version: str
    method: str
    items: list[Parameter]


class FoundVehicle(BaseModel):
    plate: str
    operator: str | None


class FoundOperator(BaseModel):
    id: str
    name: str | None


class Found(BaseModel):
    vehicles: list[FoundVehicle]
    operators: list[FoundOperator]
    drivers: list[Driver]


class PublishedList(BaseModel):
    position: int = Field(description="place in the chain of all that was published")
    title: str = Field(description="number in the year, such as 07/2026")
    week: str
    amendment: int = Field(description="0: the list itself; else which amendment of it")
    made_at: int
    law_version: str
    method: str
    waiting: int = Field(description="vehicle-days of the week that waited to be judged when it was made")
    manifest_hash: str
    signed: bool


class PublishedEntry(BaseModel):
    id: str
    change: str = Field(description="listed, added, changed or withdrawn")
    reason: str | None
    finding: FindingBody | None = Field(description="as published; null where it was withdrawn")
    before: FindingBody | None = Field(description="what had been published before")


class PublishedWhole(PublishedList):
    files: list[str]
    entries: list[PublishedEntry]
