"""`hanhtrinh evidence`: one finding as a package that anyone can check without this system."""

from __future__ import annotations

import getpass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api.evidence.package import manifest_sha256, package
from api.evidence.statements import warnings
from api.evidence.words_en import EN
from api.evidence.words_vi import VI
from cli.explaining.gathering import gather
from cli.outfile import write_whole
from cli.reference import InputError
from cli.root import law_of, opened, settings_of
from storage.audit.log import By, What, record
from storage.database import transaction
from storage.evidence import kept_finding

_console = Console(stderr=True, highlight=False)


class Language(StrEnum):
    VIETNAMESE = "vi"
    ENGLISH = "en"


def evidence(
    context: typer.Context,
    finding: Annotated[str, typer.Argument(help="a finding's id, or its first characters; a withdrawn one too")],
    out: Annotated[Path, typer.Option(help="the zip to write")],
    made_at: Annotated[int | None, typer.Option(help="moment of making to be printed, Unix seconds; by default none "
                                                    "is, and the same store gives the same bytes")] = None,
    language: Annotated[Language, typer.Option(help="en: with a summary in English beside the Vietnamese one, which "
                                                    "prevails")] = Language.VIETNAMESE,
) -> None:  # fmt: skip
    """Write the evidence package of a finding: records, arithmetic, law, drawings, a summary in Vietnamese, hashes.

    Prints the SHA-256 of its manifest, and puts it on record in the audit log: it proves the package later. Where the
    finding is withdrawn, or the stored records give another one now, the package says so on its first page.

    Example: hanhtrinh evidence 3f9a12 --out 3f9a12.zip

    Example: hanhtrinh evidence 3f9a12 --out 3f9a12.zip --language en
    """
    settings = settings_of(context)
    law = law_of(settings)
    by = By(None, f"command line, user {getpass.getuser()}", via="command")
    with opened(settings) as connection:
        with transaction(connection):
            kept = kept_finding(connection, finding)
            if kept is None:
                raise InputError(f"no finding begins with {finding!r}; the list names every finding's id")
            dossier = gather(connection, kept, law, made_at)
        english = language == Language.ENGLISH
        packed = package(dossier, english)
        manifest = manifest_sha256(packed)
        # On record before it is out: what the log does not have has not left.
        with transaction(connection):
            record(connection, by, What.EVIDENCE, kept.id, detail=f"manifest.json SHA-256 {manifest}")
    write_whole(out, packed)
    for warning in warnings(dossier, EN if english else VI):
        _console.print(f"warning: {warning}", soft_wrap=True, markup=False)
    print(f"{out}: finding {kept.id}, manifest.json SHA-256 {manifest}")
