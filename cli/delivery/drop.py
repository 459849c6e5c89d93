"""Delivery into a folder: each file whole or not at all, on disk before it is called delivered, the manifest last."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from cli.delivery.parcel import NotDelivered, Parcel
from cli.delivery.settings import Drop


def send(to: Drop, parcel: Parcel) -> str:
    """Write the files and read them back; the receipt. A file that lies there as it should is left alone."""
    folder, written = to.folder, 0
    if not folder.is_dir():
        raise NotDelivered(f"{folder}: is no folder; is the share mounted?")
    try:
        for name, content in parcel.files.items():
            path = folder / name
            if not path.is_file() or path.read_bytes() != content:
                _write(path, content, parcel.key)
                written += 1
        _sync(folder)
        differing = [name for name, content in parcel.files.items() if (folder / name).read_bytes() != content]
    except OSError as error:
        raise NotDelivered(f"{error.filename or folder}: cannot be written: {error.strerror}") from error
    if differing:
        raise NotDelivered(f"{folder / differing[0]}: was read back otherwise than written")
    digest = hashlib.sha256(next(reversed(parcel.files.values()))).hexdigest()
    return f"{len(parcel.files)} files, {written} written; manifest read back, SHA-256 {digest}"


def _write(path: Path, content: bytes, key: str) -> None:
    partial = path.with_name(f".{path.name}.{key[:8]}.part")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError:
        with suppress(OSError):  # on a full disk half a file takes what little is left
            partial.unlink()
        raise


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:  # some network shares know no flush of a folder; the files themselves are on disk
        pass
    finally:
        os.close(descriptor)
