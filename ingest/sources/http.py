"""HTTP: senders post fixes and weighings, and are answered when what they sent is committed.

    POST /v1/fixes      application/json or application/x-ndjson (json_v1), text/csv (csv_v1),
                        application/x-protobuf (ufms), application/x-ufms-frames (ufms_frames)
    POST /v1/weighings  application/json or application/x-ndjson (weighing_v1)
    POST /v1/traccar    application/json: what Traccar forwards
    GET  /v1/health     200 while what is posted is taken, else 503

`Authorization: Bearer TOKEN` says who sends: a token speaks for the sender it was issued to and for nobody else.
`Content-Encoding: gzip` is understood.

200 {"accepted": true, "id": ...}: all of the body is stored, either as records or, where it could not be read, as
rejected bytes with the reason. It does not say that every record was good. Any other answer: send it again, later for
429 and 503 (Retry-After), mended for the others; nothing of it need have been kept. To send twice does no harm, so no
answer at all means: send again. Errors are application/problem+json.

Traccar: forward.type json, forward.url .../v1/traccar, forward.header "Authorization: Bearer TOKEN".
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ingest.protocols._fields import BYTES_MAX
from ingest.sources import Context, SourceUnavailable
from ingest.sources._http_app import Bounds, application
from ingest.sources._http_senders import Senders
from ingest.sources._http_server import Door, listen, serving
from ingest.sources._problems import busy
from ingest.sources.settings import ConnectionSettings
from journey.model import RawMessage

NAME = "http"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_KEEP_ALIVE_S = 15


class ServerTls(BaseModel):
    """The certificate chain and the key that we show, PEM."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cert_file: Path
    key_file: Path

    def context(self) -> ssl.SSLContext:
        """Raises ValueError where the files do not make a server's certificate."""
        made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            made.load_cert_chain(self.cert_file, self.key_file)
        except OSError as error:
            raise ValueError(
                f"{self.cert_file} and {self.key_file} are no certificate with its key: {error.strerror or error}"
            ) from None
        return made

    @model_validator(mode="after")
    def _usable(self) -> Self:
        self.context()
        return self


class Settings(ConnectionSettings):
    """Where we listen, and how much we let in."""

    transport: Literal["http"]
    batch_age_s: Annotated[float, Field(gt=0, le=60)] = (
        0.02  # the sender waits; what comes during a commit is one batch
    )
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)]
    tls: ServerTls | None = None
    behind_tls_proxy: bool = False  # who listens to others without TLS of its own has to say so
    max_body_bytes: Annotated[int, Field(ge=1024, le=BYTES_MAX)] = BYTES_MAX  # after decompression too
    waiting_bytes: Annotated[int, Field(ge=BYTES_MAX, le=1 << 32)] = 256 << 20  # of all bodies read or being read
    connections: Annotated[int, Field(ge=1, le=100_000)] = 1_000
    requests: Annotated[int, Field(ge=1, le=100_000)] = 1_000  # at once
    requests_per_sender: Annotated[int, Field(ge=1, le=100_000)] = 300  # at once
    rate_per_s: Annotated[float, Field(gt=0, le=100_000)] = 300.0  # requests of one sender; twice as many in a burst
    slow_s: Annotated[float, Field(gt=0, le=300)] = 10.0  # for the head of a request, and for the next piece of a body
    unread_s: Annotated[float, Field(gt=0, le=300)] = 5.0  # how long a message waits to be taken before 503
    answer_s: Annotated[float, Field(gt=0, le=3600)] = 60.0  # and, taken, to be committed
    backlog: Annotated[int, Field(ge=1, le=65_535)] = 1_024

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.sender is not None:
            raise ValueError("sender: leave it out, the token of each request says who sends")
        if self.tls is None and self.host not in _LOOPBACK and not self.behind_tls_proxy:
            raise ValueError(
                f"tls: tokens would cross the network of {self.host} in the clear; name cert_file and key_file, listen "
                "on 127.0.0.1, or set behind_tls_proxy = true where only such a proxy can reach us"
            )
        return self


class Http:
    """What was posted and waits to be taken, and who waits for the answer. Satisfies ingest.pipeline.Source."""

    def __init__(self, settings: Settings) -> None:
        self.name = settings.name
        self.begins: dict[str, int] = {}
        self.address: tuple[str, int] = (settings.host, settings.port)
        self._settings = settings
        self._waiting: dict[asyncio.Future[None], RawMessage] = {}
        self._taken: set[asyncio.Future[None]] = set()
        self._news = asyncio.Event()
        self._unread = False  # a message was turned away since somebody last received
        self._closed = False

    async def receive(self, most: int) -> Sequence[RawMessage]:
        self._unread = False
        while not self._waiting:
            self._news.clear()
            await self._news.wait()
        futures = list(islice(self._waiting, most))
        self._taken.update(futures)
        return [self._waiting.pop(future) for future in futures]

    async def acknowledge(self, messages: Sequence[RawMessage]) -> None:
        for message in messages:
            self._taken.discard(message.ticket)
            if not message.ticket.done():
                message.ticket.set_result(None)

    async def hand_in(self, payload: bytes, protocol: str, sender: str, route: str) -> str:
        """Returns the id of the message once it is committed. Raises Refused: nobody takes it, or it took too long."""
        if self._closed:
            raise busy("closing down")
        future, id_ = asyncio.get_running_loop().create_future(), secrets.token_hex(8)
        place = f"request {id_} to {route}"
        received = int(time.time())
        self._waiting[future] = RawMessage(self.name, None, payload, received, place, sender, protocol, future)
        self._news.set()
        try:
            await asyncio.wait({future}, timeout=self._settings.unread_s)
            if not future.done() and future not in self._waiting:
                await asyncio.wait({future}, timeout=self._settings.answer_s)
        finally:
            unread = self._waiting.pop(future, None) is not None
            self._taken.discard(future)
            self._unread |= unread
        if unread or not future.done():
            why = "nothing is taken in at present" if unread else "it could not be stored yet, but may still be"
            raise busy(f"{why}: send it again")
        future.result()
        return id_

    def is_read(self) -> bool:
        """Whether what is posted is being taken."""
        return not self._unread

    def close(self) -> None:
        """Answer all who wait: what they sent may be committed or not, and is to be sent again."""
        self._closed = True
        for future in (*self._waiting, *self._taken):
            if not future.done():
                future.set_exception(busy("closing down: send it again"))
        self._waiting.clear()


@asynccontextmanager
async def opened(settings: Settings, context: Context) -> AsyncIterator[Http]:
    """Listening. Raises SourceUnavailable where the address cannot be had."""
    source, tls = Http(settings), settings.tls.context() if settings.tls else None
    bounds = Bounds(
        settings.max_body_bytes, settings.waiting_bytes, settings.requests, settings.requests_per_sender,
        settings.slow_s,
    )  # fmt: skip
    try:
        listener = listen(settings.host, settings.port, settings.backlog, settings.connections)
    except OSError as error:
        raise SourceUnavailable(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}. Is another process "
            "there, or is it no address of this machine?"
        ) from error
    source.address = listener.getsockname()[:2]
    senders = Senders(context.sender_of, settings.rate_per_s)
    app = application(source.hand_in, source.is_read, senders, bounds)
    try:
        async with serving(app, Door(listener, settings.connections, tls, settings.slow_s), _KEEP_ALIVE_S):
            try:
                yield source
            finally:
                source.close()
    finally:
        senders.close()
