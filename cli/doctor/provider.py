"""What an examination asks of the OpenID provider: whether it answers, names itself as set, and publishes keys."""

from __future__ import annotations

import time
from collections.abc import Iterator

from api.signon import SignOn, SignOnFailed, provider_of
from cli.doctor.examining import BAD, GOOD, WARNING, Told
from journey.settings import Settings

_WHAT = "OpenID provider"


def provider(settings: Settings) -> Iterator[Told]:
    """Nothing where none is set."""
    try:
        one = provider_of(settings)
    except ValueError as error:
        yield Told(BAD, _WHAT, str(error), "docs/administrator.md has all of them")
        return
    if one is None:
        return
    try:
        keys = SignOn(one, lambda: int(time.time())).keys()
    except SignOnFailed as error:
        yield Told(BAD, _WHAT, str(error), "does HANHTRINH_OIDC_ISSUER stand as the provider writes it, and can this "
                                           "machine reach it?")  # fmt: skip
        return
    if keys:
        yield Told(GOOD, _WHAT, f"{one.issuer} answers, with {keys} keys; it sends browsers back to {one.desk}")
    else:
        yield Told(WARNING, _WHAT, f"{one.issuer} answers and publishes no key that can be used",
                   "nobody can log in by it: it has to sign by RSA or ES256, ES384, ES512")  # fmt: skip
