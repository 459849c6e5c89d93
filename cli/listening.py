"""Where `hanhtrinh serve` listens: one socket, or for several workers one each at the same address.

Workers that accept from one socket do not share: whichever wakes first takes all connections that wait, and of fifty
made at once one worker has had fifty. Of several sockets at one address (SO_REUSEPORT) the kernel picks one for each
connection.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from cli.reference import InputError

_BACKLOG = 1024


class Shared(socket.socket):
    """An address that is held, and not listened at. A process that it is handed to gets a listening socket instead.

    The process alone has that socket, so with its end it is gone: no connection waits for the next of that place. Until
    the first of them listens, connections are refused.
    """

    def __reduce__(self) -> tuple[object, ...]:
        return _one_of_several, (int(self.family), self.getsockname()[:2])


@contextmanager
def listening(host: str, port: int, workers: int) -> Iterator[socket.socket]:
    """What workers are handed. Raises InputError where the address is not there, or somebody else's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        if workers > 1:
            # The address was free: sockets that share one would have gone beside those of another program.
            address = listener.getsockname()
            listener.close()
            listener = Shared(family)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # as create_server has it
            listener.bind(address)
    except OSError as error:
        raise InputError(f"--host {host} --port {port}: {error.strerror}: name another") from None
    with listener:
        _prompt(listener)
        yield listener


def _one_of_several(family: int, address: tuple[str, int]) -> socket.socket:
    return _prompt(socket.create_server(address, family=family, backlog=_BACKLOG, reuse_port=True))


def _prompt(listener: socket.socket) -> socket.socket:
    # Answers go out in two pieces, of which the second would wait for the first to be acknowledged: some 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
