"""The proof's records on the way in: posted to the ingest that runs, as any provider does."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

FIXES, WEIGHINGS = "/v1/fixes", "/v1/weighings"
LINES = 500  # a request
_TRIES_S = 120.0  # how long one request is tried again
_PAUSE_S = (0.5, 5.0)
_LATER = (429, 503)


class NotTaken(Exception):  # noqa: N818
    """The ingest did not take a record in, though it was asked for long. The text says why."""


def post(address: str, token: str, folder: Path, stop: Callable[[], bool] = lambda: False) -> None:
    """Post feed.ndjson and weighings.ndjson in order. Raises NotTaken.

    Args: address: of the HTTP connection of ingest, such as http://127.0.0.1:8090.
    """
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    with httpx.Client(base_url=address, headers=headers, timeout=90, trust_env=False) as client:
        for route, file in ((FIXES, "feed.ndjson"), (WEIGHINGS, "weighings.ndjson")):
            for body in _bodies(folder / file):
                _post(client, route, body, stop)


def _bodies(path: Path) -> Iterator[bytes]:
    """Times of receipt are left out: who takes them in says when they came."""
    lines: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        record.pop("received", None)
        lines.append(json.dumps(record, ensure_ascii=False))
        if len(lines) == LINES:
            yield "\n".join(lines).encode()
            lines.clear()
    if lines:
        yield "\n".join(lines).encode()


def _post(client: httpx.Client, route: str, body: bytes, stop: Callable[[], bool]) -> None:
    until, pause = time.monotonic() + _TRIES_S, _PAUSE_S[0]
    while True:
        try:
            answer = client.post(route, content=body)
            if answer.is_success:
                return
            said = f"answered {answer.status_code}: {' '.join(answer.text.split())[:200]}"
            if answer.status_code not in _LATER and answer.status_code < 500:
                raise NotTaken(f"{client.base_url}{route.lstrip('/')} {said}")
        except httpx.HTTPError as error:
            said = f"does not answer: {error or type(error).__name__}"
        if stop() or time.monotonic() > until:
            raise NotTaken(f"{client.base_url}{route.lstrip('/')} {said}")
        time.sleep(pause)
        pause = min(2 * pause, _PAUSE_S[1])
