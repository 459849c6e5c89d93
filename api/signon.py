"""The desk as a client of an OpenID provider: where a browser is sent, and whom the provider vouches for then.

Source: OpenID Connect Core 1.0, section 3.1 (authorization code flow), with PKCE (RFC 7636, S256) and the issuer in the
answer (RFC 9207). An ID token is believed where its signature is by a key that the provider publishes, under a method
that no secret shared by both sides is enough for, and issuer, audience, nonce and times are as they must be.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, Key, KeySet
from pydantic import SecretStr

from journey.settings import Settings
from storage.people.signon import SUBJECT_MAX, Begun, Identity

RETURN_PATH = "/login/oidc/return"
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
_SKEW_S = 60  # by which clocks of two sound servers may differ
_ANSWER_S = 5  # a person waits for it, and a thread of the desk with him
_AT_ONCE, _WAIT_S = 3, 1  # threads that a provider which hangs may hold, and for how long others wait for one of them
_KEPT_S = 3600  # what a provider says of itself changes when it is set up anew
_KEYS_S = 60  # between two looks for keys, so that nobody makes us ask by sending tokens of unknown keys
_BYTES_MAX = 1 << 20
_LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


@dataclass(frozen=True, slots=True)
class Provider:
    """Which provider, and who the desk is there. secret: None for a public client. desk: address of the desk."""

    issuer: str
    client: str
    secret: SecretStr | None
    desk: str
    name: str


def provider_of(settings: Settings) -> Provider | None:
    """What a deployment sets; None: nobody logs in by a provider. Raises ValueError for half of it, by name."""
    if settings.oidc_issuer is None:
        return None
    if settings.oidc_client is None or settings.oidc_desk is None:
        missing = "OIDC_CLIENT" if settings.oidc_client is None else "OIDC_DESK"
        raise ValueError(f"HANHTRINH_OIDC_ISSUER is set and HANHTRINH_{missing} is not: set both, or neither")
    secret = settings.oidc_secret
    if secret is not None:  # a file ends with a line's end
        secret = SecretStr(secret.get_secret_value().strip())
    return Provider(settings.oidc_issuer, settings.oidc_client, secret, settings.oidc_desk, settings.oidc_name)


class SignOnFailed(Exception):  # noqa: N818
    """The provider does not vouch for anybody; the message says why, for the log. away: it cannot be asked."""

    def __init__(self, why: str, away: bool = False) -> None:
        super().__init__(why)
        self.away = away


class _Said(NamedTuple):
    """What a provider says of itself."""

    authorization: str
    token: str
    keys: str
    basic: bool  # the desk proves who it is by HTTP's basic authentication, else by fields of the form
    names_itself: bool  # in each answer (RFC 9207)
    at: float


@dataclass
class SignOn:
    """A provider as this process knows it. clock: s UTC, that tokens are compared with."""

    provider: Provider
    clock: Callable[[], int]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _few: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(_AT_ONCE))
    _said: _Said | None = None
    _kept: tuple[KeySet, float] | None = None

    def keys(self) -> int:
        """How many keys the provider publishes that can be used. Raises SignOnFailed where it cannot be asked."""
        return len(self._published(False).keys)

    def address(self, begun: Begun) -> str:
        """Where a browser goes to log in. Raises SignOnFailed where the provider cannot be asked."""
        proof = base64.urlsafe_b64encode(sha256(begun.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code", "client_id": self.provider.client, "scope": "openid email",
            "redirect_uri": self.provider.desk + RETURN_PATH, "state": begun.state, "nonce": begun.nonce,
            "code_challenge": proof, "code_challenge_method": "S256",
        }  # fmt: skip
        return str(httpx.URL(self._about().authorization).copy_merge_params(query))

    def identity(self, code: str, begun: Begun, issuer: str | None) -> Identity:
        """Whom the provider vouches for with a code. issuer: as it came beside it. Raises SignOnFailed."""
        about = self._about()
        if issuer != self.provider.issuer and (issuer is not None or about.names_itself):
            raise SignOnFailed("the answer is of another issuer")
        with _held(self._few):
            sent = self._exchanged(about, code, begun.verifier)
        token = sent.get("id_token")
        if not isinstance(token, str):
            raise SignOnFailed("the answer has no ID token")
        return self._vouched(self._claims(token, begun.nonce))

    def _exchanged(self, about: _Said, code: str, verifier: str) -> dict[str, Any]:
        """What the provider gives for a code. Raises SignOnFailed."""
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier,
                "redirect_uri": self.provider.desk + RETURN_PATH}  # fmt: skip
        auth, secret = None, self.provider.secret
        if secret is not None and about.basic:
            # Both are encoded like a form's fields first: RFC 6749, section 2.3.1.
            auth = httpx.BasicAuth(quote(self.provider.client, safe=""), quote(secret.get_secret_value(), safe=""))
        else:
            form["client_id"] = self.provider.client
            if secret is not None:
                form["client_secret"] = secret.get_secret_value()
        status, content = _asked("POST", about.token, data=form, auth=auth, headers={"Accept": "application/json"})
        if not httpx.codes.is_success(status):
            raise SignOnFailed(f"the code was refused: {_short(content)}", away=httpx.codes.is_server_error(status))
        return _object(about.token, content)

    def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        """The claims of an ID token that is sound. Raises SignOnFailed."""
        must: jwt.ClaimsOption = {"essential": True}
        registry = jwt.JWTClaimsRegistry(
            now=self.clock(), leeway=_SKEW_S, iss={"essential": True, "value": self.provider.issuer}, sub=must,
            aud={"essential": True, "value": self.provider.client}, exp=must, iat=must,
            nonce={"essential": True, "value": nonce},
        )  # fmt: skip
        try:
            decoded = jwt.decode(token, self._key, algorithms=_ALGORITHMS)
            registry.validate(decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise SignOnFailed(f"the ID token is refused: {_short(error)}") from None
        claims: dict[str, Any] = decoded.claims
        audience = claims["aud"]
        if claims.get("azp", self.provider.client) != self.provider.client or (
            isinstance(audience, list) and len(audience) > 1 and "azp" not in claims
        ):
            raise SignOnFailed("the ID token is refused: it was issued to another client")
        return claims

    def _vouched(self, claims: dict[str, Any]) -> Identity:
        subject, email = claims["sub"], claims.get("email")
        if not (
            isinstance(subject, str) and len(subject) <= SUBJECT_MAX and subject.isascii() and subject.isprintable()
        ):
            raise SignOnFailed("the ID token is refused: its subject is none")
        # An address that the provider has not verified is what somebody says of himself.
        sure = isinstance(email, str) and claims.get("email_verified") is True
        return Identity(self.provider.issuer, subject, email if sure else None)

    def _key(self, token: GuestProtocol) -> Key:
        """The key that a token names, of those that the provider publishes. Raises ValueError for any other."""
        named = token.headers().get("kid")
        for fresh in (False, True):
            keys = [one for one in self._published(fresh).keys if named is None or one.kid == named]
            if len(keys) == 1:
                return keys[0]
            if keys:
                raise ValueError("it names none of several keys")
        raise ValueError("it is signed by a key that the provider does not publish")

    def _published(self, fresh: bool) -> KeySet:
        """The provider's keys. fresh: asked for again, unless that was just done."""
        about, now = self._about(), time.monotonic()
        with _held(self._lock):
            kept = self._kept
            if kept is None or now > kept[1] + (_KEYS_S if fresh else _KEPT_S):
                sent = _fetched(about.keys).get("keys")
                usable = [one for one in sent if isinstance(one, dict) and one.get("kty") in ("RSA", "EC")
                          and one.get("use", "sig") == "sig"] if isinstance(sent, list) else []  # fmt: skip
                try:
                    kept = self._kept = (KeySet.import_key_set({"keys": usable}), now)
                except (JoseError, ValueError, TypeError, KeyError) as error:
                    raise SignOnFailed(f"{about.keys}: {_short(error)}", away=True) from None
        return kept[0]

    def _about(self) -> _Said:
        """What the provider says of itself, asked once an hour. Raises SignOnFailed."""
        now = time.monotonic()
        with _held(self._lock):
            if self._said is None or now > self._said.at + _KEPT_S:
                self._said = _read(self.provider, now)
            return self._said


@contextmanager
def _held(lock: threading.Lock | threading.BoundedSemaphore) -> Iterator[None]:
    """Raises SignOnFailed where others hold it for long: the desk has to go on without its provider."""
    if not lock.acquire(timeout=_WAIT_S):
        raise SignOnFailed("others are still waiting for it", away=True)
    try:
        yield
    finally:
        lock.release()


def _read(provider: Provider, now: float) -> _Said:
    url = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
    sent = _fetched(url)
    if sent.get("issuer") != provider.issuer:
        raise SignOnFailed(f"{url} is of the issuer {sent.get('issuer')!r}, not of {provider.issuer!r}", away=True)
    places = [sent.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if not all(isinstance(one, str) and one.startswith(("https://", *_LOOPBACK)) for one in places):
        raise SignOnFailed(f"{url}: it names no endpoints with TLS", away=True)
    methods = sent.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    authorization, token, keys = map(str, places)
    named = sent.get("authorization_response_iss_parameter_supported") is True
    return _Said(authorization, token, keys, "client_secret_basic" in methods, named, now)


def _fetched(url: str) -> dict[str, Any]:
    """An object of JSON. Raises SignOnFailed where it cannot be had."""
    status, content = _asked("GET", url)
    if not httpx.codes.is_success(status):
        raise SignOnFailed(f"{url}: status {status}", away=True)
    return _object(url, content)


def _asked(method: str, url: str, **more: Any) -> tuple[int, bytes]:
    """Status and content of an answer, which is bounded; nobody is sent on. Raises SignOnFailed."""
    try:
        with httpx.stream(method, url, timeout=_ANSWER_S, **more) as answer:
            content = b""
            for part in answer.iter_bytes():
                content += part
                if len(content) > _BYTES_MAX:
                    raise SignOnFailed(f"{url}: more than {_BYTES_MAX} bytes", away=True)
    except httpx.HTTPError as error:
        raise SignOnFailed(f"{url}: {_short(error)}", away=True) from None
    return answer.status_code, content


def _object(url: str, content: bytes) -> dict[str, Any]:
    try:
        sent = json.loads(content)
    except ValueError as error:
        raise SignOnFailed(f"{url}: {_short(error)}", away=True) from None
    if not isinstance(sent, dict):
        raise SignOnFailed(f"{url}: it holds no object", away=True)
    return sent


def _short(said: Exception | bytes) -> str:
    """What went wrong in a line, as far as a log should hold it."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said) or type(said).__name__
    return " ".join(text.split())[:200]
