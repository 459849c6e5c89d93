"""Delivery over HTTP: one POST of a zip with an Idempotency-Key; an answer of 200 to 299 is the receipt."""

from __future__ import annotations

import asyncio
import hashlib
import io
import ssl
import zipfile
from base64 import b64encode

import httpx

from cli.delivery.parcel import MAYBE, NotDelivered, Parcel
from cli.delivery.settings import Push, read_secret

_MOMENT = (1980, 1, 1, 0, 0, 0)  # the first that a zip can state
_SHOWN = 200  # letters of an answer that are kept


def send(to: Push, parcel: Parcel) -> str:
    """Redirects are not followed: the receiver is the one in the settings. Proxies of the environment are not used."""
    try:
        return asyncio.run(asyncio.wait_for(_send(to, parcel), to.timeout_s))
    except (TimeoutError, httpx.TimeoutException):
        raise NotDelivered(f"{to.url}: no answer within {to.timeout_s:g} s; it {MAYBE} the list") from None
    except (httpx.HTTPError, ssl.SSLError, OSError) as error:
        raise NotDelivered(f"{to.url}: {error or type(error).__name__}") from error
    except ValueError as error:
        raise NotDelivered(str(error)) from error


async def _send(to: Push, parcel: Parcel) -> str:
    body = packed(parcel)
    headers = {
        "Content-Type": "application/zip",
        "Content-Disposition": f'attachment; filename="{parcel.stem}.zip"',
        "Content-Digest": f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:",
        "Idempotency-Key": f'"{parcel.key}"',
    }
    if to.token_file is not None:
        headers["Authorization"] = f"Bearer {read_secret(to.token_file)}"
    context = ssl.create_default_context(cafile=to.ca_file)
    async with httpx.AsyncClient(verify=context, timeout=to.timeout_s, trust_env=False) as client:
        answer = await client.post(to.url, content=body, headers=headers)
    said = "".join(letter if letter.isprintable() else " " for letter in answer.text[:_SHOWN])
    if not answer.is_success:
        raise NotDelivered(f"{to.url}: answered {answer.status_code}: {said}", reached=True)
    return f"answered {answer.status_code}: {said}"


def packed(parcel: Parcel) -> bytes:
    """The files as a zip; stored, with a fixed time, so that the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parcel.files.items():
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), content)
    return out.getvalue()
