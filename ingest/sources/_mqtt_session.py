"""A session with an MQTT broker by aiomqtt, past which the messages go. All that is known of its insides is here.

aiomqtt 2.5.1 on paho-mqtt 2.2 (tests/live/test_mqtt.py watches over it) acknowledges before the application has the
message, discards on a full queue, and takes some 5,000 messages/s. So it connects, subscribes, pings and disconnects.
Messages stay in the socket that it is given (_mqtt_wire.py), and acknowledgements go out through its own queue of
packets, many as one.
"""

from __future__ import annotations

import asyncio
import logging
import math
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import aiomqtt
from paho.mqtt.enums import MessageType
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from ingest.sources import SourceUnavailable
from ingest.sources._mqtt_settings import Settings
from ingest.sources._mqtt_topics import filter_of
from ingest.sources._mqtt_wire import Published, Wire, acknowledgements

_log = logging.getLogger(__name__)

_ANSWER_S = 10.0  # to connecting, and to the farewell
_SUBSCRIBE_S = 60.0  # a session that has much to send sends that first
_QOS = 1
_RETAINED_ONCE = 1  # MQTT 5: retained messages come when a subscription is new to the session
_FAILED = 0x80  # reason codes from here on
_CREDENTIALS = (0x86, 0x87)


class Session:
    """One connection of one client. `take` gets the messages; `news` is set when there may be something to look at."""

    def __init__(
        self, settings: Settings, identifier: str, password: str | None, take: Callable[[list[Published]], None]
    ) -> None:
        self.news = asyncio.Event()
        self.paused = False
        self._settings, self._identifier, self._take = settings, identifier, take
        self._is_5 = settings.version == "5"
        self._closing = self._has_acknowledged = False
        self._subscribing: asyncio.Task[None] | None = None
        self._wire: Wire | None = None
        self._loop = asyncio.get_running_loop()
        self._client = aiomqtt.Client(
            *settings.address,
            identifier=identifier,
            username=settings.username,
            password=password,
            protocol=aiomqtt.ProtocolVersion.V5 if self._is_5 else aiomqtt.ProtocolVersion.V311,
            keepalive=settings.keepalive_s,
            timeout=_ANSWER_S,
            **(_session_of_5(settings) if self._is_5 else {"clean_session": False}),
        )
        self._paho: Any = self._client._client

    async def connect(self, tls: ssl.SSLContext | None) -> None:
        """Go on with the session, and subscribe. Raises SourceUnavailable."""
        paho = self._paho
        paho.manual_ack_set(True)
        paho._create_socket = lambda: self._open_wire(tls)
        paho.on_connect = _both(self._greeted, paho.on_connect)
        paho.on_disconnect = _both(self._cut_off, paho.on_disconnect)
        try:
            await self._client.__aenter__()
        except aiomqtt.MqttError as error:
            raise self._unavailable(self._refusal(error)) from None
        self._client._disconnected.add_done_callback(lambda _: self.news.set())
        self.resume()
        self._subscribing = asyncio.create_task(self._subscribe())
        self._subscribing.add_done_callback(lambda _: self.news.set())
        try:
            async with asyncio.timeout(_SUBSCRIBE_S):
                # What the session has to send comes first; where that is more than is held, it is received first.
                while not (self._subscribing.done() or self.paused):
                    await self.wait()
        except TimeoutError:
            raise self._unavailable(f"no answer to subscribing within {_SUBSCRIBE_S:.0f} s") from None
        self.check()

    def _open_wire(self, tls: ssl.SSLContext | None) -> Wire:
        """In a thread of aiomqtt's, which turns OSError into MqttError with the same text."""
        try:
            connection = _connect(self._settings.address, tls)
        except OSError as error:
            raise OSError(_explained(error)) from error
        if self._closing:
            connection.close()
            raise OSError("no longer wanted")
        self._wire = Wire(connection, self._is_5, self._take)
        return self._wire

    def _greeted(self, _paho: Any, _data: Any, flags: Any, reason: ReasonCode, properties: Any = None) -> None:
        if reason.is_failure:
            return
        name, wanted_s = self._settings.name, self._settings.session_expiry_s
        if not flags.session_present:
            _log.warning(
                "connection %s: the broker has no session of client %s: it is new, or was forgotten; what was published"
                " before now does not come",
                *(name, self._identifier),
            )
        kept_s = getattr(properties, "SessionExpiryInterval", wanted_s)
        if kept_s < wanted_s:
            _log.warning("connection %s: the broker keeps our session for %d s only, not %d", name, kept_s, wanted_s)

    def _cut_off(self, _paho: Any, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any = None) -> None:
        """aiomqtt would wait for an answer to connecting even where the connection has ended."""
        connected = self._client._connected
        if not connected.done():
            broken = self._wire.broken if self._wire is not None else None
            hint = (
                "is it a listener with TLS" if self._settings.tls is None else "does it want another certificate of us"
            )
            connected.set_exception(aiomqtt.MqttError(f"it ended the connection: {hint}? ({broken or reason})"))

    async def _subscribe(self) -> None:
        share = f"$share/{self._settings.share}/" if self._settings.share else ""
        filters = [share + filter_of(topic) for topic in self._settings.topics]
        options = SubscribeOptions(qos=_QOS, retainHandling=_RETAINED_ONCE) if self._is_5 else _QOS
        wanted: Any = [(one, options) for one in filters]
        granted: Any = await self._client.subscribe(wanted, timeout=math.inf)
        for one, code in zip(filters, granted, strict=True):
            if code.value >= _FAILED:
                raise self._unavailable(f"it refuses the subscription to {one} ({code}): see its access list")
            if code.value != _QOS:
                raise self._unavailable(f"it grants {one} at QoS 0 only, at which messages get lost: allow QoS 1")

    async def wait(self) -> None:
        """Return when there is news. Raises SourceUnavailable where the connection is lost or subscribing refused."""
        self.check()
        self.news.clear()
        await self.news.wait()

    def check(self) -> None:
        """Raises SourceUnavailable as wait does."""
        ended, subscribing = self._client._disconnected, self._subscribing
        if ended.done():
            raise self._unavailable(f"the connection ended: {self._end(ended.exception())}")
        if subscribing is not None and subscribing.done():
            try:
                subscribing.result()
            except aiomqtt.MqttError as error:
                raise self._unavailable(f"subscribing failed: {error}") from None

    def _end(self, told: BaseException | None) -> object:
        if self._wire is not None and self._wire.broken is not None:
            return self._wire.broken
        if told is not None and not (self._wire is not None and self._wire.ended):
            return told
        return f"the broker closed it; does another process connect as {self._identifier}? Each needs its own instance"

    def acknowledge(self, numbers: Sequence[int]) -> None:
        """Raises SourceUnavailable where the connection is lost."""
        self.check()
        self._paho._packet_queue(MessageType.PUBACK, acknowledgements(numbers), 0, _QOS)
        self._has_acknowledged = True

    def pause(self) -> None:
        """Read nothing until resume; the connection is kept."""
        if self._wire is not None and not self.paused:
            self.paused = True
            self._loop.remove_reader(self._wire.fileno())
            self._wire.pinged = self._answer_ping_soon
            self._answer_ping_soon()  # the answer to the last ping may be among what is not read
            self.news.set()

    def resume(self) -> None:
        if self._wire is not None and self._paho.socket() is not None:
            self.paused, self._wire.pinged = False, None
            self._loop.add_reader(self._wire.fileno(), self._read, self._wire)  # in place of aiomqtt's own

    def _answer_ping_soon(self) -> None:
        if self._wire is not None:
            self._wire.answer_ping()
            self._loop.call_soon(self._read_others, self._wire)

    def _read(self, wire: Wire) -> None:
        wire.fill()
        self._read_others(wire)

    def _read_others(self, wire: Wire) -> None:
        while wire.has_others and self._paho.socket() is not None:
            self._paho.loop_read()

    async def settle(self) -> None:
        """Return when the broker has taken note of the acknowledgements: it answers what is asked behind them.

        A socket that is closed while messages still come in would take back what is on its way out.
        """
        ended = self._client._disconnected
        if self._has_acknowledged and not ended.done():
            self.resume()
            asked = asyncio.create_task(self._client.unsubscribe("hanhtrinh/never-subscribed", timeout=_ANSWER_S))
            await asyncio.wait({asked, ended}, return_when=asyncio.FIRST_COMPLETED)
            await _let_go(asked)

    async def close(self) -> None:
        self._closing = True
        if self._subscribing is not None:
            await _let_go(self._subscribing)
            with suppress(aiomqtt.MqttError, OSError):
                await self._client.__aexit__(None, None, None)
        self._paho._sock_close()
        if self._client._disconnected.done():
            self._client._disconnected.exception()  # seen

    def _refusal(self, error: aiomqtt.MqttError) -> str:
        code = getattr(getattr(error, "rc", None), "value", None)
        if code in _CREDENTIALS:
            return f"it refuses us ({error}): see user name, password, and whether {self._identifier} may connect"
        return str(error)

    def _unavailable(self, text: str) -> SourceUnavailable:
        host, port = self._settings.address
        return SourceUnavailable(f"connection {self._settings.name}: MQTT broker {host}:{port}: {text}")


def _connect(address: tuple[str, int], tls: ssl.SSLContext | None) -> socket.socket:
    connection = socket.create_connection(address, _ANSWER_S)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection if tls is None else tls.wrap_socket(connection, server_hostname=address[0])
    except BaseException:
        connection.close()
        raise


def _explained(error: OSError) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not to be trusted: see tls.ca_file ({error.verify_message})"
        case ssl.SSLError() | ConnectionResetError():
            return f"no TLS: is it a listener without TLS? ({error})"
        case socket.gaierror():
            return f"the host is not known ({error.strerror})"
        case ConnectionRefusedError():
            return f"nothing listens: does the broker run there? ({error.strerror})"
    return str(error)


def _session_of_5(settings: Settings) -> dict[str, Any]:
    properties: Any = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = settings.session_expiry_s
    properties.ReceiveMaximum = settings.receive_maximum
    return {"clean_start": False, "properties": properties}


def _both(first: Callable[..., None], second: Callable[..., None]) -> Callable[..., None]:
    def both(*values: Any) -> None:
        first(*values)
        second(*values)

    return both


async def _let_go(task: asyncio.Task[None]) -> None:
    """End a task whose outcome no longer matters."""
    task.cancel()
    with suppress(asyncio.CancelledError, aiomqtt.MqttError, SourceUnavailable):
        await task
