"""What the API says of weighings added up and of instruments, for the OpenAPI document."""

from __future__ import annotations

from pydantic import BaseModel, Field


class InstrumentDrift(BaseModel):
    """An instrument that did not show what it showed under its certificate at first, at the time of a weighing."""

    station: str
    lane: int | None
    instrument: str | None
    certificate: str | None
    direction: str = Field(description="high: it shows more than it did; low: less")
    shift_permille: int = Field(description="of the mean steering axle of five-axle combinations")
    since: int
    alarmed_at: int
    until: int | None = Field(description="null: it goes on")


class WeighingView(BaseModel):
    key: str = Field(description="station, hour 00 to 23, day, operator (empty: none on file) or kind of cargo")
    weighings: int
    over: int = Field(description="with a certain finding of overload against which no case has ended")
    share: float
    heaviest_kg: int = Field(description="as measured")
    worst_percent: float | None
    unread: int


class Origin(BaseModel):
    lon: float = Field(description="degrees WGS 84, of the middle of a cell of 0.005 degrees")
    lat: float
    journeys: int = Field(description="weighed with an overload that stands")
    weighed: int = Field(description="all that began here and came to a scale")
    vehicles: int = Field(description="those overloaded")
    operators: list[str]
    worst: float = Field(description="the largest excess, percent of the limit")


class Instrument(BaseModel):
    station: str
    lane: int | None
    instrument: str | None
    certificate: str | None
    state: str = Field(description="learning, watched, warning or alarm")
    watching: int = Field(description="steering axles of five-axle combinations under this certificate")
    mean_kg: float | None
    spread_kg: float | None
    level: int = Field(description="sum of deviations, thousandths of a spread")
    since: int
    shift_permille: int | None
    direction: str | None
    drift_since: int | None
