"""One self-proof: the fleet sent, stored, judged by who judges here, its findings held against the answer key."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from cli.checking.windows import check
from cli.fleet import Fleet, Result, match, write
from cli.intake.recorded import replay_files
from cli.proof.fleet import OPERATOR, fleet_of
from cli.proof.sending import NotTaken, post
from cli.reference import InputError, read_folder
from cli.root import code_version
from journey.localtime import name_week
from journey.registry import Provider, Registry
from journey.settings import Settings
from rules.law import Law
from storage.access import issue
from storage.database import Connection, connect, transaction
from storage.findings import load_findings
from storage.proofs import FAILED, OUTAGE, PASSED, Counts, Proof, add_proof, last_proofs
from storage.proofstore import empty_proof, make_proof_store, proof_url, stored_fixes
from storage.registry import save_registry
from storage.server.locks import PROOF, held
from storage.windows import waiting

WAIT_S = 1800.0  # how long storing and judging may take
_LOOK_S = 1.0
_WEEK_S = 7 * 86_400
type Say = Callable[[str], object]


def prove(
    url: str,
    law: Law,
    settings: Settings,
    address: str | None,
    *,
    judge: bool = False,
    wait_s: float = WAIT_S,
    say: Say = lambda text: None,
    stop: Callable[[], bool] = lambda: False,
) -> Proof:
    """Run a self-proof and put its result on record in the store.

    Args: address: of the ingest that runs; None: the records go in as recorded files. judge: judge it here, where no
    `check --follow` runs. Raises InputError where another proof is under way, MigrationRefused, StoreUnavailable.
    """
    with held(url, PROOF) as lock:
        if lock is None:
            raise InputError("another self-proof is under way: wait for its result, `hanhtrinh prove status`")
        make_proof_store(url)
        with connect(proof_url(url), "hanhtrinh prove") as there:
            one = _proof(there, law, settings, address, judge, wait_s, say, stop)
        with connect(url, "hanhtrinh prove") as connection, transaction(connection):
            add_proof(connection, one)
            return last_proofs(connection, 1)[0]


def _proof(
    there: Connection, law: Law, settings: Settings, address: str | None, judge: bool, wait_s: float, say: Say,
    stop: Callable[[], bool],
) -> Proof:  # fmt: skip
    began = time.time()
    fleet = fleet_of(int(began))
    say(f"a fleet of {len(fleet.plates)} vehicles, {len(fleet.fixes)} fixes, {len(fleet.answers)} planted findings")
    until, why, stored_s, judged_s = time.monotonic() + wait_s, "", None, None
    with tempfile.TemporaryDirectory(prefix="hanhtrinh-proof-") as name:
        folder = Path(name)
        write(fleet, folder, ["feed.ndjson"])
        empty_proof(there)
        save_registry(there, _registry(folder), replace=True)
        sent_at = time.monotonic()
        try:
            _send(there, law, settings, address, folder, stop)
        except NotTaken as error:
            why = f"the ingest did not take everything in: {error}"
    sent, left = len(fleet.fixes), 0
    while True:
        if judge:
            check(there, law, code_version())
        stored = stored_fixes(there)
        with transaction(there):
            left = waiting(there)
        now = time.monotonic()
        if stored >= sent and stored_s is None:
            stored_s = now - sent_at
            say(f"stored after {stored_s:.0f} s; waiting to be judged")
        if stored >= sent and not left:
            judged_s = now - sent_at
            break
        if why or stop() or now > until:
            break
        time.sleep(_LOOK_S)
    with transaction(there):
        findings = load_findings(there, fleet.spec.begin - _WEEK_S, fleet.spec.end + _WEEK_S)
    result = match(fleet.answers, [one.as_dict() for one in findings])
    outcome, detail = judgement(result, sent - stored, left, why)
    return Proof(
        int(began), 0, outcome, "files" if address is None else "http", name_week(fleet.spec.begin), sent, stored, left,
        stored_s, judged_s, law.version, law.method_name, code_version(), detail, _differences(result),
        _counts(fleet, result),
    )  # fmt: skip


def _registry(folder: Path) -> Registry:
    return replace(read_folder(folder), providers=(Provider(OPERATOR, "self-proof"),))


def _send(
    there: Connection, law: Law, settings: Settings, address: str | None, folder: Path, stop: Callable[[], bool]
) -> None:
    if address is None:
        # Among the lines of a scheduler's log a bar of progress is none.
        replay_files(there, settings, law, [folder / "feed.ndjson", folder / "weighings.ndjson"], quiet=True)
    else:
        post(address, issue(there, OPERATOR), folder, stop)


def judgement(result: Result, unstored: int, unjudged: int, why: str) -> tuple[str, str]:
    """The outcome and its words. Only what is missing can be our outage's doing: what is extra never is."""
    missing, extra = len(result.missing), len(result.extra)
    if not missing and not extra:
        if not unstored and not unjudged:
            return PASSED, f"planted = found = {len(result.found)}, extra = 0"
        missing_words = "nothing is missing"
    else:
        missing_words = f"{missing} planted findings are missing, {extra} are extra"
    ours = [why] if why else []
    if unstored:
        ours.append(f"{unstored} fixes are not stored")
    if unjudged:
        ours.append(f"{unjudged} vehicle-days are not judged: is `hanhtrinh check --follow` running, and keeping up?")
    if extra or not ours:
        return FAILED, "; ".join([missing_words, *ours])
    return OUTAGE, "; ".join([f"{missing_words}, by an outage of our own", *ours])


def _counts(fleet: Fleet, result: Result) -> dict[str, Counts]:
    planted = Counter(answer["rule"] for answer in fleet.answers)
    found = Counter(answer["rule"] for answer, _ in result.found)
    extra = Counter(str(finding["rule"]) for finding in result.extra)
    return {rule: Counts(planted[rule], found[rule], extra[rule]) for rule in sorted(planted | extra)}


def _differences(result: Result) -> list[dict[str, Any]]:
    names = ("rule", "grade", "vehicle", "driver", "band", "at")
    return [{"what": "missing", **answer} for answer in result.missing] + [
        {"what": "extra", **{name: finding.get(name) for name in names}} for finding in result.extra
    ]
