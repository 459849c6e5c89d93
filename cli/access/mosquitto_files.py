"""Mosquitto's own files from registry and secrets: who may log in, who may write where, and how it must be set up.

A sender may write to its own topics and read nothing; our own account may read those of all senders and write nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cli.access.names import Topic
from storage.access import CONSUMER, AccessKey

MESSAGE_BYTES_MAX = 1 << 20

_CONF = """\
# Part of Mosquitto's configuration, written by `hanhtrinh access mosquitto`. Include it, or copy it to conf.d.
# The three files must be readable by the user that Mosquitto runs as: chown mosquitto: passwd acl
# After a later run: systemctl reload mosquitto (SIGHUP). Whoever was revoked is then put out.

# Nobody without a name. TLS belongs on the listener that senders reach:
# listener 8883
# cafile /etc/mosquitto/ca.pem
# certfile /etc/mosquitto/server.pem
# keyfile /etc/mosquitto/server.key
allow_anonymous false
password_file {passwd}
acl_file {acl}

# What was taken is acknowledged after it was committed. Mosquitto must meanwhile go on sending (0: no limit on messages
# under way; the default of 20 would stop it) and must keep, not discard, what waits (0: no limit; the default is 1000).
max_inflight_messages 0
max_queued_messages 0

# What waits survives a restart. Mosquitto writes it to disk every autosave_interval seconds: a crash of the machine
# loses what came since then and was not taken yet, although its sender had it acknowledged. Who cannot accept that
# sends by AMQP, Kafka or HTTP. Where the main file has persistence_location already, leave it there.
persistence true
autosave_interval 30
# persistence_location /var/lib/mosquitto/

# No message of a sender is as large as this, bytes.
message_size_limit {size}
"""


def passwd(keys: Sequence[AccessKey]) -> bytes:
    return "".join(f"{key.sender}:{key.mosquitto}\n" for key in keys).encode()


def acl(keys: Sequence[AccessKey], form: Topic) -> bytes:
    """Who may do what; what is not named is refused."""
    parts = ["# Written by `hanhtrinh access mosquitto`; changed by hand it is lost at the next run.\n"]
    for key in keys:
        # Rights are checked against each message's topic, so that they hold for shared subscriptions ($share/...) too.
        right = f"read {form.of('+')}" if key.sender == CONSUMER else f"write {form.of(key.sender)}"
        parts.append(f"user {key.sender}\ntopic {right}\n")
    return "\n".join(parts).encode()


def conf(folder: Path) -> bytes:
    at = folder.absolute()
    return _CONF.format(passwd=at / "passwd", acl=at / "acl", size=MESSAGE_BYTES_MAX).encode()
