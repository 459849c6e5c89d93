"""Answers in JSON or another form, with an ETag of their very bytes: who has them already is told so and no more."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

import orjson
from fastapi import Request, Response

JSON = "application/json"
_VARY = "Authorization, Cookie, Accept"


def answer(request: Request, content: Any, headers: dict[str, str] | None = None) -> Response:
    """Content as JSON; named tuples by their names, days as 2026-03-01."""
    return tagged(request, orjson.dumps(content, default=_plain), JSON, headers)


def tagged(request: Request, content: bytes, media_type: str, headers: dict[str, str] | None = None) -> Response:
    """Bytes with their ETag; 304 without them where the caller's copy is the same."""
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    kept = {"ETag": tag, "Vary": _VARY, **(headers or {})}
    if matches(request.headers.get("If-None-Match", ""), tag):
        return Response(status_code=304, headers=kept)
    return Response(content, headers=kept, media_type=media_type)


def chosen(accept: str, offered: tuple[str, ...]) -> str | None:
    """The media type that Accept prefers of those offered, the first of them where it does not care; None: none."""
    best: tuple[float, int] | None = None
    for part in accept.split(",") if accept.strip() else ["*/*"]:
        kind, *parameters = (one.strip().lower() for one in part.split(";"))
        weight = next((_weight(one[2:]) for one in parameters if one.startswith("q=")), 1.0)
        for place, one in enumerate(offered):
            fits = kind in (one, "*/*", f"{one.split('/')[0]}/*")
            if fits and weight > 0 and (best is None or (weight, -place) > best):
                best = weight, -place
    return None if best is None else offered[-best[1]]


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def matches(sent: str, tag: str) -> bool:
    """Whether If-None-Match names a tag, by the weak comparison that RFC 9110 asks for."""
    return sent.strip() == "*" or tag in {one.strip().removeprefix("W/") for one in sent.split(",")}


def fields(row: Any) -> dict[str, Any]:
    """A named tuple as JSON has it."""
    named: dict[str, Any] = row._asdict()
    return named


def _plain(value: Any) -> Any:
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value)} has no form in JSON")
