"""A TLS server that does nothing but greet."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator

import pytest

from tests.brokers.certificates import Certificates


class _Greeting(socketserver.BaseRequestHandler):
    context: ssl.SSLContext

    def handle(self) -> None:
        try:
            with self.context.wrap_socket(self.request, server_side=True) as greeted:
                greeted.recv(1)
        except (ssl.SSLError, OSError):
            pass


@pytest.fixture
def tls_server(certificates: Certificates) -> Iterator[int]:
    """Its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server.certificate, certificates.server.key)
    handler = type("Greeting", (_Greeting,), {"context": context})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()
