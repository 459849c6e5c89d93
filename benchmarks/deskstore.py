"""The store of `benchmarks.store` as desk and boards find it: judged, 300,000 findings, cases, people. Made once, kept.

Most findings are made here, spread over thirteen weeks that end with the store's last day; those that
`check` found beside them rest on stored fixes and can be derived anew. The sums of the days before those that it
judged are made here too.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path

from benchmarks.province import licence, plate, registry
from benchmarks.store import DAYS, FIRST_DAY, OPERATORS, VEHICLES, fill, judge
from cli.root import opened
from journey.casework import Step
from journey.localtime import DAY_S, day_start
from journey.model import Finding, Grade
from journey.settings import Settings
from rules.law import Law, load
from storage.audit.log import By
from storage.cases.steps import take_step
from storage.database import Connection, transaction
from storage.findings import Scope, load_findings, replace_findings
from storage.people.accounts import account_of, add_person
from storage.people.tokens import issue_token
from storage.registry import save_registry
from storage.runs import Run, save_run
from storage.upkeep.parts import make_parts

FINDINGS = int(os.environ.get("HANHTRINH_BENCH_FINDINGS", "300000"))
CASES = 3_000
PEOPLE = 50
PASSWORD = "benchmark of the desk"  # noqa: S105 - of accounts in a store of random data on this machine
_ROOT = Path(os.environ.get("HANHTRINH_BENCH_FOLDER", ".benchmarks"))
_WEEKS = 13
_RULES = ("speeding", "speeding", "speeding", "continuous_driving", "moving_silence")
_LIKE = tuple(
    f"INSERT INTO {table} SELECT (jsonb_populate_record(d, jsonb_build_object('day', %(day)s::int))).* "  # noqa: S608
    f"FROM {table} d WHERE day = %(like)s::int".encode()
    for table in ("day_summary", "service_day")
)
_END = day_start(FIRST_DAY + DAYS)


def login(number: int) -> str:
    return f"inspector{number:02d}"


def prepared() -> Settings:
    """Settings of the store, made where it is not there yet."""
    folder = (_ROOT / f"desk-{VEHICLES}x{DAYS}-{FINDINGS}").resolve()
    settings = Settings(data_folder=folder / "store", database_url=None)
    if (folder / "whole").exists():
        return settings
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    law = load()
    with opened(settings) as connection:
        save_registry(connection, registry(VEHICLES, OPERATORS))
        make_parts(connection, FIRST_DAY, FIRST_DAY + DAYS)
        fill(connection, law)
        judge(connection, law)
        _add_findings(connection, law)
        _add_days(connection)
        secrets = _add_people(connection)
        _open_cases(connection)
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
    (folder / "tokens.json").write_text(json.dumps(secrets), encoding="ascii")
    (folder / "whole").touch()
    return settings


def tokens(settings: Settings) -> list[str]:
    """Secrets of API tokens, one a person."""
    secrets: list[str] = json.loads((settings.data_folder.parent / "tokens.json").read_text(encoding="ascii"))
    return secrets


def _add_findings(connection: Connection, law: Law) -> None:
    uses = tuple(law.dated(path)[-1].use() for path in ("speed.bands", "rollups.speeding_breaches_min"))
    with transaction(connection):
        save_run(connection, Run("bench", _END, {}, 0, law.version, law.method_name, "bench"))
    dice = random.Random(1)
    for week in range(_WEEKS):
        begin = _END - (week + 1) * 7 * DAY_S
        with transaction(connection):
            there = [one for one in load_findings(connection, begin, begin + 7 * DAY_S) if one.rule in _RULES]
            made = [_finding(dice, begin, uses) for _ in range(FINDINGS // _WEEKS)]
            every = {one.id: one for one in (*made, *there)}  # what `check` found stays as it is
            scope = Scope(tuple(set(_RULES)), None, None, begin, begin + 7 * DAY_S, "at")
            replace_findings(connection, "bench", [scope], list(every.values()), "bench")


def _add_days(connection: Connection) -> None:
    """Sums of the days of thirteen weeks, those before the judged ones as these are."""
    first = FIRST_DAY + DAYS - 7 * _WEEKS
    for day in range(first, FIRST_DAY):
        asked = {"day": day, "like": FIRST_DAY + (day - first) % DAYS}
        with transaction(connection):
            for statement in _LIKE:
                connection.execute(statement, asked)


def _finding(dice: random.Random, begin: int, uses: tuple) -> Finding:  # type: ignore[type-arg]
    number, rule, at = dice.randrange(VEHICLES), dice.choice(_RULES), begin + dice.randrange(7 * DAY_S)
    timed = rule != "speeding"
    measured, limit = (15_000, 14_400) if timed else (78.5, 60.0)
    return Finding(
        rule, Grade.CERTAIN, plate(number), licence(number), f"OP{number % OPERATORS:03d}", at - 60, at + 60, at,
        measured, limit, measured - limit, "s" if timed else "km/h", None if timed else "10-20", uses,
        {"peak_speed": 80.1, "mean_speed": 77.0, "fixes": 13, "distance_m": 2_612.5, "segments": ["R1"]},
    )  # fmt: skip


def _add_people(connection: Connection) -> list[str]:
    secrets = []
    for number in range(PEOPLE):
        with transaction(connection):
            one = add_person(connection, login(number), f"Inspector {number}", "inspector", None, PASSWORD,
                             must_change=False)  # fmt: skip
            secrets.append(issue_token(connection, one, ["read"], "benchmark", _END, 366)[1])
    return secrets


def _open_cases(connection: Connection) -> None:
    """Of the latest findings every third only opened, the others sent to the operator."""
    account = account_of(connection, login(0))
    if account is None:
        raise LookupError("people come first")
    by = By(account.person, "benchmark")
    rows = connection.execute("SELECT id FROM finding WHERE withdrawn_at IS NULL ORDER BY at DESC LIMIT %s", (CASES,))
    found = [id_ for (id_,) in rows.fetchall()]
    connection.commit()
    for place, id_ in enumerate(found):
        with transaction(connection):
            take_step(connection, by, id_, Step.OPEN, None, _END)
            if place % 3:
                take_step(connection, by, id_, Step.SEND, None, _END)


if __name__ == "__main__":
    prepared()
