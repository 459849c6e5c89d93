"""`hanhtrinh explain`: one finding, derived anew, with its fixes, arithmetic and law."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.explaining.derivation import Derivation, derive
from cli.explaining.grounds import ground_lines
from cli.explaining.penalties import taken
from cli.reference import InputError
from cli.root import law_of, opened, settings_of
from cli.visible import visible
from journey.localtime import show
from journey.model import Finding, Weighing
from journey.track import DRIVING, KIND_NAMES
from storage.database import transaction
from storage.findings import get_finding
from storage.upkeep.retention import backups_of

EQUAL = "Derived anew from the stored records: equal to the stored finding in every field."
NOT_EQUAL = "The stored records no longer give this finding as it stands"
_ROWS = 40


def explain(
    context: typer.Context,
    finding: Annotated[str, typer.Argument(help="a finding's id, or its first characters")],
    all_rows: Annotated[bool, typer.Option("--all", help="print every fix and activity")] = False,
) -> None:
    """Derive a finding anew from the stored records and show how: fixes, arithmetic, limit, citation.

    Exits 1 where the records no longer give the stored finding (records that wait for `check`, another law, fixes that
    have outlived their term).

    Example: hanhtrinh explain 3f9a12
    """
    settings = settings_of(context)
    law = law_of(settings)
    with opened(settings) as connection, transaction(connection):
        stored = get_finding(connection, finding)
        if stored is None:
            raise InputError(f"no current finding begins with {finding!r}; the list names every finding's id")
        derivation = derive(connection, stored, law)
        gone = backups_of(connection, stored.start, stored.end + 1)
    console = Console(highlight=False)
    print_explanation(console, derivation, stored, all_rows)
    if gone and derivation.floor is not None:
        console.print(f"[bold]Its fixes have outlived their term and lie in {', '.join(gone)}:[/] restore that into a "
                      "new data folder, and explain it there.", soft_wrap=True)  # fmt: skip
        sys.exit(1)
    if not derivation.equals(stored):
        console.print(f"[bold]{NOT_EQUAL}: run `hanhtrinh check`.[/]")
        sys.exit(1)
    console.print(EQUAL)


def print_explanation(console: Console, derivation: Derivation, stored: Finding, all_rows: bool) -> None:
    """What a finding rests on, how its figures come about, and the law. What is data is printed as it is."""
    _print_head(console, stored)
    if derivation.weighing is not None:
        _print_weighing(console, derivation.weighing)
    elif len(derivation.drives):
        _print_drives(console, derivation, stored, all_rows)
    else:
        _print_fixes(console, derivation, all_rows)
    if derivation.grounds:
        console.print("its limits rest on")
        for line in ground_lines(derivation.grounds):
            console.print(visible(line), markup=False, soft_wrap=True)
    console.print(arithmetic(stored), markup=False)
    _print_law(console, stored)
    _print_consequences(console, stored)


def _print_head(console: Console, finding: Finding) -> None:
    console.print(f"[bold]{finding.rule}[/] ({finding.grade}), finding {finding.id}")
    driver = finding.driver or "unknown"
    said = f"vehicle {finding.vehicle}, driver {driver}, operator {finding.operator or 'not registered'}"
    console.print(visible(said), markup=False)
    console.print(f"from {show(finding.start)} to {show(finding.end)}, complete at {show(finding.at)}")
    for name, value in finding.detail.items():
        if name != "consequences":
            console.print(visible(f"  {name}: {value}"), markup=False)


def _print_fixes(console: Console, derivation: Derivation, all_rows: bool) -> None:
    table = Table("time", "lon", "lat", "km/h", "limit", "over", title="fixes used", title_justify="left")
    rows = derivation.fixes.rows(named=True)
    for row in rows if all_rows else rows[:_ROWS]:
        over = "" if row["limit_kmh"] is None else f"{row['speed_kmh'] - row['limit_kmh']:+.1f}"
        limit = "" if row["limit_kmh"] is None else f"{row['limit_kmh']:.0f}"
        table.add_row(
            show(row["time"]), f"{row['lon']:.6f}", f"{row['lat']:.6f}", f"{row['speed_kmh']:.1f}", limit, over
        )
    console.print(table)
    if not all_rows and len(rows) > _ROWS:
        console.print(f"and {len(rows) - _ROWS} more fixes: --all prints them")


def _print_drives(console: Console, derivation: Derivation, finding: Finding, all_rows: bool) -> None:
    title = f"activities of the driver, from {len(derivation.fixes)} fixes"
    table = Table("vehicle", "from", "to", "class", "s", "driving so far", title=title, title_justify="left")
    total, reached = 0, finding.start
    rows = derivation.drives.rows(named=True)
    for number, row in enumerate(rows):
        if row["kind"] == DRIVING:
            # United in time: what two vehicles drove at once counts once.
            total += max(0, row["end"] - max(row["start"], reached))
            reached = max(reached, row["end"])
        if all_rows or number < _ROWS:
            seconds = str(row["end"] - row["start"])
            kind = KIND_NAMES[row["kind"]]
            vehicle = escape(visible(row["vehicle"]))
            table.add_row(vehicle, show(row["start"]), show(row["end"]), kind, seconds, str(total))
    console.print(table)
    if not all_rows and len(rows) > _ROWS:
        console.print(f"and {len(rows) - _ROWS} more activities: --all prints them")


def _print_weighing(console: Console, weighing: Weighing) -> None:
    said = f"weighing at station {weighing.station}, lane {weighing.lane}, ticket {weighing.ticket}"
    console.print(visible(said), markup=False)
    said = f"  gross {weighing.gross_kg} kg, persons {weighing.persons}, trailer {weighing.trailer or 'none'}"
    console.print(visible(said), markup=False)
    console.print(f"  axles {list(weighing.axle_kg)} kg, spacings {list(weighing.spacing_mm)} mm", markup=False)


def arithmetic(finding: Finding) -> str:
    """The sum that makes the finding, as one sentence."""
    measured, limit, excess, unit = finding.measured, finding.limit, finding.excess, finding.unit
    band = f"; band {finding.band}" if finding.band else ""
    if unit == "km/h":
        text = (
            "Of each two neighbouring fixes the smaller excess counts; the largest of these is the sustained excess, "
            f"reached at {show(finding.at)}: {measured} - {limit} = {excess} km/h{band}."
        )
    elif unit == "kg":
        over = int(measured) - int(limit)
        text = f"{measured} - {limit} = {over} kg; 100 x {over} / {limit} = {excess} %{band}."
    elif finding.rule == "double_login":
        text = f"Two or more vehicles drove under one licence for {finding.end} - {finding.start} = {measured} s."
    else:
        text = f"{measured} s - {limit} s allowed = {excess} s over{band}; exceeded at {show(finding.at)}."
    return text


def _print_law(console: Console, finding: Finding) -> None:
    console.print("law and method")
    for use in finding.law:
        unit = "" if use.unit == "none" else f" {use.unit}"
        console.print(f"  {use.parameter} = {use.value}{unit}, in force from {use.in_force_from}", markup=False)
        console.print(f"    {use.citation}{'' if use.verified else '  (not verified)'}", markup=False)


def _print_consequences(console: Console, finding: Finding) -> None:
    consequences = finding.detail.get("consequences")
    if not consequences:
        return
    console.print("what the law takes for it")
    for one in consequences:
        console.print(f"  {one['subject']}: {taken(one)}", markup=False)
        if "note" in one:
            console.print(f"    {one['note']}", markup=False)
        doubt = "" if one["verified"] else "  (not verified)"
        console.print(f"    {one['citation']}, in force from {one['in_force_from']}{doubt}", markup=False)
