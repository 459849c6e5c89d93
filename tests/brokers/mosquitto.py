"""Mosquitto in a folder: a plain and, with certificates, a TLS listener; users and ACL as the caller says."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.brokers.certificates import Certificates
from tests.brokers.process import HOST, Server, accepts, free_port, program, wait_until

USERS = {"admin": "admin-secret", "provider": "provider-secret"}
# %u in a pattern is the user: who is not named above may write and read below providers/<own name>/ only.
ACL = "user admin\ntopic readwrite #\n\npattern readwrite providers/%u/#\n"


class Mosquitto(Server):
    """A started Mosquitto. It writes to disk on save() and stop() only: a kill() loses what came after.

    Mosquitto 2.0.11 does not write the sessions of clients that connected with clean_start, whatever their expiry: who
    wants a session to outlast a kill() connects with `clean_start=False` from the first time on.
    """

    host = HOST
    port: int
    tls_port: int | None
    users: dict[str, str]

    def set_access(self, users: Mapping[str, str] | None = None, acl: str | None = None) -> None:
        """Write users (name: password) and ACL; a started broker wants a reload()."""
        if users is not None:
            self.users = dict(users)
            passwords = self.folder / "passwords"
            passwords.write_text("".join(f"{name}:{secret}\n" for name, secret in users.items()), encoding="utf-8")
            if users:
                subprocess.run([program("mosquitto_passwd"), "-U", passwords], check=True, capture_output=True)
        if acl is not None:
            (self.folder / "acl").write_text(acl, encoding="utf-8")

    def reload(self) -> None:
        """Have users, ACL and certificates read again; connections that may no longer be are closed."""
        before = self._said("Reloading config")
        self.signal(signal.SIGHUP)
        wait_until(lambda: self._said("Reloading config") > before, "Mosquitto to reload")

    def save(self) -> None:
        """Have sessions, queues and retained messages written to disk, so that a kill() does not lose them."""
        before, asked_at = self._saved(), 0.0

        def saved() -> bool:
            # Asked again each second: a signal that comes while it saves is forgotten.
            nonlocal asked_at
            if time.monotonic() - asked_at > 1:
                asked_at = time.monotonic()
                self.signal(signal.SIGUSR1)
            return self._saved() != before

        wait_until(saved, "Mosquitto to save")

    def _saved(self) -> tuple[int, int] | None:
        """What tells one saved file from the next: a new file takes the place of the old one when it is whole."""
        path = self.folder / "data" / "mosquitto.db"
        return (path.stat().st_ino, path.stat().st_mtime_ns) if path.exists() else None

    def _said(self, words: str) -> int:
        return self.log.read_text(encoding="utf-8", errors="replace").count(words)


@contextmanager
def start(
    folder: Path,
    *,
    users: Mapping[str, str] = USERS,
    acl: str = ACL,
    certificates: Certificates | None = None,
    require_certificate: bool = False,
    message_size_limit_bytes: int | None = None,
    settings: Mapping[str, object] | None = None,
) -> Iterator[Mosquitto]:
    """Start it with its data in `folder`, and stop it at the end.

    certificates: adds the TLS listener `tls_port`; require_certificate: a client must show one by the same authority,
    and its common name then is its user name. settings: further global lines of mosquitto.conf, or others than ours.
    """
    port, tls_port = free_port(), free_port() if certificates else None
    (folder / "data").mkdir(parents=True)
    options: dict[str, object] = {
        "allow_anonymous": "false",
        "password_file": folder / "passwords",
        "acl_file": folder / "acl",
        "persistence": "true",
        "persistence_location": f"{folder / 'data'}/",
        "max_inflight_messages": 0,
        "max_queued_messages": 0,
        "log_dest": "stderr",
        **({"message_size_limit": message_size_limit_bytes} if message_size_limit_bytes else {}),
        **({"user": "root"} if os.getuid() == 0 else {}),
        **(settings or {}),
    }
    lines = [f"{name} {value}" for name, value in options.items()]
    lines += [f"listener {port} {HOST}"]
    if certificates:
        lines += [
            f"listener {tls_port} {HOST}",
            f"cafile {certificates.authority.certificate}",
            f"certfile {certificates.server.certificate}",
            f"keyfile {certificates.server.key}",
        ]
        lines += ["require_certificate true", "use_identity_as_username true"] if require_certificate else []
    (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")

    ports = [port] if tls_port is None else [port, tls_port]
    server = Mosquitto(
        [program("mosquitto"), "-c", str(folder / "mosquitto.conf")], folder, lambda: all(map(accepts, ports))
    )
    server.port, server.tls_port = port, tls_port
    server.set_access(users, acl)
    server.start()
    try:
        yield server
    finally:
        server.stop()
