"""Files that commands write where an option says: whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cli.reference import InputError


def write_whole(path: Path, content: bytes, option: str = "--out") -> None:
    """Whole or not at all: a reader never sees half a file. Raises InputError where it cannot be written."""
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)
    except OSError as error:
        with suppress(OSError):  # on a full disk half a file takes what little is left
            partial.unlink()
        raise _unwritable(path, error, option) from None


def write_all(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Files of a folder, each whole or not at all; the folder is made. Returns their paths in the order given."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error, "--folder") from None
    for name, content in files.items():
        write_whole(folder / name, content, "--folder")
    return [folder / name for name in files]


def _unwritable(path: Path, error: OSError, option: str) -> InputError:
    mend = "make room, or name" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "name"
    return InputError(f"{path}: cannot be written: {error.strerror}; {mend} another {option}")
