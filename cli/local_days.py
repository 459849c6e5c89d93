"""The options --from and --to of commands that work on local days."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.dates import first_instant
from cli.reference import InputError
from journey.localtime import day_of

From = Annotated[str, typer.Option("--from", help="first local day, such as 2026-03-01")]
To = Annotated[str, typer.Option("--to", help="last local day, included")]


def local_days(first: str, last: str) -> tuple[int, int]:
    """Local day numbers [first, stop)."""
    begin, end = first_instant("--from", first), first_instant("--to", last)
    assert begin is not None and end is not None  # noqa: S101, PT018 - both options are given
    if end < begin:
        raise InputError(f"--to {last}: lies before --from {first}")
    return day_of(begin), day_of(end) + 1
