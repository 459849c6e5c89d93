"""MQTT 5 or 3.1.1 at QoS 1: a session that the broker keeps, acknowledged after commit.

A message is acknowledged when it is committed, in the order of receipt. What was not comes again as soon as the same
client connects again; until then the broker keeps it, and what is published meanwhile.

What the broker must allow (names of Mosquitto's settings, whose defaults of 20 and 1,000 are too small; 0: no limit):
  max_inflight_messages   it sends so many messages and then waits for acknowledgements, which follow a commit: 20 means
                          20 messages a commit. An MQTT 5 client names its own number, `receive_maximum`, and Mosquitto
                          goes by that instead; other brokers take the smaller of the two. For MQTT 3.1.1 set it to 0.
                          Where such a limit holds us up, a warning is logged once. (Mosquitto 2.0.11 in fact answers n
                          acknowledgements with n times the limit, 20, 400, 8,000, ..., whoever named it. So what bounds
                          our memory is that nothing more is read once 64 MiB lie here that were not asked for.)
  max_queued_messages     what waits beyond that, also while we are away; it DISCARDS what is more. Set it to 0, and
                          `persistence true`, or a restart of the broker loses what waits.
  message_size_limit      MQTT allows 256 MB a message, no format of ours more than 16 MiB: set it to 16777216 and some.
  persistent_client_expiration, message expiry of senders: no shorter than the longest outage to be survived.
Each process of a connection has a session of its own, by `instance`; one that never returns leaves a session behind
that gathers messages (and, where subscriptions are shared, takes its part of them) until it expires: keep names stable.

A sender that publishes at QoS 0 against the rules is heard, but what the broker or we lose of that is lost. A retained
message comes once a session with MQTT 5, and at each connecting with 3.1.1; the store knows it by its content.
A topic's `{sender}` is as true as the broker's access list: there each sender may publish below its own name only.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache

from ingest.sources import Context, SourceUnavailable
from ingest.sources._mqtt_session import Session
from ingest.sources._mqtt_settings import Settings, tls_context
from ingest.sources._mqtt_topics import sender_in
from ingest.sources._mqtt_window import Window
from ingest.sources._mqtt_wire import Published
from ingest.sources.settings import secret
from journey.model import RawMessage

__all__ = ["NAME", "Settings", "opened"]

NAME = "mqtt"
_log = logging.getLogger(__name__)

_HELD_BYTES_MAX = 64 << 20  # received and not asked for: then nothing is read until it is
_OVERHEAD_BYTES = 300  # of a message in memory, beside its payload
_TOPICS_KNOWN = 100_000
_WINDOW_MAX = 65_535  # numbers of messages have 16 bits


@asynccontextmanager
async def opened(settings: Settings, context: Context) -> AsyncIterator[Mqtt]:
    """Connect, go on with the session, subscribe.

    Raises SourceUnavailable where the broker cannot be reached or refuses us, or files of the settings are gone.
    """
    try:
        password = secret(settings.password_file, settings.password_env)
        tls = await asyncio.to_thread(tls_context, settings.tls) if settings.tls else None
    except ValueError as error:
        raise SourceUnavailable(f"connection {settings.name}: {error}") from None
    identifier = f"hanhtrinh-{settings.name}-{context.instance}"
    source = Mqtt(settings, identifier, password.get_secret_value() if password else None)
    try:
        await source.session.connect(tls)
        yield source
        source.leave()
        await source.session.settle()
    finally:
        source.leave()
        await source.session.close()


class Mqtt:
    """An open session and what came by it. Satisfies ingest.pipeline.Source."""

    def __init__(self, settings: Settings, identifier: str, password: str | None) -> None:
        self.name = settings.name
        self.begins: dict[str, int] = {}
        self.session = Session(settings, identifier, password, self._take)
        self._settings = settings
        self._received: list[RawMessage] = []
        self._held_bytes = 0
        self._leaving = self._has_stray = False
        self._known = lru_cache(_TOPICS_KNOWN)(self._place_and_sender)
        self._window = Window(settings.receive_maximum if settings.version == "5" else _WINDOW_MAX)
        self._clock = asyncio.get_running_loop().time

    async def receive(self, most: int) -> Sequence[RawMessage]:
        while not self._received:
            await self.session.wait()
        self.session.check()
        taken, self._received = self._received[:most], self._received[most:]
        self._held_bytes -= _bytes(taken)
        if self.session.paused and self._held_bytes < _HELD_BYTES_MAX // 2:
            self.session.resume()
        return taken

    async def acknowledge(self, messages: Sequence[RawMessage]) -> None:
        numbers = [message.ticket for message in messages if message.ticket is not None]
        if not numbers:
            return
        self.session.acknowledge(numbers)
        limit = self._window.acknowledged(len(numbers), self._clock())
        if limit is not None:
            _log.warning(
                "connection %s: the broker sends %d messages and then waits until they are committed, which bounds the "
                "rate: raise that limit (Mosquitto: max_inflight_messages 0), or use MQTT 5",
                *(self.name, limit),
            )

    def leave(self) -> None:
        """What comes from here on is left to the next session: it is not acknowledged."""
        self._leaving = True

    def _take(self, published: list[Published]) -> None:
        if self._leaving:
            return
        now, name, protocol, known = int(time.time()), self.name, self._settings.protocol, self._known
        messages = [
            RawMessage(name, None, payload, now, *known(topic), protocol, number)
            for topic, number, payload in published
        ]
        self._received += messages
        self._held_bytes += _bytes(messages)
        self._window.received(sum(message.ticket is not None for message in messages), self._clock())
        self.session.news.set()
        if self._held_bytes > _HELD_BYTES_MAX:
            self.session.pause()

    def _place_and_sender(self, topic: bytes) -> tuple[str, str | None]:
        name = topic.decode(errors="replace")
        for one in self._settings.topics:
            fits, sender = sender_in(one, name)
            if fits:
                return name, self._settings.sender if sender is None else sender
        if not self._has_stray:
            self._has_stray = True
            _log.warning(
                "connection %s: %s comes by a subscription that the settings no longer name; records of such topics are"
                " kept as rejections, of a sender that is not known",
                *(self.name, name),
            )
        return name, f"topic {name}"


def _bytes(messages: Sequence[RawMessage]) -> int:
    return sum(len(message.payload) for message in messages) + _OVERHEAD_BYTES * len(messages)
