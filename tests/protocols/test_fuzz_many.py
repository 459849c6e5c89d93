"""Very many broken payloads: no crash, nothing but DecodeError, and the memory stays where it was.

5,000 a format by default, 100,000 by `make chaos` (HANHTRINH_CHAOS=full).
"""

from __future__ import annotations

import gc
import os
import random
import resource

import pytest

from tests.protocols.test_fuzz import _PIECES, DECODERS, VALID, check

PAYLOADS = 100_000 if os.environ.get("HANHTRINH_CHAOS") == "full" else 5_000
GROWTH_MAX_KIB = 32 * 1024


def broken(chance: random.Random) -> bytes:
    """A valid payload with pieces of it cut out, repeated, exchanged or overwritten."""
    payload = bytearray(chance.choice(VALID))
    for _ in range(chance.randint(1, 5)):
        start = chance.randint(0, len(payload))
        end = min(len(payload), start + chance.randint(0, 16))
        match chance.randrange(5):
            case 0:
                middle = chance.randbytes(chance.randint(0, 8))
            case 1:
                middle = chance.choice(_PIECES)
            case 2:
                middle = bytes(payload[start:end]) * chance.randint(2, 6)
            case 3:
                middle = bytes(chance.choice(VALID))[:40]
            case _:
                middle = bytes(byte ^ 1 << chance.randrange(8) for byte in payload[start:end])
        payload[start:end] = middle
    return bytes(payload)


@pytest.mark.parametrize("name", DECODERS)
def test_many_broken_payloads(name: str) -> None:
    chance = random.Random(name)
    settled = 0
    for number in range(PAYLOADS):
        check(name, broken(chance))
        if number == PAYLOADS // 4:
            gc.collect()
            settled = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    gc.collect()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - settled < GROWTH_MAX_KIB


@pytest.mark.parametrize("name", DECODERS)
def test_json_that_unfolds_is_refused(name: str) -> None:
    """Deep nesting, long numbers, one key a million times: small bytes that would become large."""
    deep = b"[" * 100_000 + b"]" * 100_000
    for payload in (deep, deep[:100_000], b'{"a":' * 50_000 + b"1" + b"}" * 50_000, b"9" * 1_000_000,
                    b"{" + b",".join(b'"a":1' for _ in range(200_000)) + b"}", b'["' + b"\\u0000" * 200_000 + b'"]',
                    b"[" + b"{}," * 200_000 + b"{}]"):  # fmt: skip
        check(name, payload)
