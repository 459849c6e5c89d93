"""/health, /ready and /metrics, as the other processes have them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.parts import Parts, get_parts, get_pool
from storage.errors import StoreUnavailable
from storage.server.pool import Pool, TooSlow, require_answer

router = APIRouter(tags=["monitor"], include_in_schema=False)


@router.get("/health", name="health")
async def health() -> Response:
    """The process lives and answers."""
    return PlainTextResponse("alive\n")


@router.get("/ready", name="ready")
def ready(request: Request, pool: Annotated[Pool, Depends(get_pool)]) -> Response:
    """200 where the store answers and is of this program's version, else 503."""
    if request.app.state.misfit:
        return PlainTextResponse(f"store: {request.app.state.misfit}\n", 503)
    try:
        require_answer(pool)
    except (StoreUnavailable, TooSlow) as error:
        return PlainTextResponse(f"store: {error}\n", 503)
    return PlainTextResponse("store: answers\n")


@router.get("/metrics", name="metrics")
def metrics(parts: Annotated[Parts, Depends(get_parts)]) -> Response:
    return Response(generate_latest(parts.exposed()), media_type=CONTENT_TYPE_LATEST)
