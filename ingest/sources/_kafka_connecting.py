"""The way into a Kafka cluster: what stands in it is said within seconds, with what to do about it."""

from __future__ import annotations

import logging
import re
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

from kafka import KafkaConsumer
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import (
    GroupAuthorizationFailedError,
    InvalidSessionTimeoutError,
    KafkaError,
    KafkaTimeoutError,
    SaslAuthenticationFailedError,
    TopicAuthorizationFailedError,
    UnsupportedCodecError,
)
from kafka.net.compat import KafkaNetClient
from kafka.net.selector import NetworkSelector

from ingest.sources import SourceUnavailable
from ingest.sources._kafka_settings import Settings
from ingest.sources.settings import Tls, secret

_KNOCK_S = 2.0  # for one server to accept a connection, and as long for TLS
_DEADLINE_S = 9.0  # to be let in, or to say why not
_MS = 1000


class Client:
    """The network side of a consumer, kept by us: to close it where the consumer is never made, to wake its loop, and
    to know when a broker was last heard."""

    def __init__(self) -> None:
        self.net: Any = None
        self.inner: Any = None
        self.heard = time.monotonic()

    def make(self, **configs: Any) -> KafkaNetClient:
        """What kafka-python calls in place of its own client."""
        self.net = NetworkSelector(**configs)
        self.inner = KafkaNetClient(net=self.net, **configs)
        self.inner.cluster.add_listener(self._hear)
        return self.inner

    def _hear(self, cluster: object) -> None:
        self.heard = time.monotonic()

    @property
    def cluster(self) -> Any:
        return self.inner.cluster

    def soon(self, callback: Callable[[], object]) -> None:
        """Have something called on the network's thread."""
        self.net.call_soon_threadsafe(callback)

    def close(self) -> None:
        if self.inner is not None:
            self.inner.close()


def connect(settings: Settings, instance: str, client: Client) -> KafkaConsumer:
    """A consumer that knows the cluster and has subscribed to nothing.

    Raises SourceUnavailable where no broker lets us in.
    """
    logging.getLogger("kafka").setLevel(logging.WARNING)  # below, it writes passwords as they are sent
    began = time.monotonic()
    tls = None if settings.tls is None else _tls(settings.tls)
    _knock(settings.servers, tls, began)
    left_s = max(1.0, _DEADLINE_S - (time.monotonic() - began))
    try:
        return KafkaConsumer(
            **_options(settings, instance, tls), kafka_client=client.make, bootstrap_timeout_ms=int(left_s * _MS)
        )
    except (SaslAuthenticationFailedError, KafkaTimeoutError) as error:
        raise SourceUnavailable(_not_let_in(settings, error)) from error
    except KafkaError as error:
        raise SourceUnavailable(f"Kafka {', '.join(settings.servers)}: {error}") from error


def _not_let_in(settings: Settings, error: KafkaError) -> str:
    servers = ", ".join(settings.servers)
    check = f"check username, password and `sasl`, which is {settings.sasl}"
    if isinstance(error, SaslAuthenticationFailedError):
        return f"Kafka {servers} does not let user {settings.username} in: {check}"
    # The broker closes the connection along with its refusal, which is then lost now and then: no more is known.
    return (
        f"Kafka {servers} accepts connections, and then nothing can be agreed with it: is it a listener "
        f"{'with' if settings.tls else 'without'} TLS and {'with' if settings.username else 'without'} SASL, as the "
        f"settings say{', and does it want a certificate of ours' if settings.tls else ''}?"
        f"{f' If so, {check}' if settings.username else ''}"
    )


def said(settings: Settings, error: KafkaError) -> str:
    """What an error of a connection in use means, and what to do."""
    servers = ", ".join(settings.servers)
    if isinstance(error, UnsupportedCodecError):
        return f"Kafka {servers}: {error}: have its package installed here, or the producers compress with gzip"
    if isinstance(error, GroupAuthorizationFailedError):
        return f"Kafka {servers} does not let us into the group: allow user and group to READ it"
    if isinstance(error, TopicAuthorizationFailedError):
        return f"Kafka {servers} does not let us read: {error}: allow user and group to READ the topic"
    if isinstance(error, InvalidSessionTimeoutError):
        return f"Kafka {servers} does not allow a session of {settings.session_s} s: correct `session_s`"
    return f"Kafka {servers}: {error}"


def _options(settings: Settings, instance: str, tls: ssl.SSLContext | None) -> dict[str, Any]:
    password = secret(settings.password_file, settings.password_env)
    options: dict[str, Any] = {
        "bootstrap_servers": list(settings.servers),
        "client_id": re.sub(r"[^A-Za-z0-9._-]", "-", f"hanhtrinh-{settings.name}-{instance}"),
        "group_id": settings.group or f"hanhtrinh.{settings.name}",
        "partition_assignment_strategy": (CooperativeStickyAssignor,),
        "enable_auto_commit": False,
        "auto_offset_reset": "none",  # what lies outside of what the broker holds is ours to judge
        "allow_auto_create_topics": False,
        "isolation_level": "read_committed",
        "max_poll_records": settings.poll_records,
        "fetch_max_bytes": settings.fetch_bytes,
        "max_partition_fetch_bytes": settings.partition_fetch_bytes,
        "session_timeout_ms": int(settings.session_s * _MS),
        "heartbeat_interval_ms": int(min(3.0, settings.session_s / 3) * _MS),
        # Asked for that often, they also tell whether any broker answers, and show new topics and partitions soon.
        "metadata_max_age_ms": int(min(30.0, settings.unreachable_s / 3) * _MS),
        "reconnect_backoff_max_ms": 2 * _MS,
        "metrics_enabled": False,
        "security_protocol": ("SASL_" if password else "") + ("SSL" if tls else "PLAINTEXT"),
        "ssl_context": tls,
    }
    if password is not None:
        options |= {
            "sasl_mechanism": settings.sasl,
            "sasl_plain_username": settings.username,
            "sasl_plain_password": password.get_secret_value(),
        }
    return options


def _tls(tls: Tls) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
        if tls.cert_file is not None:
            context.load_cert_chain(tls.cert_file, tls.key_file)
    except (ssl.SSLError, OSError) as error:
        raise SourceUnavailable(f"the certificates under `tls` cannot be used: {error}") from error
    return context


def _knock(servers: tuple[str, ...], tls: ssl.SSLContext | None, began: float) -> None:
    """Return when one server accepts a connection, and TLS where it is wanted: kafka-python would only say that it
    took too long."""
    why = []
    for server in servers:
        host, _, port = server.rpartition(":")
        refusal = _refusal(lambda host=host, port=port: _try(host.strip("[]"), int(port), tls))  # type: ignore[misc]
        if refusal is None:
            return
        why.append(f"{server}: {refusal}")
        if time.monotonic() - began > _DEADLINE_S - 2 * _KNOCK_S:
            break
    raise SourceUnavailable(f"no Kafka server can be reached: {'; '.join(why)}")


def _try(host: str, port: int, tls: ssl.SSLContext | None) -> None:
    with socket.create_connection((host, port), timeout=_KNOCK_S) as connection:
        if tls is not None:
            tls.wrap_socket(connection, server_hostname=host).close()


def _refusal(attempt: Callable[[], None]) -> str | None:
    """Why an attempt to connect fails, and what to do; None where it does not."""
    try:
        attempt()
    except ssl.SSLCertVerificationError as error:
        return (
            f"its certificate is not to be trusted ({error.verify_message}): `tls.ca_file` must hold the authority "
            "that signed it, and the certificate the host's name as it stands in `servers`"
        )
    except ssl.SSLError as error:
        return f"TLS is refused ({error.reason}): is this the listener with TLS, and does it know our certificate?"
    except socket.gaierror as error:
        return f"the host is not known ({error.strerror}): check `servers`"
    except TimeoutError:
        return "no answer: check `servers`, and whether a firewall is in the way"
    except OSError as error:
        return f"{error.strerror}: is Kafka running there?"
    return None
