"""What the app is composed of, handed down from the root; nothing is opened, read or asked of a clock at import."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import FastAPI, Request
from prometheus_client import CollectorRegistry

from api.buckets import Rate
from api.evidence.dossier import Dossier
from api.signon import Provider
from journey.casework import Terms
from journey.metrics import ApiMetrics
from rules.law import Law
from storage.audit.group import Recorder
from storage.cases.attachments import BYTES_MAX
from storage.database import Connection
from storage.evidence import Kept
from storage.people.sessions import POLICY, Policy
from storage.server.pool import Bounds, Pool

TERMS = Terms()
OF_CALLER = Rate(per_minute=600, burst=120)
OF_ADDRESS = Rate(per_minute=6000, burst=1200)  # an office may stand behind one address


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the store is, under which law, how many connections, how many requests, what time it is (s UTC).

    gather: all that is known of a stored finding, derived anew. policy, terms and attachment_bytes: what a deployment
    sets.
    """

    url: str
    law: Law
    code_version: str
    clock: Callable[[], int]
    metrics: ApiMetrics
    exposed: Callable[[], CollectorRegistry]  # what /metrics tells: of this process, or of all that work beside it
    gather: Callable[[Connection, Kept], Dossier]
    bounds: Bounds = field(default_factory=Bounds)
    of_caller: Rate = OF_CALLER
    of_address: Rate = OF_ADDRESS
    policy: Policy = POLICY  # when sessions end, how many logins may fail
    terms: Terms = TERMS  # of cases
    attachment_bytes: int = BYTES_MAX
    provider: Provider | None = None  # by which people may log in, beside passwords


def parts_of(app: FastAPI) -> Parts:
    parts = app.state.parts
    if not isinstance(parts, Parts):
        raise TypeError("make_app sets the parts")
    return parts


def pool_of(app: FastAPI) -> Pool:
    """The pool that the lifespan opened."""
    pool: Pool = app.state.pool
    return pool


def recorder_of(app: FastAPI) -> Recorder:
    """The writer of the audit log that the lifespan opened."""
    recorder: Recorder = app.state.recorder
    return recorder


async def get_parts(request: Request) -> Parts:
    return parts_of(request.app)


async def get_pool(request: Request) -> Pool:
    return pool_of(request.app)
