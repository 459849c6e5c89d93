"""`hanhtrinh evaluate`: a folder of records judged without database or network."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import orjson
import polars as pl
import typer

from cli.reference import InputError, read_folder
from cli.rollups.lines import lines
from cli.root import settings_of
from ingest.protocols import csv_v1, weighing_v1
from journey.model import BadRecord, DecodeError, Weighing
from journey.track import FIX
from rules import law as rulebook
from rules.checks import verify
from rules.engine import Known, know, vehicle_floor
from rules.engine import evaluate as judge
from rules.months import month_sums
from rules.rollups import roll_up

_BLOCK = 8 << 20


def evaluate(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="folder with registry.json and what there is of positions.csv, "
                                                "weighings.ndjson, stations.json, roads.geojson, permits.json")],
    summary: Annotated[bool, typer.Option(help="print counts, flags, driving and notes instead of findings")] = False,
    rollup: Annotated[bool, typer.Option(help="print month roll-ups instead of findings: proposals to revoke badges "
                                              "and to review licences")] = False,
    method: Annotated[str, typer.Option(help="method file: a name in rules/law or a path ending in .yaml; by default "
                                             "HANHTRINH_METHOD")] = "",
) -> None:  # fmt: skip
    """Judge the records of FOLDER and print the findings as NDJSON.

    Uses no database and no network. Exits 2 on bad input, naming the file, the line and what to mend.

    Example: hanhtrinh evaluate --summary cases/01-band-edges
    """
    if summary and rollup:
        raise InputError("--summary and --rollup exclude each other: give one of them")
    law = rulebook.load(method=method or settings_of(context).method)
    verify(law)
    known = know(read_folder(folder), law)
    fixes = read_positions(folder / "positions.csv")
    weighings = read_weighings(folder / "weighings.ndjson")
    if rollup:
        _print_rollups(fixes, weighings, known, law)
        return
    result = judge(fixes, weighings, known, law)
    if summary:
        print(json.dumps(result.summary, ensure_ascii=False, indent=1))
        return
    for finding in result.findings:
        sys.stdout.buffer.write(orjson.dumps(finding.as_dict(), option=orjson.OPT_APPEND_NEWLINE))


def _print_rollups(fixes: pl.DataFrame, weighings: list[Weighing], known: Known, law: rulebook.Law) -> None:
    sums = month_sums(vehicle_floor(fixes, known, law), weighings, known, law)
    rolled = roll_up(sums, known.registry.vehicles, law)
    for line in lines(rolled):
        sys.stdout.buffer.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    for note in rolled.notes:
        print(f"note: {note.subject}: {note.text}", file=sys.stderr)


def read_positions(path: Path) -> pl.DataFrame:
    """All fixes of a positions.csv as a FIX frame. Raises InputError at the first bad line."""
    if not path.exists():
        return FIX.to_frame()
    frames: list[pl.DataFrame] = []
    try:
        with path.open("rb") as file:
            header, line = file.readline(), 2
            for block in _blocks(file.read, _BLOCK):
                decoded = csv_v1.decode_rows(header, block, line, None)
                _refuse(path, decoded.bad)
                frames.append(FIX.to_frame() if decoded.frame is None else decoded.frame)
                line += block.count(b"\n")
            if not frames:  # a header alone may be wrong too
                csv_v1.decode_rows(header, b"", line, None)
                return FIX.to_frame()
    except DecodeError as error:
        raise InputError(f"{path}: {error.detail}") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    return pl.concat(frames)


def read_weighings(path: Path) -> list[Weighing]:
    """All weighings of a weighings.ndjson. Raises InputError at the first bad line."""
    if not path.exists():
        return []
    weighings: list[Weighing] = []
    number = 0
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    decoded = weighing_v1.decode(line, None)
                    for bad in decoded.bad:
                        raise InputError(f"{path}: line {number}: {bad.detail}")
                    weighings += decoded.weighings
    except DecodeError as error:
        raise InputError(f"{path}: line {number}: {error.detail}") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    return weighings


def _blocks(read: Callable[[int], bytes], size: int) -> Iterator[bytes]:
    """Whole lines of a file, about `size` bytes at a time."""
    rest = b""
    while chunk := read(size):
        whole, found, tail = (rest + chunk).rpartition(b"\n")
        if found:
            yield whole + found
        rest = tail if found else rest + chunk
    if rest:
        yield rest


def _refuse(path: Path, bad: list[BadRecord]) -> None:
    if bad:
        more = f" ({len(bad)} bad lines in this block)" if len(bad) > 1 else ""
        raise InputError(f"{path}: {bad[0].where}: {bad[0].detail}{more}")
