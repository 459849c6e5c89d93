"""What an examination asks of brokers: whether each can be reached, and how long its certificate holds."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import NamedTuple

from cryptography import x509

from cli.doctor.examining import BAD, GOOD, WARNING, Told
from cli.doctor.machine import ending
from ingest.configuration import Configuration
from ingest.examining import topic_partitions
from ingest.sources import SourceUnavailable
from ingest.sources.kafka import Settings as KafkaSettings
from ingest.sources.settings import ConnectionSettings, Tls

_PATIENCE_S = 5
_PARTITIONS_MIN = 2
_PORTS = {"mqtt": (1883, 8883), "amqp": (5672, 5671), "kafka": (9092, 9093)}  # without TLS, with it


class Address(NamedTuple):
    host: str
    port: int


def brokers(configuration: Configuration) -> Iterator[Told]:
    """Each broker that the settings name, one after another. Nothing is sent but a TLS greeting."""
    for one in configuration.connections:
        if one.transport == "http":
            yield _listener(one)
        for address in addresses(one):
            yield from _reached(one, address, getattr(one, "tls", None))
        if isinstance(one, KafkaSettings):
            yield _topics(one)


def addresses(one: ConnectionSettings) -> list[Address]:
    """Where a connection goes; none where senders come to us."""
    if one.transport not in _PORTS:
        return []
    usual = _PORTS[one.transport][getattr(one, "tls", None) is not None]
    servers = getattr(one, "servers", None)
    if servers is None:
        return [Address(str(getattr(one, "host", "")), getattr(one, "port", None) or usual)]
    parts = [server.rpartition(":") for server in servers]
    return [Address(host, int(port)) if host else Address(port, usual) for host, _, port in parts]


def _reached(one: ConnectionSettings, address: Address, tls: Tls | None) -> Iterator[Told]:
    name, where = f"broker of {one.name}", f"{address.host}:{address.port}"
    try:
        with socket.create_connection(address, _PATIENCE_S) as plain:
            end = None if tls is None else _greeted(plain, address.host, tls)
    except ssl.SSLCertVerificationError as error:
        yield Told(BAD, name, f"{where}: its certificate is not to be trusted ({error.verify_message})",
                   "tls.ca_file must hold the authority that signed it")  # fmt: skip
    except ssl.SSLError as error:
        yield Told(BAD, name, f"{where}: no TLS there ({error.reason})", "is this its TLS port?")
    except OSError as error:
        said = error.strerror or "no answer in time"
        yield Told(BAD, name, f"{where}: {said}", "is it running, and are host, port and firewall right?")
    else:
        yield Told(GOOD, name, f"{where} answers")
        if end is not None:
            yield ending(f"of {where}", end)


def _greeted(plain: socket.socket, host: str, tls: Tls) -> float:
    """Speak TLS as the connection would; gives the end of the server's certificate, Unix s."""
    context = ssl.create_default_context(cafile=tls.ca_file)
    if tls.cert_file is not None:
        context.load_cert_chain(tls.cert_file, tls.key_file)
    with context.wrap_socket(plain, server_hostname=host) as greeted:
        shown = greeted.getpeercert(binary_form=True)
    return x509.load_der_x509_certificate(shown or b"").not_valid_after_utc.timestamp()


def _topics(one: KafkaSettings) -> Told:
    """Whether the topics are there, and can be shared among processes."""
    name = f"topics of {one.name}"
    try:
        found = topic_partitions(one)
    except SourceUnavailable as error:
        return Told(BAD, name, str(error))
    if not found:
        return Told(BAD, name, f"there is none of {', '.join(one.topics)}", "create a topic for each sender")
    few = [topic for topic, partitions in found.items() if partitions < _PARTITIONS_MIN]
    if few:
        mend = "raise it before there is much to read: kafka-topics --alter --partitions 12 (docs/scaling.md)"
        return Told(WARNING, name, f"{', '.join(few)}: 1 partition, which one process alone can read", mend)
    return Told(GOOD, name, ", ".join(f"{topic}: {partitions} partitions" for topic, partitions in found.items()))


def _listener(one: ConnectionSettings) -> Told:
    host, port = str(getattr(one, "host", "")), int(getattr(one, "port", 0))
    try:
        with socket.create_server((host, port)):
            return Told(GOOD, f"listener of {one.name}", f"{host}:{port} is free for ingest")
    except OSError as error:
        return Told(WARNING, f"listener of {one.name}", f"{host}:{port}: {error.strerror}",
                    "right while ingest runs; else another process has it")  # fmt: skip
