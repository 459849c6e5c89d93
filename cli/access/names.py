"""Which ids of senders may become names in a broker: what would mean more to it than its letters is refused.

Ids come from a registry file and may hold anything. An id that is refused gets no account there; the others do.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cli.reference import InputError

SENDER = "{sender}"
_MQTT_SPECIAL = "+#/"  # any level, all levels, next level
_ENDS_NAME = ":"  # ends the name in Mosquitto's password file
# What AMQP 0-9-1 clients take for the name of an exchange or queue. RabbitMQ itself takes more, but then a client that
# reads of it stops: one such name would stop us.
_AMQP_NAME = re.compile(r"[A-Za-z0-9_.:@#,/+ -]{1,127}")


class Topic(NamedTuple):
    """Topics of senders: levels before that of the sender, and those behind it."""

    before: tuple[str, ...]
    behind: tuple[str, ...]

    def of(self, sender: str) -> str:
        return "/".join((*self.before, sender, *self.behind))


def topic(template: str) -> Topic:
    """Read a template such as tracking/{sender}/#. Raises InputError where senders could reach into each other's."""
    levels = tuple(template.split("/"))
    if levels.count(SENDER) != 1 or template.count(SENDER) != 1:
        raise InputError(f"--topic {template}: {SENDER} must stand in it once, as a whole level: tracking/{SENDER}/#")
    place = levels.index(SENDER)
    before, behind = levels[:place], levels[place + 1 :]
    # A + behind the sender and a # at the end leave it within its own; anything before it does not.
    plain = [
        *before,
        *(level for level in behind[:-1] if level != "+"),
        *(level for level in behind[-1:] if level not in "+#"),
    ]
    if any(character in level for level in plain for character in _MQTT_SPECIAL) or _hidden(template):
        raise InputError(
            f"--topic {template}: + and # may stand behind {SENDER} only, as whole levels, # as the last one"
        )
    return Topic(before, behind)


def not_for_mosquitto(sender: str, form: Topic) -> str | None:
    """Why an id cannot be a name and a topic level of Mosquitto; None: it can."""
    for character in _MQTT_SPECIAL + _ENDS_NAME:
        if character in sender:
            return f"{character!r} in it has a meaning there"
    if not form.before and sender.startswith("$"):
        return "a topic that begins with '$' is the broker's own"
    return _hidden(sender)


def not_for_rabbitmq(sender: str, exchange: str, taken: frozenset[str]) -> str | None:
    """Why an id cannot be a name of RabbitMQ; None: it can."""
    if exchange in taken or exchange.startswith("amq."):
        return f"exchange {exchange!r} has another use"
    return _hidden(sender) or (None if amqp_name(exchange) else f"clients take no exchange {exchange!r}")


def amqp_name(name: str) -> bool:
    """Whether clients take it for the name of an exchange or queue."""
    return _AMQP_NAME.fullmatch(name) is not None


def _hidden(name: str) -> str | None:
    if not name or name != name.strip():
        return "it is empty, or has a space at an end"
    if not name.isprintable():
        return "a character in it cannot be seen"
    return None
