"""What an examination asks of the self-proof: its database and who may write there, its last result, who runs it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg

from cli.delivery.settings import read_delivery
from cli.doctor.examining import BAD, GOOD, WARNING, Told
from cli.reference import InputError
from cli.schedule.settings import Schedule, read_schedule
from ingest.configuration import Configuration
from journey.localtime import show
from journey.settings import Settings
from storage.database import connect, open_store, transaction
from storage.errors import MigrationRefused, StoreUnavailable
from storage.migrate import missing_of
from storage.proofs import FAILED, OUTAGE, Proof, last_proofs
from storage.proofstore import proof_exists, proof_url, roles_without_rights, up_to_date

OLD_S = 36 * 3600  # as the alert SelfProofNotRun has it
_HOUR_S = 3600
_PATIENCE_S = 5
_STORE, _RESULT, _RUN, _JOBS = "proof's database", "self-proof", "proof's run", "schedule"
_SETUP = "`hanhtrinh prove setup` as the owner of the tables"
_RUNBOOK = "see docs/runbooks/self-proof.md"


def examined_proof(settings: Settings) -> Iterator[Told]:
    """The proof's database and its last result; nothing where the store itself is not to be had: that is told of it."""
    if settings.database_url is None and not settings.data_folder.expanduser().exists():
        return
    try:
        with open_store(settings) as url, connect(url, "hanhtrinh doctor") as store:
            with transaction(store):
                if missing_of(store):
                    return
            there = proof_exists(store)
            with transaction(store):
                last, proved = last_proofs(store, 1), last_proofs(store, 1, conclusive=True)
    except (StoreUnavailable, MigrationRefused):
        return
    except psycopg.errors.InsufficientPrivilege:
        yield Told(WARNING, _RESULT, "this user may not read what proofs gave",
                   "`hanhtrinh doctor` as the owner of the tables, or as check, reads it")  # fmt: skip
        return
    if there:
        yield _store(url)
    else:
        yield Told(WARNING, _STORE, "there is none: nobody proves this installation", f"{_SETUP} makes it")
    yield result(last[0] if last else None, proved[0] if proved else None, time.time())


def _store(url: str) -> Told:
    """Whether the proof's database can be reached, fits this program, and lets ingest and check write."""
    try:
        with connect(proof_url(url), "hanhtrinh doctor") as there:
            if not up_to_date(there):
                return Told(BAD, _STORE, "it lacks migrations of this program", f"{_SETUP} applies them")
            with transaction(there):
                lacking = roles_without_rights(there)
    except MigrationRefused as refusal:
        return Told(BAD, _STORE, str(refusal), "program and proof are of different versions: install the right one")
    except StoreUnavailable as error:
        return Told(BAD, _STORE, str(error), f"{_SETUP} makes what is missing")
    except psycopg.errors.InsufficientPrivilege:
        return Told(BAD, _STORE, "this user may not read it", f"{_SETUP} gives the roles their rights")
    if lacking:
        return Told(BAD, _STORE, f"{', '.join(lacking)} may not write there", f"{_SETUP} gives the roles their rights")
    return Told(GOOD, _STORE, "there, and up to date")


def result(last: Proof | None, proved: Proof | None, now: float) -> Told:
    """How results are to be seen. Args: proved: the last that was no outage. now: Unix s."""
    if last is None:
        return Told(WARNING, _RESULT, "none was ever run", "`hanhtrinh prove run`; each day: [prove] in the schedule")
    if proved is None:
        return Told(WARNING, _RESULT, f"none has come to its end: {last.detail}", _RUNBOOK)
    hours = (now - proved.ended_at) / _HOUR_S
    said = f"{proved.outcome} {show(proved.ended_at)}, {hours:.0f} h ago: {proved.detail}"
    if proved.outcome == FAILED:
        return Told(BAD, _RESULT, said, f"publish no list before it is understood; {_RUNBOOK}")
    if now - proved.ended_at > OLD_S:
        return Told(WARNING, _RESULT, said, f"older than {OLD_S // _HOUR_S} h: is the scheduler running? {_RUNBOOK}")
    if last.outcome == OUTAGE:
        return Told(WARNING, _RESULT, f"{said}; after it {last.detail}", _RUNBOOK)
    return Told(GOOD, _RESULT, said)


def scheduled(path: Path, configuration: Configuration | None) -> Iterator[Told]:
    """What a settings file of the scheduler runs, whether its folders can be written, and how it proves.

    Args: configuration: that of ingest, where it is looked at too.
    """
    try:
        schedule = read_schedule(path)
    except InputError as error:
        yield Told(BAD, _JOBS, str(error), "`hanhtrinh schedule run --example` prints one to begin with")
        return
    jobs = [name for name in ("publish", "amend", "proposals", "keep", "prove", "deliver") if getattr(schedule, name)]
    yield Told(GOOD if jobs else WARNING, _JOBS, f"{path}: {', '.join(jobs) or 'no job'}, since {schedule.since}",
               "" if jobs else "a job without a table is not run: write one")  # fmt: skip
    yield from _folders(schedule)
    if schedule.deliver is not None:
        yield _delivers(schedule.deliver.settings)
    yield _proves(schedule, configuration)


def _folders(schedule: Schedule) -> Iterator[Told]:
    jobs = (schedule.publish, schedule.amend, schedule.proposals)
    for path in dict.fromkeys(one.folder for one in jobs if one is not None):
        there = next(one for one in (path, *path.absolute().parents) if one.exists())
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            yield Told(BAD, "folder of lists", f"{path}: {there} cannot be written to",
                       "give the scheduler's user the right, or name another folder")  # fmt: skip
        else:
            yield Told(GOOD, "folder of lists", f"{path} can be written to")


def _delivers(path: Path) -> Told:
    try:
        delivery = read_delivery(path)
    except InputError as error:
        return Told(BAD, "delivery", str(error), "the schedule does not run without it: mend it, or take out [deliver]")
    return Told(GOOD, "delivery", f"{path}: {len(delivery.recipients)} recipients")


def _proves(schedule: Schedule, configuration: Configuration | None) -> Told:
    if schedule.prove is None:
        return Told(WARNING, _RUN, "the schedule has no table [prove]: nobody proves this installation",
                    "add one, as `hanhtrinh schedule run --example` shows it")  # fmt: skip
    address = schedule.prove.address
    if address is None:
        return Told(WARNING, _RUN, "as recorded files, past the ingest that runs: that one is not proved",
                    "give ingest a connection with proof = true and [prove] its address: docs/schedule.md")  # fmt: skip
    if configuration is not None and (fault := _other(configuration, urlsplit(address).port)):
        return Told(BAD, _RUN, f"{address}: {fault}", "name the port of the connection with proof = true")
    try:
        httpx.get(f"{address.rstrip('/')}/v1/health", timeout=_PATIENCE_S, trust_env=False)
    except httpx.HTTPError as error:
        return Told(BAD, _RUN, f"{address} does not answer: {error or type(error).__name__}",
                    "is ingest running, with a connection that has proof = true, at that host and port?")  # fmt: skip
    return Told(GOOD, _RUN, f"each day at {schedule.prove.at:%H:%M} through {address}, which answers")


def _other(configuration: Configuration, port: int | None) -> str:
    """What is wrong with that port by the settings of ingest; empty: it is the proof's."""
    by_port = {getattr(one, "port", None): one for one in configuration.connections if one.transport == "http"}
    if not any(one.proof for one in by_port.values()):
        return "the settings of ingest have no connection with proof = true"
    if port in by_port and not by_port[port].proof:
        return f"that is connection {by_port[port].name}, which is not the proof's"
    return ""
