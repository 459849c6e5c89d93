"""A time-stamping authority of one's own: `openssl ts` behind HTTP, with a root of its own."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_CONFIG = """
[tsa]
dir = .
serial = $dir/serial
crypto_device = builtin
signer_cert = $dir/tsa.pem
signer_key = $dir/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_chain = no
[stamping]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
"""


class Authority:
    """root: its root certificate, PEM. answers: bytes to come instead of stamps."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder, self.root, self.url = folder, folder / "root.pem", ""
        self.answers: list[bytes] = []
        self.asked = 0
        (folder / "serial").write_text("01\n")
        (folder / "tsa.cnf").write_text(_CONFIG)
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root.pem",
                      "-subj", "/CN=Root", "-days", "3650")  # fmt: skip
        self._openssl(
            "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=TSA"
        )
        self._openssl("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-set_serial", "7",
                      "-days", "3650", "-extfile", "tsa.cnf", "-extensions", "stamping", "-out", "tsa.pem")  # fmt: skip

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, timeout=60)

    def verifies(self, manifest: Path, stamp: Path) -> bool:
        """What openssl itself says."""
        done = subprocess.run(
            ["openssl", "ts", "-verify", "-data", manifest, "-in", stamp, "-CAfile", self.root],
            capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        return done.returncode == 0

    def reply(self, query: bytes) -> bytes:
        self.asked += 1
        if self.answers:
            return self.answers.pop(0)
        (self.folder / "query.tsq").write_bytes(query)
        self._openssl(
            "ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "query.tsq", "-out", "a.tsr"
        )
        return (self.folder / "a.tsr").read_bytes()

    @contextmanager
    def up(self) -> Iterator[None]:
        rig = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = rig.reply(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200 if said else 503)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_address[1]}/tsr"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join(60)
            server.server_close()
