"""Where `hanhtrinh serve` listens: at one socket, whose connections are dealt to the workers where there are several.

Workers that accept from one socket do not share: whichever wakes first takes all connections that wait, and of fifty
made at once one of two has had fifty. Of several sockets at one address (SO_REUSEPORT) the kernel picks one by chance,
and whoever is one of thirty waits longer than whoever is one of twenty.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

from cli.dealing import STOP, Dealer
from cli.reference import InputError
from cli.taking import take_seat

_BACKLOG = 1024


class Shared(socket.socket):
    """A listening socket of several workers. A process that is started with it gets a seat in its stead."""

    def __init__(self, listener: socket.socket, cores: Collection[int]) -> None:
        """cores: as the dealer gives them to the workers."""
        super().__init__(fileno=listener.detach())
        self.setblocking(False)
        asked, self._asking = socket.socketpair()
        self._dealer = threading.Thread(target=Dealer(self, asked, cores).run, name="dealer", daemon=True)
        self._dealer.start()

    def __reduce__(self) -> tuple[object, ...]:
        return take_seat, (self._asking,)

    def close(self) -> None:
        """Listen and deal no more: workers take what they have been handed, and end."""
        with suppress(OSError):  # it has been closed before
            self._asking.send(STOP)
        self._dealer.join()
        self._asking.close()
        super().close()


@contextmanager
def listening(host: str, port: int, workers: int) -> Iterator[socket.socket]:
    """What workers are handed. Raises InputError where the address is not there, or somebody else's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise InputError(f"--host {host} --port {port}: {error.strerror}: name another") from None
    # Answers go out in two pieces, of which the second would wait for the first to be acknowledged: some 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections have it from here
    cores = sorted(os.sched_getaffinity(0))
    # Of fewer workers than cores each may run where there is room.
    with Shared(listener, cores if workers >= len(cores) else ()) if workers > 1 else listener as shared:
        yield shared
