"""The seal of what is published: a manifest of its files, chained to the one before, and its signature.

The manifest is JSON with sorted keys and no spaces, so that the same content gives the same bytes. How it is verified
stands in api/verify.py, a copy of which lies beside the lists.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from api import verify
from cli.reference import InputError
from cli.secretfile import write_secret
from storage.lists.published import Entry, Published

VERIFIER = "verify.py"
_OTHERS = 0o077  # rights of anybody but the owner


def sealed(
    one: Published, stem: str, files: Mapping[str, bytes], entries: Sequence[Entry], key: Ed25519PrivateKey | None
) -> Published:
    """What is to be published, with its manifest and signature. Its `previous` is given already."""
    content = {
        "format": verify.FORMAT,
        "position": one.position,
        "year": one.year,
        "number": one.number,
        "week": one.week,
        "amendment": one.amendment,
        "stem": stem,
        "made_at": one.made_at,
        "law_version": one.law_version,
        "method": one.method,
        "code_version": one.code_version,
        "watermark": {"touched": one.touched, "checked": one.checked},
        "waiting": one.waiting,
        "files": [
            {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in sorted(files.items())
        ],
        "entries": {"count": len(entries), "sha256": entries_hash(entries)},
        "previous": one.previous,
        "public_key": None if key is None else public_digits(key),
    }
    manifest = canonical(content)
    return replace(one, manifest=manifest, signature=None if key is None else key.sign(manifest))


def canonical(content: object) -> bytes:
    """JSON in the one form that is hashed and signed."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def entries_hash(entries: Sequence[Entry]) -> str:
    """SHA-256 over what is said of each finding: id, change, content hashes, reason; in the order of the ids."""
    rows = [(one.finding, one.change, one.content, one.before_content, one.reason) for one in entries]
    return hashlib.sha256(canonical(sorted(rows))).hexdigest()


def seal_files(one: Published, stem: str, stamp: bytes | None = None) -> dict[str, bytes]:
    """The manifest, its signature, its time stamp and the program that verifies them, as they lie beside the list's
    files."""
    files = {f"{stem}{verify.MANIFEST}": one.manifest, VERIFIER: inspect.getsource(verify).encode()}
    if one.signature is not None:
        files[f"{stem}{verify.SIGNATURE}"] = f"{one.signature.hex()}\n".encode()
    if stamp is not None:
        files[f"{stem}{verify.STAMP}"] = stamp
    return files


def make_key(path: Path) -> str:
    """A new private key in a file that only its owner reads, and the public one beside it (.pub); returns the latter.

    Raises InputError where a key lies there already: what it signed could not be told apart from forgeries any more.
    """
    if path.exists():
        raise InputError(f"{path}: exists; a key is never overwritten: name another file, and announce the new key")
    key = Ed25519PrivateKey.generate()
    write_secret(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return public_digits(key)


def read_key(path: Path) -> Ed25519PrivateKey:
    """Raises InputError where the file is none, or others may read it."""
    try:
        shared, content = path.stat().st_mode & _OTHERS, path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: the key cannot be read: {error.strerror}; see `hanhtrinh list key`") from None
    if shared:
        raise InputError(f"{path}: others may read this private key: chmod 600 it, or make a new one")
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError):  # TypeError: it wants a password
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f"{path}: holds no Ed25519 private key; see `hanhtrinh list key`")
    return key


def public_digits(key: Ed25519PrivateKey) -> str:
    """The public key, 64 hexadecimal digits."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
