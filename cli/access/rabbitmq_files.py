"""RabbitMQ's definitions from registry and secrets: users, what each may do, exchanges, our queue and its bindings.

A sender may publish to its own exchange, and declare and read nothing; our own account may read our queue. What a
sender publishes under another routing key than that of the binding, and was confirmed, would be dropped: an alternate
exchange, to which nobody can publish by itself, takes it to our queue all the same.

An import adds and changes, it never removes: whoever may no longer in is written with no password and no rights.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from cli.access.names import SENDER, amqp_name
from cli.reference import InputError
from storage.access import CONSUMER, AccessKey

_NOTHING = "^$"
_HASHING = "rabbit_password_hashing_sha256"


class Layout(NamedTuple):
    """How things are named in the broker."""

    vhost: str
    exchange: str  # with {sender}
    queue: str
    routing_key: str

    def exchange_of(self, sender: str) -> str:
        return self.exchange.replace(SENDER, sender)

    @property
    def unrouted(self) -> str:
        return f"{self.queue}.unrouted"


def layout(vhost: str, exchange: str, queue: str, routing_key: str) -> Layout:
    """Raises InputError where senders would share an exchange."""
    if exchange.count(SENDER) != 1:
        raise InputError(f"--exchange {exchange}: {SENDER} must stand in it once: tracking.{SENDER}")
    if not vhost:
        raise InputError("--vhost: it may not be empty; / is the usual one")
    named = Layout(vhost, exchange, queue, routing_key)
    if not amqp_name(named.unrouted) or queue.startswith("amq.") or not queue:
        raise InputError(f"--queue {queue!r}: write letters, digits, - _ . : and no amq. at its begin")
    return named


def definitions(keys: Sequence[AccessKey], locked: Sequence[str], named: Layout) -> bytes:
    """The file. Args: locked: names that may be known to the broker and must no longer get in."""
    exchanges = [named.exchange_of(key.sender) for key in keys if key.sender != CONSUMER]
    content = {
        "vhosts": [{"name": named.vhost}],
        "users": [_user(key.sender, key.rabbitmq) for key in keys] + [_user(name, "") for name in locked],
        "permissions": [_rights(key.sender, named) for key in keys]
        + [_permission(name, named.vhost) for name in locked],
        "exchanges": [
            _exchange(named, name, "direct", internal=False, arguments={"alternate-exchange": named.unrouted})
            for name in exchanges
        ]
        + [_exchange(named, named.unrouted, "fanout", internal=True, arguments={})],
        "queues": [
            {"name": named.queue, "vhost": named.vhost, "durable": True, "auto_delete": False, "arguments": {}},
        ],
        "bindings": [_binding(named, name, named.routing_key) for name in exchanges]
        + [_binding(named, named.unrouted, "")],
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _user(name: str, password_hash: str) -> dict[str, Any]:
    return {"name": name, "password_hash": password_hash, "hashing_algorithm": _HASHING, "tags": ""}


def _rights(sender: str, named: Layout) -> dict[str, Any]:
    if sender == CONSUMER:
        return _permission(sender, named.vhost, read=_exactly(named.queue))
    return _permission(sender, named.vhost, write=_exactly(named.exchange_of(sender)))


def _permission(user: str, vhost: str, write: str = _NOTHING, read: str = _NOTHING) -> dict[str, Any]:
    return {"user": user, "vhost": vhost, "configure": _NOTHING, "write": write, "read": read}


def _exactly(name: str) -> str:
    """A pattern of RabbitMQ (PCRE) that is this name and no other."""
    return f"^{re.escape(name)}$"


def _exchange(named: Layout, name: str, kind: str, internal: bool, arguments: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "vhost": named.vhost, "type": kind, "durable": True, "auto_delete": False,
            "internal": internal, "arguments": arguments}  # fmt: skip


def _binding(named: Layout, exchange: str, routing_key: str) -> dict[str, Any]:
    return {"source": exchange, "vhost": named.vhost, "destination": named.queue, "destination_type": "queue",
            "routing_key": routing_key, "arguments": {}}  # fmt: skip
