"""`hanhtrinh init`: settings files to begin with."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Annotated

import typer

from cli.outfile import write_whole
from cli.reference import InputError
from cli.secretfile import write_secret
from ingest.configuration import EXAMPLE
from journey.settings import Settings

_WIDTH = 110
_HEAD = """\
# Settings of hanhtrinh, read from this file where a command is run, or from the environment, which wins.
# A line that begins with # says what holds without it. The file may hold a password: nobody else may read it.
# `hanhtrinh doctor` says whether what stands here works.
"""


def init(
    folder: Annotated[Path, typer.Argument(help="where .env and ingest.toml go")] = Path("."),
) -> None:
    """Write commented settings files: .env for all commands, ingest.toml for `hanhtrinh ingest`.

    What is there already is never overwritten: then nothing is written at all.

    Example: hanhtrinh init /etc/hanhtrinh
    """
    settings, ingest = folder / ".env", folder / "ingest.toml"
    for path in (settings, ingest):
        if path.exists():
            raise InputError(f"{path}: is there already, and stays as it is; name another folder, or take it away")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made: {error.strerror}; name another folder") from None
    write_secret(settings, settings_text().encode())
    write_whole(ingest, EXAMPLE.read_bytes(), "folder")
    print(settings)
    print(ingest)
    print("next: mend both, then `hanhtrinh doctor --ingest ingest.toml`")


def settings_text() -> str:
    """Every setting with its meaning, each as a comment that shows what holds without it."""
    parts = [_HEAD]
    for name, field in Settings.model_fields.items():
        value = "" if field.default is None else str(field.default)
        meaning = textwrap.wrap(field.description or "", _WIDTH, break_long_words=False)
        parts.append("".join(f"# {line}\n" for line in meaning) + f"#HANHTRINH_{name.upper()}={value}\n")
    return "\n".join(parts)
