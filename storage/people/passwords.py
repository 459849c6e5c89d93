"""Passwords: Argon2id hashes, what a new one has to be, and the time that a login which nobody has takes."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from storage.names import clean

LENGTH_MIN = 12
LENGTH_MAX = 256  # what is hashed costs time by its length
_FORMS = 4  # characters at most of which one can be composed
_TELLING = 4  # fewer letters than these are in many a password by chance
# Twice what OWASP asks for (46 MiB, one pass). One lane: the processors of a desk's server are for more than logins.
_HASHER = PasswordHasher(time_cost=2, memory_cost=46 * 1024, parallelism=1)


class WeakPassword(ValueError):  # noqa: N818
    """A password is not taken; the message says what is wrong with it."""


def hash_password(password: str, login: str = "") -> str:
    """The hash to keep of a new password. Raises WeakPassword: too short, too long, or easily guessed."""
    plain = _normal(password[: LENGTH_MAX * _FORMS])
    if len(plain) < LENGTH_MIN:
        raise WeakPassword(f"a password has at least {LENGTH_MIN} characters: take several words")
    if len(plain) > LENGTH_MAX:
        raise WeakPassword(f"a password has at most {LENGTH_MAX} characters")
    if len(login) >= _TELLING and login.casefold() in plain.casefold():
        raise WeakPassword("a password does not contain the login")
    if len(set(plain)) <= _TELLING:
        raise WeakPassword("a password is more than a few characters repeated")
    return _HASHER.hash(plain)


def password_matches(kept: str | None, password: str) -> bool:
    """Whether a password is the one of a kept hash. None, a login that nobody has: False after as long a time."""
    plain = _normal(password[: LENGTH_MAX * _FORMS])
    try:
        return _HASHER.verify(_nobodys() if kept is None else kept, plain) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than are used now."""
    return _HASHER.check_needs_rehash(kept)


def renewed(password: str) -> str:
    """The hash of a password that is known to be right, by the parameters used now."""
    return _HASHER.hash(_normal(password[: LENGTH_MAX * _FORMS]))


def random_password() -> str:
    """A password to be given to somebody once: 100 bits, in groups that can be read aloud."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_urlsafe(32))


def _normal(password: str) -> str:
    """One form for what two keyboards write in two ways: Vietnamese letters come composed and decomposed."""
    return clean(unicodedata.normalize("NFKC", password))
