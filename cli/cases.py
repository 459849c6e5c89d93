"""`hanhtrinh cases`: how the cases stand, and how they ended by rule. Steps are taken at the desk, by people."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from api.exports.csv_table import csv_bytes
from cli.dates import first_instant
from cli.outfile import write_whole
from cli.reference import InputError
from cli.root import opened, settings_of
from cli.tables import print_table
from cli.visible import visible
from journey.casework import Standing, State
from journey.localtime import DAY_S, show
from storage.cases.attachments import attachments_of
from storage.cases.reading import PAGE_MAX, Case, case_of, cases, steps_of
from storage.cases.shares import by_rule, case_shares
from storage.people.accounts import Person

app = typer.Typer(name="cases", help="Findings under human hands: how their cases stand, and how they ended.",
                  no_args_is_help=True)  # fmt: skip
# Who runs the store sees what the inspectorate sees.
_OFFICE = Person(0, "", "", "supervisor", None)
_EVER = 2**40
_STANDING = {
    Standing.STANDS: "",
    Standing.CHANGED: "the finding states something else now: renew",
    Standing.WITHDRAWN: "the finding was withdrawn: let it lapse",
}
_HEADER = ("rule", "recorder", "cases", "open", "accepted", "unanswered", "upheld", "overturned", "dismissed", "lapsed",
           "share overturned")  # fmt: skip


@app.command("list")
def list_cases(
    context: typer.Context,
    state: Annotated[list[State] | None, typer.Option(help="in this state; several: one --state each")] = None,
    operator: Annotated[str | None, typer.Option(help="of this operator")] = None,
    late: Annotated[bool, typer.Option("--late", help="only those whose term has passed")] = False,
    limit: Annotated[int, typer.Option(min=1, max=PAGE_MAX, help="most rows")] = 50,
) -> None:
    """Print cases by their last step, and what late data made of their findings.

    Example: hanhtrinh cases list --state sent_to_operator --late
    """
    with opened(settings_of(context)) as connection:
        found = cases(connection, _OFFICE, limit, states=state, operator=operator,
                      late_at=int(time.time()) if late else None)  # fmt: skip
    table = Table("finding", "rule", "vehicle", "operator", "state", "outcome", "last step", "term ends", "finding now")
    for one in found:
        table.add_row(one.finding, one.rule, visible(one.vehicle), visible(one.operator or ""), one.state,
                      one.outcome or "", show(one.moved_at), _last_day(one), _STANDING[one.standing])  # fmt: skip
    print_table(table) if found else print("no such case")


@app.command("show")
def show_case(
    context: typer.Context,
    finding: Annotated[str, typer.Argument(help="id of the finding, as `cases list` prints it")],
) -> None:
    """Print a case: how it stands, its steps, its documents.

    Example: hanhtrinh cases show 0f3a94c21b7e4d58a6c0d9e8b7f61234
    """
    with opened(settings_of(context)) as connection:
        case = case_of(connection, finding, _OFFICE)
        steps = steps_of(connection, finding, _OFFICE)
        documents = attachments_of(connection, finding, _OFFICE)
    if case is None:
        raise InputError(f"finding {finding!r} has no case; `hanhtrinh cases list` prints those there are")
    for name, value in (
        ("rule", case.rule), ("vehicle", case.vehicle), ("operator", case.operator or "not known"),
        ("state", case.state), ("outcome", case.outcome or "open"), ("term ends", _last_day(case) or "no term runs"),
        ("finding", _STANDING[case.standing] or "stands as it was taken up"),
    ):  # fmt: skip
        print(f"{name:<10} {visible(value)}")
    table = Table("at", "who", "role", "step", "state", "note")
    for step in steps:
        table.add_row(show(step.at), visible(step.login), step.role, step.step, step.to_state, visible(step.note or ""))
    print_table(table)
    papers = Table("document", "name", "type", "bytes", "SHA-256", "by")
    for one in documents:
        papers.add_row(str(one.id), visible(one.name), one.media_type, str(one.size), one.sha256, visible(one.login))
    print_table(papers) if documents else print("no documents")


@app.command()
def shares(
    context: typer.Context,
    first: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="opened from this day on")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="to this local day, included")] = None,
    by_model: Annotated[bool, typer.Option("--by-model", help="by model of recorder too, where a provider declared "
                                                              "it")] = False,
    out: Annotated[Path | None, typer.Option(help="write them to this file as CSV instead")] = None,
) -> None:  # fmt: skip
    """Print how cases ended, by rule. A rule or a recorder whose findings are overturned often accuses wrongly.

    The share is of the cases that people ended: overturned and dismissed over all but the open and the lapsed.

    Example: hanhtrinh cases shares --from 2026-01-01 --by-model
    """
    start, last_day = first_instant("--from", first), first_instant("--to", last)
    with opened(settings_of(context)) as connection:
        found = case_shares(connection, start or 0, _EVER if last_day is None else last_day + DAY_S)
    rows = []
    for one in found if by_model else by_rule(found):
        share = one.overturned_share
        model = (one.model or "not known") if by_model else "all"
        rows.append((one.rule, model, str(sum(one[2:])), *map(str, one[2:]), "-" if share is None else f"{share:.1%}"))
    if out is not None:
        write_whole(out, csv_bytes([_HEADER, *rows]))
        print(out)
        return
    table = Table(*_HEADER)
    for row in rows:
        table.add_row(*(visible(cell) for cell in row))
    print_table(table) if rows else print("no case was opened in that time")


def _last_day(case: Case) -> str:
    """The last local day of the term that runs."""
    return "" if case.due is None else show(case.due - 1)[:10]
