"""Time stamps (RFC 3161) of published lists: asked for after publication, kept beside the manifest, verified."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import httpx
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from api import verify
from cli.reference import InputError
from journey.localtime import show
from storage.database import Connection, transaction
from storage.lists.published import Published
from storage.lists.stamps import add_stamp, stamps_of

_TIMEOUT_S = 30
_ANSWER_MAX = 1 << 20
_GRANTED = (0, 1)
_HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


class NotStamped(InputError):  # noqa: N818
    """The authority gave no stamp that can be used."""


def request_stamp(url: str, manifest: bytes) -> bytes:
    """An authority's answer over a manifest, DER. Raises NotStamped.

    Its imprint and nonce are compared; whether it can be trusted is for who verifies it.
    """
    request = TimestampRequestBuilder().data(manifest).hash_algorithm(HashAlgorithm.SHA256).build()
    try:
        answer = httpx.post(url, content=request.as_bytes(), headers=_HEADERS, timeout=_TIMEOUT_S, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise NotStamped(f"{url}: {error or type(error).__name__}") from None
    if not answer.is_success or len(answer.content) > _ANSWER_MAX:
        raise NotStamped(f"{url}: answered {answer.status_code}, {len(answer.content)} bytes, and no time stamp")
    try:
        response = decode_timestamp_response(answer.content)
        status, said = response.status, "; ".join(response.status_string)
        if status not in _GRANTED:
            raise NotStamped(f"{url}: refused the stamp (status {status}): {said}")
        info = response.tst_info
        imprint, nonce = info.message_imprint.message, info.nonce
    except ValueError as error:
        if isinstance(error, NotStamped):
            raise
        raise NotStamped(f"{url}: its answer cannot be read: {error}") from None
    if imprint != hashlib.sha256(manifest).digest() or nonce != request.nonce:
        raise NotStamped(f"{url}: stamped something else than it was sent")
    return answer.content


def stamp_published(connection: Connection, url: str, some: Sequence[Published]) -> list[Published]:
    """Have those stamped that have no stamp yet; returns them. Raises NotStamped at the first that fails."""
    with transaction(connection):
        known = stamps_of(connection)
    asked = [one for one in some if one.position not in known]
    for one in asked:
        response = request_stamp(url, one.manifest)
        with transaction(connection):
            add_stamp(connection, one.position, url, response)
    return asked


def verify_stamps(folder: Path, authorities: Sequence[Path], found: verify.Verified) -> None:
    """Verify every stamp of a folder against the roots of its authorities, and add what is wrong, and what holds.

    Raises InputError where a file of roots holds none.
    """
    roots = [root for path in authorities for root in _roots(path)]
    for manifest in found.manifests:
        name = manifest["stem"] + verify.STAMP
        path = folder / name
        if not path.is_file():
            found.notes.append(f"{verify.title(manifest)}: has no time stamp here")
            continue
        try:
            response = decode_timestamp_response(path.read_bytes())
            builder = VerifierBuilder()
            for root in roots:
                builder = builder.add_root_certificate(root)
            builder.build().verify_message(response, (folder / f"{manifest['stem']}{verify.MANIFEST}").read_bytes())
        except (VerificationError, ValueError) as error:
            found.faults.append(f"{name}: the time stamp does not hold: {error}")
            continue
        moment = show(int(response.tst_info.gen_time.timestamp()))
        found.notes.append(
            f"{verify.title(manifest)}: its manifest existed on {moment}, by an authority of the roots given"
        )


def _roots(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise InputError(f"--timestamp-ca {path}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise InputError(f"--timestamp-ca {path}: holds no certificate in PEM") from None
