"""Who sends: a bearer token's sender, remembered for a few seconds; how often a sender, or a stranger, may ask."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from ingest.sources._problems import Refused, busy
from storage.errors import StoreUnavailable

_REMEMBERED_S = 5.0  # so long a revoked token still works
_REMEMBERED = 10_000
_STRANGERS_PER_S = 10.0  # unknown tokens of one address
_TOKEN_LETTERS_MAX = 512


class Buckets:
    """So many a second for each key, twice as many in a burst. Keys that were not heard of for long are forgotten."""

    def __init__(self, rate_per_s: float) -> None:
        self._rate, self._full = rate_per_s, max(2 * rate_per_s, 1.0)
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> bool:
        """Take one. False: none is left."""
        now = time.monotonic()
        level, at = self._levels.pop(key, (self._full, now))
        level = min(self._full, level + (now - at) * self._rate)
        allowed = level >= 1
        self._levels[key] = (level - 1 if allowed else level, now)
        if len(self._levels) > _REMEMBERED:
            self._levels.popitem(last=False)
        return allowed

    def give_back(self, key: str) -> None:
        if key in self._levels:
            level, at = self._levels[key]
            self._levels[key] = (level + 1, at)


class Senders:
    """Tokens and their senders. A token is remembered by its hash, and looked up once by however many requests."""

    def __init__(self, sender_of: Callable[[str], str | None], rate_per_s: float) -> None:
        self._sender_of = sender_of
        # Threads of its own: strangers that ask for many tokens must not keep commits waiting.
        self._threads = ThreadPoolExecutor(2, "sender-of")
        self._known: OrderedDict[bytes, tuple[asyncio.Future[str | None], float]] = OrderedDict()
        self._requests, self._strangers = Buckets(rate_per_s), Buckets(_STRANGERS_PER_S)

    async def sender(self, authorization: list[str], address: str) -> str:
        """Args: the values of all Authorization headers. Raises Refused."""
        scheme, _, token = (authorization[0] if len(authorization) == 1 else "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not 0 < len(token) <= _TOKEN_LETTERS_MAX:
            raise _stranger('Bearer realm="hanhtrinh"', "send the header `Authorization: Bearer TOKEN`")
        sender = await self._look_up(token, address)
        if sender is None:
            raise _stranger('Bearer realm="hanhtrinh", error="invalid_token"', "this token is not, or no longer, valid")
        if not self._requests.take(sender):
            raise busy("more requests a second than a sender may make: put more records into each",
                       HTTPStatus.TOO_MANY_REQUESTS)  # fmt: skip
        return sender

    async def _look_up(self, token: str, address: str) -> str | None:
        digest, now = hashlib.sha256(token.encode(errors="replace")).digest(), time.monotonic()
        found = self._known.get(digest)
        if found is None or found[1] < now:
            if not self._strangers.take(address):
                raise busy("too many unknown tokens from this address", HTTPStatus.TOO_MANY_REQUESTS)
            asked = asyncio.get_running_loop().run_in_executor(self._threads, self._sender_of, token)
            found = self._known[digest] = (asked, now + _REMEMBERED_S)
            self._known.move_to_end(digest)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
            asked.add_done_callback(lambda done: self._looked_up(digest, done, address))
        try:
            return await asyncio.shield(found[0])
        except StoreUnavailable:
            raise busy("the token cannot be looked up at present: send it again") from None

    def _looked_up(self, digest: bytes, done: asyncio.Future[str | None], address: str) -> None:
        if done.cancelled() or done.exception() is not None:
            self._known.pop(digest, None)
        elif done.result() is not None:
            self._strangers.give_back(address)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _stranger(challenge: str, detail: str) -> Refused:
    return Refused(HTTPStatus.UNAUTHORIZED, detail, {"WWW-Authenticate": challenge})
