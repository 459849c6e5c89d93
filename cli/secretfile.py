"""Files that hold secrets or their hashes: readable by their owner only from the first byte on, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from cli.reference import InputError


@contextmanager
def opened_secret(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to and read back; it takes the place of `path` at the end of the block, and not if that fails.

    A file that is replaced leaves its owner to the new one, so that a broker which runs as another user can read it
    again. Raises InputError where it cannot be written, before the block begins if that can be seen.
    """
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.unlink(missing_ok=True)
        # O_EXCL: never through a link that somebody else has put there.
        file = os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            before = path.stat()
            if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                os.chown(partial, before.st_uid, before.st_gid)
        os.replace(partial, path)
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:
        partial.unlink(missing_ok=True)


def write_secret(path: Path, content: bytes) -> None:
    with opened_secret(path) as file:
        file.write(content)


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(f"{path}: cannot be written: {error.strerror}; name another place, or run as its owner")
