"""The proxy loses connections when told to, holds them when told to, and then passes all on again."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import psycopg
import pytest

from tests.brokers import proxy
from tests.brokers.process import HOST, wait_until


@pytest.fixture
def echo() -> Iterator[proxy.Proxy]:
    """A proxy before a server that sends back what it gets."""

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(ConnectionResetError):
            while chunk := connection.recv(1000):
                connection.sendall(chunk)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server((HOST, 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        with proxy.start(listener.getsockname()) as before:
            yield before
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def connect(before: proxy.Proxy) -> socket.socket:
    return socket.create_connection((HOST, before.port), timeout=10)


def echoed(connection: socket.socket, said: bytes) -> bytes:
    connection.sendall(said)
    return connection.recv(1000)


def test_cut_drops_and_refuses_until_healed(echo: proxy.Proxy) -> None:
    with connect(echo) as connection:
        assert echoed(connection, b"one") == b"one"
        assert echo.connections == 1
        echo.cut()
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    with pytest.raises(ConnectionRefusedError):
        connect(echo)
    wait_until(lambda: echo.connections == 0, "the proxy to forget the connection")
    echo.heal()
    with connect(echo) as connection:
        assert echoed(connection, b"two") == b"two"


def test_stall_holds_back_until_healed(echo: proxy.Proxy) -> None:
    with connect(echo) as old:
        assert echoed(old, b"one") == b"one"
        echo.stall()
        with connect(echo) as new:
            for connection in (old, new):
                connection.sendall(b"held")
                connection.settimeout(0.2)
                with pytest.raises(TimeoutError):
                    connection.recv(1)
                connection.settimeout(10)
            echo.heal()
            assert old.recv(1000) == new.recv(1000) == b"held"


def test_a_database_is_lost_and_found(database: str) -> None:
    with proxy.before_database(database) as (network, url):
        with psycopg.connect(url, autocommit=True) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            network.cut()
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
        network.heal()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 2").fetchone() == (2,)
