"""The app: the pages of the desk, and the API under /api/v1. Made by the root, not at import."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version

import anyio
from fastapi import Depends, FastAPI

from api.access import require_declared
from api.admission import admit
from api.buckets import Buckets
from api.document import describe
from api.fitting import keep_looking
from api.frame import Frame
from api.pages import PAGES
from api.pages._faults import as_page
from api.pages._fleets import Fleets
from api.parts import Parts
from api.paths import PREFIX
from api.problems import RESPONSES, handle_problems
from api.routes import ROUTERS, monitor
from api.signon import SignOn
from api.straight import Straight
from api.turns import open_turns
from api.typed import Typed
from storage.audit.group import Recorder
from storage.server.pool import open_pool

_WAITING = 4  # threads more than there are connections: for what needs none


def make_app(parts: Parts) -> FastAPI:
    """The app over its parts. Nothing is opened before it starts. Raises LookupError for a route without a need."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.pool = await anyio.to_thread.run_sync(open_pool, parts.url, parts.bounds, "hanhtrinh serve")
        recorder = app.state.recorder = Recorder(parts.url, parts.bounds.statement_s, "hanhtrinh serve, audit log")
        anyio.to_thread.current_default_thread_limiter().total_tokens = parts.bounds.connections + _WAITING
        open_turns(app)
        looking = asyncio.create_task(keep_looking(app))
        try:
            await anyio.to_thread.run_sync(recorder.open)
            gc.collect()
            gc.freeze()  # modules and law stay to the end: they need not be looked through again and again
            yield
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
            await anyio.to_thread.run_sync(recorder.close)
            await anyio.to_thread.run_sync(app.state.pool.close)

    app = FastAPI(
        title="hanhtrinh",
        version=version("hanhtrinh"),
        summary="Findings under dated law, and the records that they rest on",
        lifespan=lifespan,
        dependencies=[Depends(admit)],
        telemetry={"tracing": False, "metrics": False, "logs": False},  # ours is at /metrics
        responses=RESPONSES,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.parts, app.state.misfit = parts, ""
    app.state.buckets = Buckets(parts.of_caller)
    app.state.typed, app.state.fleets = Typed(), Fleets()
    app.state.sign_on = None if parts.provider is None else SignOn(parts.provider, parts.clock)
    app.include_router(monitor.router)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    for router in PAGES:
        app.include_router(router, include_in_schema=False)
    handle_problems(app, as_page)
    describe(app)
    require_declared(app)
    app.add_middleware(Straight, whole=app)
    app.add_middleware(Frame, buckets=Buckets(parts.of_address), metrics=parts.metrics,
                       upload_bytes_max=parts.attachment_bytes)  # fmt: skip
    return app
