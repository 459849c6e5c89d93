"""What can go wrong on the way to an AMQP broker, in words: what it is, and what to do about it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import aiormq

from ingest.sources import SourceUnavailable
from ingest.sources._amqp_settings import Settings

OPEN_S = 30


def where(settings: Settings) -> str:
    """What a person calls the broker."""
    return f"AMQP broker {settings.host}:{settings.port}"


@contextmanager
def explained(settings: Settings) -> Iterator[None]:
    """What goes wrong on the way to the broker as SourceUnavailable: what it is, and what to do."""
    try:
        yield
    except (aiormq.AMQPError, aiormq.exceptions.ChannelInvalidStateError, OSError) as error:
        raise SourceUnavailable(f"{where(settings)}: {_advice(settings, error)}") from error
    except asyncio.CancelledError as error:
        # aiormq gives what ended its own tasks to whoever waits for them; a cancellation of ours is something else.
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise SourceUnavailable(f"{where(settings)}: the connection is lost: {words(error)}") from error


def _advice(settings: Settings, error: Exception) -> str:
    said, queue = words(error), settings.queue_name
    match error:
        case TimeoutError():
            return f"no answer within {OPEN_S} s: is it an AMQP 0-9-1 broker, and does every firewall let us through?"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted ({said}): name the authority that signed it as tls.ca_file"
        case ssl.SSLError():
            return f"no TLS connection ({said}): is this its TLS port, and does it know our tls.cert_file?"
        case aiormq.ProbableAuthenticationError() | aiormq.AuthenticationError():
            return f"refuses user {settings.username}: check username and password"
        case aiormq.ChannelAccessRefused():
            return f"{said}: have the permission given to {settings.username}, or set declare = false"
        case aiormq.ChannelNotFoundEntity():
            return f"{said}: have it made, or set declare = true"
        case aiormq.ChannelPreconditionFailed():
            return f"{said}: set exchange_type as it is there, delete queue {queue}, or set declare = false"
        case aiormq.ProtocolSyntaxError():  # how aiormq sees a refusal where it expects "opened"
            return (f"does not open virtual host {settings.virtual_host}: check that it is there, that "
                    f"{settings.username} may use it, and that this is an AMQP port")  # fmt: skip
        case aiormq.AMQPError():
            return f"the connection is lost: {said}. If this repeats, check that the port is the one without TLS"
    return f"cannot be reached: {said}"


def words(error: BaseException | None) -> str:
    """What an error says, on one line."""
    text = getattr(error, "strerror", None) or str(error or "")
    return " ".join(text.split()) or "it does not answer any more"
