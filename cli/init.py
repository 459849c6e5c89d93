"""`hanhtrinh init`: settings files to begin with."""

from __future__ import annotations

import shlex
import shutil
import sys
import textwrap
import time
from pathlib import Path
from typing import Annotated

import typer

from cli.outfile import write_whole
from cli.reference import InputError
from cli.schedule.settings import EXAMPLE as SCHEDULE
from cli.schedule.settings import read_schedule
from cli.secretfile import write_secret
from ingest.configuration import EXAMPLE
from journey.localtime import name_week
from journey.settings import Settings

_WIDTH = 110
_HEAD = """\
# Settings of hanhtrinh, read from this file where a command is run, or from the environment, which wins.
# A line that begins with # says what holds without it. The file may hold a password: nobody else may read it.
# `hanhtrinh doctor` says whether what stands here works.
"""


def init(
    folder: Annotated[Path, typer.Argument(help="where .env, ingest.toml and schedule.toml go")] = Path("."),
) -> None:
    """Write commented settings files: .env for all commands, ingest.toml and schedule.toml for those named like it.

    What is there already is never overwritten: then nothing is written at all.

    Example: hanhtrinh init /etc/hanhtrinh
    """
    settings, ingest, schedule = folder / ".env", folder / "ingest.toml", folder / "schedule.toml"
    for path in (settings, ingest, schedule):
        if path.exists():
            raise InputError(f"{path}: is there already, and stays as it is; name another folder, or take it away")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made: {error.strerror}; name another folder") from None
    write_secret(settings, settings_text().encode())
    write_whole(ingest, EXAMPLE.read_bytes(), "folder")
    write_whole(schedule, schedule_text(int(time.time())).encode(), "folder")
    print(settings, ingest, schedule, sep="\n")
    print("next: put in what is yours, take out what nobody uses; then, until no line says BAD:")
    there = "" if folder == Path() else f"cd {shlex.quote(str(folder))} && "
    print(f"  {there}{_program()} doctor --ingest ingest.toml --schedule schedule.toml")
    print("commands read .env in the folder where they are run")


def _program() -> str:
    """How to call this program from any folder: by its place where no path leads there."""
    called = Path(sys.argv[0])
    by_place = called.parent != Path() and shutil.which("hanhtrinh") is None
    return shlex.quote(str(called.absolute())) if by_place else "hanhtrinh"


def schedule_text(now: int) -> str:
    """The scheduler's example from this week on: what is published of weeks before cannot be taken back."""
    text = SCHEDULE.read_text(encoding="utf-8")
    return text.replace(f'since = "{read_schedule(SCHEDULE).since}"', f'since = "{name_week(now)}"')


def settings_text() -> str:
    """Every setting with its meaning, each as a comment that shows what holds without it."""
    parts = [_HEAD]
    for name, field in Settings.model_fields.items():
        value = "" if field.default is None else str(field.default)
        meaning = textwrap.wrap(field.description or "", _WIDTH, break_long_words=False)
        parts.append("".join(f"# {line}\n" for line in meaning) + f"#HANHTRINH_{name.upper()}={value}\n")
    return "\n".join(parts)
