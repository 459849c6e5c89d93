"""Forms of answers about cases, for the OpenAPI document; units as in api.models."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Case(BaseModel):
    finding: str
    rule: str
    operator: str | None
    vehicle: str
    driver: str | None
    state: str
    outcome: str | None = Field(description="how it was closed; null: it is open")
    standing: str = Field(description="stands, changed or withdrawn: what late data made of the finding since")
    opened_at: int
    moved_at: int
    sent_at: int | None
    due: int | None = Field(description="the first instant at which what it waits for is late")


class CaseStep(BaseModel):
    at: int
    login: str
    name: str
    role: str
    step: str
    from_: str | None = Field(alias="from")
    to: str
    note: str | None
    due: int | None


class Document(BaseModel):
    number: int
    at: int
    login: str = Field(description="of who attached it")
    role: str
    name: str = Field(description="as it was sent, made harmless")
    media_type: str
    size: int = Field(description="bytes")
    sha256: str


class CaseWhole(Case):
    steps: list[CaseStep]
    possible: list[str] = Field(description="steps that the caller may take now")
