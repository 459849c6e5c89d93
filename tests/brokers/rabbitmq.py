"""RabbitMQ in a folder: a plain and, with certificates, a TLS listener; users and rights as the caller says."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.brokers.certificates import Certificates
from tests.brokers.process import HOST, Server, accepts, free_port, program


class User(NamedTuple):
    """A user of virtual host `/` and three patterns: what it may declare, publish to and read from; none by default."""

    password: str
    configure: str = "^$"
    write: str = "^$"
    read: str = "^$"


USERS = {"admin": User("admin-secret", ".*", ".*", ".*"), "provider": User("provider-secret", write="^tracking\\.")}


class RabbitMQ(Server):
    """A started RabbitMQ. Exchanges and queues are declared by a client as `admin`, or given in `definitions`.

    A confirmed persistent message outlasts a kill(), but only in a queue that does: what was declared in the last
    seconds is lost unless save() comes between.
    """

    host = HOST
    port: int
    tls_port: int | None
    users: Mapping[str, User]

    def url(self, user: str = "admin", password: str | None = None, port: int | None = None) -> str:
        """AMQP address of the plain listener, or of a proxy before it."""
        return f"amqp://{user}:{password or self.users[user].password}@{HOST}:{port or self.port}/"

    def control(self, *arguments: str) -> str:
        """What rabbitmqctl says to a command; takes 1 to 2 s. Raises RuntimeError."""
        done = subprocess.run(
            [program("rabbitmqctl"), "-q", *arguments], env=self.environment, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"rabbitmqctl {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def save(self) -> None:
        """Have the declarations of durable exchanges, queues and bindings written to disk."""
        self.control("eval", "ok = mnesia:sync_log().")


@contextmanager
def start(
    folder: Path,
    *,
    users: Mapping[str, User] = USERS,
    definitions: Mapping[str, list[dict[str, object]]] | None = None,
    certificates: Certificates | None = None,
    require_certificate: bool = False,
    settings: Mapping[str, object] | None = None,
) -> Iterator[RabbitMQ]:
    """Start it with its data in `folder`, and stop it at the end.

    definitions: `exchanges`, `queues`, `bindings`, `policies` as RabbitMQ exports them. certificates: adds the listener
    `tls_port`. settings: further lines of rabbitmq.conf.
    """
    folder.mkdir(parents=True)
    port, tls_port, epmd_port = free_port(), free_port() if certificates else None, free_port()
    (folder / "definitions.json").write_text(json.dumps({**_users(users), **(definitions or {})}), encoding="utf-8")
    options: dict[str, object] = {
        "listeners.tcp.1": f"{HOST}:{port}",
        "load_definitions": folder / "definitions.json",
        "log.console": "true",
        "log.console.level": "info",
        "loopback_users": "none",
        "vm_memory_high_watermark.absolute": "512MB",
        "disk_free_limit.absolute": "50MB",
    }
    if certificates:
        options |= {
            "listeners.ssl.1": f"{HOST}:{tls_port}",
            "ssl_options.cacertfile": certificates.authority.certificate,
            "ssl_options.certfile": certificates.server.certificate,
            "ssl_options.keyfile": certificates.server.key,
            "ssl_options.verify": "verify_peer",
            "ssl_options.fail_if_no_peer_cert": str(require_certificate).lower(),
        }
    lines = [f"{name} = {value}" for name, value in {**options, **(settings or {})}.items()]
    (folder / "rabbitmq.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name in ("enabled_plugins", "rabbitmq-env.conf"):
        (folder / name).write_text("[].\n" if name == "enabled_plugins" else "", encoding="utf-8")
    environment = {
        "HOME": str(folder),  # where its secret, .erlang.cookie, lies
        "ERL_EPMD_PORT": str(epmd_port),
        "RABBITMQ_NODENAME": f"test-{port}@localhost",
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_CTL_DIST_PORT_MIN": str(free_port()),
        "RABBITMQ_CTL_DIST_PORT_MAX": "32000",
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2",
        "RUNNING_UNDER_SYSTEMD": "true",  # its shell script then becomes the server, instead of waiting for it
    }
    server = RabbitMQ(
        [program("rabbitmq-server")],
        folder,
        lambda: all(map(_greets, [port])) and (tls_port is None or accepts(tls_port)),
        environment,
    )
    server.port, server.tls_port, server.users = port, tls_port, users
    # The name server of Erlang nodes, one of its own; it stays while the broker is killed.
    (folder / "names").mkdir()
    names = Server(
        [program("epmd"), "-port", str(epmd_port), "-address", HOST], folder / "names", lambda: accepts(epmd_port)
    )
    names.start()
    try:
        server.start()
        yield server
    finally:
        server.stop()
        names.kill()


def _users(users: Mapping[str, User]) -> dict[str, list[dict[str, object]]]:
    return {
        "vhosts": [{"name": "/"}],
        "users": [
            {
                "name": name,
                "password_hash": _hash(user.password),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": "administrator" if name == "admin" else "",
            }
            for name, user in users.items()
        ],
        "permissions": [
            {"user": name, "vhost": "/", "configure": user.configure, "write": user.write, "read": user.read}
            for name, user in users.items()
        ],
    }


def _hash(password: str) -> str:
    """As rabbit_password_hashing_sha256 stores it: 4 bytes of salt and the digest."""
    salt = os.urandom(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _greets(port: int) -> bool:
    """Whether an AMQP 0-9-1 header is answered by a method frame: the listeners open last, when all is recovered."""
    try:
        with socket.create_connection((HOST, port), timeout=5) as connection:
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            return connection.recv(1) == b"\x01"
    except OSError:
        return False
