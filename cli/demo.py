"""`hanhtrinh demo`: the whole job once, on a synthetic week with a known answer."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.checking.commands import check_all
from cli.fleet import FleetSpec, ReviewResult, generate, match, match_reviews, write
from cli.intake.recorded import replay_files, store_reference
from cli.lists.export import export_week
from cli.root import law_of, opened, read_settings
from cli.serve import HOST, PORT
from cli.stations.reviews import review_of
from journey.localtime import name_week
from storage.audit.log import By, What, record
from storage.database import Connection, transaction
from storage.findings import load_findings
from storage.people.accounts import account_of, add_person, set_password
from storage.people.passwords import random_password
from storage.stations.reviews import PAGE_MAX, WantedReviews, review_page

console = Console()
_LOGIN = "thanhtra"


def demo(
    folder: Annotated[Path, typer.Option(help="where the fleet, the store and the list go")] = Path("demo"),
    vehicles: Annotated[int, typer.Option(help="number of vehicles")] = 40,
) -> None:
    """Make a fleet, take its records in, judge them, write the week's list, and compare with what was planted.

    Needs nothing but this program: the database comes with it and stays in FOLDER. It ends with how to look at it at
    the desk: address, login and a password that is made and printed here alone; run again, it makes another. Exits 1
    where a planted finding was missed or anything else was found.

    Example: hanhtrinh demo --folder demo
    """
    fleet = generate(FleetSpec(vehicles=vehicles, days=7, split_feeds=True, scale=True))
    files, week = folder / "fleet", name_week(fleet.spec.begin)
    console.print(f"1. a fleet of {vehicles} vehicles on the roads of Lang Son, week {week}: {files}", highlight=False)
    write(fleet, files)
    settings = read_settings(folder / "store")
    law = law_of(settings)
    with opened(settings) as connection:
        console.print("2. its records, as three providers send them, into the store")
        store_reference(connection, files)
        replay_files(connection, settings, law, [*sorted(files.glob("feed.*")), files / "weighings.ndjson"])
        console.print("3. judged under the law in force")
        check_all(connection, law)
        console.print("4. the week's enforcement list")
        lists = export_week(connection, law, week, folder / "lists", made_at=fleet.spec.end)
        with transaction(connection):
            findings = load_findings(connection, fleet.spec.begin, fleet.spec.end)
        with transaction(connection):
            wanted = WantedReviews(fleet.spec.begin, fleet.spec.end, excused=True)
            reviews = match_reviews(
                fleet.reviews, [review_of(row) for row in review_page(connection, wanted, PAGE_MAX)]
            )
        with transaction(connection):
            password = _inspector(connection)
    result = match(fleet.answers, [finding.as_dict() for finding in findings])
    planted = Counter(answer["rule"] for answer in fleet.answers)
    found = Counter(answer["rule"] for answer, _ in result.found)
    extra = Counter(finding["rule"] for finding in result.extra)
    table = Table(title="planted against found", title_justify="left")
    for name in ("rule", "planted", "found", "extra"):
        table.add_column(name, justify="left" if name == "rule" else "right")
    for rule in sorted(planted | extra):
        table.add_row(rule, str(planted[rule]), str(found[rule]), str(extra[rule]))
    table.add_section()
    table.add_row("all", str(planted.total()), str(found.total()), str(extra.total()))
    console.print(table)
    _print_reviews(reviews)
    for path in lists:
        console.print(f"list: {path}", highlight=False)
    if findings:
        store = f"{sys.argv[0]} --data {folder / 'store'}"
        console.print(f"why:  {store} explain {findings[0].id[:10]}", highlight=False)
    differs = bool(result.missing or result.extra)
    differs |= any(one.found != one.planted or one.extra for one in reviews.values())
    console.print("planted and found differ" if differs else f"planted = found = {found.total()}, extra = 0")
    console.print(f"desk: {sys.argv[0]} serve --data {folder}", highlight=False)
    console.print(
        f"      then http://{HOST}:{PORT}/, login {_LOGIN}, password {password}", highlight=False, soft_wrap=True
    )
    if differs:
        sys.exit(1)


def _print_reviews(reviews: dict[str, ReviewResult]) -> None:
    table = Table(title="avoids the scale: for review, in no list", title_justify="left")
    for name in ("kind", "planted", "found", "extra", "look-alikes", "left out"):
        table.add_column(name, justify="left" if name == "kind" else "right")
    for kind, one in reviews.items():
        left_out = one.innocent - one.look_alikes
        table.add_row(kind, *map(str, (one.planted, one.found, one.extra, one.innocent, left_out)))
    console.print(table)


def _inspector(connection: Connection) -> str:
    """The password of the demonstration's inspector, who is made where he is not there yet."""
    password, known = random_password(), account_of(connection, _LOGIN)
    if known is None:
        add_person(connection, _LOGIN, "Thanh tra viên mẫu", "inspector", None, password, must_change=False)
    else:
        set_password(connection, known.person, password, must_change=False)
    record(connection, By(None, "command line, demo", via="command"), What.ACCOUNT, _LOGIN, detail="demonstration")
    return password
