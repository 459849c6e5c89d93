"""The settings file of the scheduler: TOML, strict. A job without a table of its own is not run."""

from __future__ import annotations

import re
import tomllib
from datetime import time
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from cli.reference import InputError
from journey.localtime import parse_week

EXAMPLE = Path(__file__).with_name("example.toml")


def _clock(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        return time.fromisoformat(value)
    raise ValueError('write a local time like "06:00"')


Clock = Annotated[time, BeforeValidator(_clock)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Publish(_Strict):
    """The list of each week, on the day from which it can be published (HANHTRINH_LIST_GRACE_DAYS) or later."""

    at: Clock
    folder: Path
    unsigned: bool = False


class Amend(_Strict):
    """Each day: amendments of published weeks that differ by now, so many weeks back."""

    at: Clock
    folder: Path
    weeks: Annotated[int, Field(ge=1, le=520)] = 26
    unsigned: bool = False


class Proposals(_Strict):
    """Each month's proposals as files, on a day of the month after it. papers: with drafts, data duty, statistics."""

    at: Clock
    day: Annotated[int, Field(ge=1, le=28)]
    folder: Path
    papers: bool = True


class Keep(_Strict):
    """Each day: what `hanhtrinh db keep` does without --drop."""

    at: Clock


class Prove(_Strict):
    """Each day: the self-proof, as `hanhtrinh prove run`. A day that was missed is not caught up.

    address: of the ingest's connection with proof = true; absent: records go in as recorded files.
    """

    at: Clock
    address: Annotated[str, Field(pattern=r"^https?://")] | None = None
    wait_min: Annotated[float, Field(gt=0, le=720)] = 30


class Deliver(_Strict):
    """Again and again: what `hanhtrinh list deliver --once` does."""

    settings: Path
    every_s: Annotated[float, Field(gt=0, le=86_400)] = 300


class Schedule(_Strict):
    """since: the first week that is published, whose month is the first with proposals."""

    since: str
    retry_s: Annotated[float, Field(gt=0, le=86_400)] = 900
    publish: Publish | None = None
    amend: Amend | None = None
    proposals: Proposals | None = None
    keep: Keep | None = None
    prove: Prove | None = None
    deliver: Deliver | None = None

    @field_validator("since")
    @classmethod
    def _week(cls, value: str) -> str:
        parse_week(value)
        return value


def read_schedule(path: Path) -> Schedule:
    """The settings of a file; paths in it are those of the process. Raises InputError."""
    try:
        return Schedule.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}; `hanhtrinh schedule run --example` prints one to "
                         "begin with") from None  # fmt: skip
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: no TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        text = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            text = "no such setting here; mend its name or remove it"
        elif first["type"] == "missing":
            text = "is missing; write it"
        raise InputError(f"{path}: {place}: {text}") from None
