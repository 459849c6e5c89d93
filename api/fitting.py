"""Whether the store is still of this program's version: once it is not, nothing is answered any more but why.

The process stays, so that whoever asks is told; a migration that is made while it runs is noticed
within a second or two.
"""

from __future__ import annotations

import asyncio
import logging

from fastapi import FastAPI

from api.problems import Problem
from storage.errors import MigrationRefused, StoreUnavailable
from storage.migrate import require_fit
from storage.server.pool import Pool, TooSlow, reading

_LOOK_S = 1.0
_OPEN = ("health", "ready", "metrics")
log = logging.getLogger(__name__)


async def keep_looking(app: FastAPI) -> None:
    """Compare the schema with the program's every second, until cancelled; `app.state.misfit` says what is wrong."""
    while True:
        await asyncio.sleep(_LOOK_S)
        said = await asyncio.to_thread(_misfit, app.state.pool)
        if said is not None and said != app.state.misfit:
            if said:
                log.error("nothing is answered any more: %s", said)
            app.state.misfit = said


def _misfit(pool: Pool) -> str | None:
    """Empty: it fits. None: it cannot be asked now."""
    try:
        with reading(pool) as connection:
            require_fit(connection)
    except MigrationRefused as refusal:
        return str(refusal)
    except (StoreUnavailable, TooSlow):
        return None
    return ""


def refuse_misfit(app: FastAPI, route: str) -> None:
    """Raises Problem where the store is of another version, for all but the monitor."""
    said: str = app.state.misfit
    if said and route not in _OPEN:
        raise Problem(503, said, {"Retry-After": "60"})
