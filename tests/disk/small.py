"""A small file system of its own, that fills up for real, and what fills it. Needs the right to mount: root."""

from __future__ import annotations

import errno
import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PIECE = b"\0" * (1 << 16)


@contextmanager
def mounted(folder: Path, mib: int) -> Iterator[Path]:
    """A file system in memory of so many MiB."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=0755", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


class Ballast:
    """Fills a file system to the last byte, and gives it free again."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ballast"

    def fill(self, left_kib: int = 0) -> None:
        """To the last byte, or but for so many KiB."""
        with self._file.open("ab", buffering=0) as file:
            size = len(_PIECE)
            while size:
                try:
                    file.write(_PIECE[:size])
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    size //= 2
            if left_kib:
                file.truncate(file.tell() - (left_kib << 10))

    def drop(self) -> None:
        self._file.unlink()


def give(folder: Path, to_owner_of: Path) -> str:
    """Give a folder to whoever owns another one; its name."""
    owner = to_owner_of.stat()
    os.chown(folder, owner.st_uid, owner.st_gid)
    return pwd.getpwuid(owner.st_uid).pw_name
