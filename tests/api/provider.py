"""A small OpenID provider as a process of its own: it signs with real keys, over HTTP, and misbehaves as it is told.

Written from OpenID Connect Core 1.0 and RFC 7636, on `cryptography` alone: it shares nothing with what it tests. Told
by POST /told, JSON: `claims` over those it would state (null: left out), `ago` (times in them, s before now), `alg`,
`key`, `sent` (the token as it is), `answer` (parameters over those with which it sends a browser back), `issuer` (as it
names itself), `sleep` (s before it says anything).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

CLIENT, SECRET, SUBJECT, EMAIL = "desk", "s3cret/+ of the desk", "7f3c-lan", "lan@langson.example"
RSA = {name: rsa.generate_private_key(65537, 2048) for name in ("rsa", "stranger")} if __name__ == "__main__" else {}
EC = ec.generate_private_key(ec.SECP256R1())


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def number(value: int, size: int) -> str:
    return b64(value.to_bytes(size, "big"))


def keys() -> list[dict[str, str]]:
    one, two = RSA["rsa"].public_key().public_numbers(), EC.public_key().public_numbers()
    return [
        {"kty": "RSA", "kid": "rsa", "use": "sig", "n": number(one.n, 256), "e": number(one.e, 3)},
        {"kty": "EC", "kid": "ec", "crv": "P-256", "x": number(two.x, 32), "y": number(two.y, 32)},
        {"kty": "OKP", "kid": "new", "crv": "X448", "x": "AA"},  # of a kind that not everybody knows
    ]


def token(claims: dict[str, Any], alg: str, key: str) -> str:
    header = {"alg": alg, "typ": "JWT", "kid": key}
    signed = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    if alg == "RS256":
        made = RSA["rsa" if key == "rsa" else "stranger"].sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    elif alg == "ES256":
        r, s = decode_dss_signature(EC.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        made = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    elif alg == "HS256":  # with what everybody can read
        public = (
            RSA["rsa"]
            .public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
        made = hmac.new(public, signed.encode(), "sha256").digest()
    else:
        made = b""
    return f"{signed}.{b64(made)}"


class Provider(BaseHTTPRequestHandler):
    told: ClassVar[dict[str, Any]] = {}
    codes: ClassVar[dict[str, dict[str, str]]] = {}

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: some[0] for name, some in parse_qs(url.query).items()}
        issuer = f"http://127.0.0.1:{self.server.server_address[1]}"
        time.sleep(self.told.get("sleep", 0))
        if url.path == "/.well-known/openid-configuration":
            self.say({"issuer": self.told.get("issuer", issuer), "authorization_endpoint": f"{issuer}/authorize",
                      "token_endpoint": f"{issuer}/token", "jwks_uri": f"{issuer}/keys",
                      "authorization_response_iss_parameter_supported": True})  # fmt: skip
        elif url.path == "/keys":
            self.say({"keys": keys()})
        elif url.path == "/authorize":
            meant = {"response_type": "code", "client_id": CLIENT, "code_challenge_method": "S256"}
            faults = [name for name, value in meant.items() if query.get(name) != value]
            if faults or "openid" not in query["scope"].split():
                self.say({"faults": faults}, 400)
                return
            code = secrets.token_urlsafe(16)
            self.codes[code] = query
            answer = {"code": code, "state": query["state"], "iss": issuer, **self.told.get("answer", {})}
            self.send_response(302)
            self.send_header("Location", f"{query['redirect_uri']}?{urlencode(answer)}")
            self.end_headers()
        else:
            self.say({}, 404)

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/told":
            type(self).told = json.loads(sent)
            self.say({})
            return
        form = {name: some[0] for name, some in parse_qs(sent).items()}
        asked = self.codes.pop(form.get("code", ""), None)
        client, _, secret = (
            base64.b64decode(self.headers.get("Authorization", "Basic ").split()[-1]).decode().partition(":")
        )
        proof = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (unquote(client), unquote(secret)) != (CLIENT, SECRET):
            self.say({"error": "invalid_client"}, 401)
        elif asked is None or asked["code_challenge"] != proof or asked["redirect_uri"] != form.get("redirect_uri"):
            self.say({"error": "invalid_grant"}, 400)
        else:
            now = int(time.time())
            claims = {"iss": f"http://127.0.0.1:{self.server.server_address[1]}", "sub": SUBJECT, "aud": CLIENT,
                      "exp": now + 300, "iat": now, "nonce": asked["nonce"], "email": EMAIL, "email_verified": True,
                      **self.told.get("claims", {}),
                      **{name: now - s for name, s in self.told.get("ago", {}).items()}}  # fmt: skip
            made = token({name: one for name, one in claims.items() if one is not None}, self.told.get("alg", "RS256"),
                         self.told.get("key", "rsa"))  # fmt: skip
            self.say({"access_token": "x", "token_type": "Bearer", "id_token": self.told.get("sent", made)})

    def say(self, what: dict[str, Any], status: int = 200) -> None:
        content = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def running_provider() -> Iterator[str]:
    """Its issuer, while the block runs."""
    process = subprocess.Popen([sys.executable, "-m", "tests.api.provider"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def tell(issuer: str, /, **told: Any) -> None:
    httpx.post(f"{issuer}/told", json=told, timeout=10).raise_for_status()


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as server:
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()
