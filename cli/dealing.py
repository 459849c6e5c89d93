"""Who deals: each connection goes to the worker that has the fewest, of equals to the one whose last was longest ago.

One thread of the process that starts the workers accepts, and hands the connection itself on (SCM_RIGHTS, unix(7)) by
a pair of sockets, the worker's seat (`cli/taking.py`). A worker says when it takes some and when one of its own has
ended. Nothing here ever waits for a worker: to one that hangs connections are handed until it has as many as the
others, or its seat is full, and then no more.

While no worker takes any, none is accepted: they wait in the backlog, as they do for a single process that starts.
What has been handed over and not taken goes with a worker that is killed, as does what waits at a listening socket.

Where there are as many workers as cores each keeps to one of its own (sched(7)): of its threads, whose interpreter lets
one work at a time, each next one would else be woken on another core, and pay for the way. The core is that which the
fewest have, of equals the one that was given longest ago, so that one that is started for another takes its place.
"""

from __future__ import annotations

import array
import logging
import os
import selectors
import signal
import socket
import struct
import time
from collections.abc import Collection
from contextlib import suppress

SEAT, STOP = b"s", b"q"  # to the dealer: the seat of one more worker; deal no more
READY, ENDED = b"r", b"e"  # from a seat: hand me some; one of mine has ended
TAKE = b"t"  # to a seat, with a connection
CORE, ANY = struct.Struct("!H"), 0xFFFF  # to a seat, before anything else: the core to keep to; any
_REST_S = 0.1  # before another try where nothing can be accepted, or nobody takes it
_SILENCE_S = 60  # between two lines about it
log = logging.getLogger(__name__)


def receive(by: socket.socket) -> tuple[bytes, socket.socket | None]:
    """One message, and the socket that came with it: None where this process may open no more files.

    No data: the other end is gone. Raises OSError, as `recvmsg` does. `socket.recv_fds` would leave the file open in
    programs that this one starts.
    """
    said, beside, _, _ = by.recvmsg(1, socket.CMSG_LEN(array.array("i").itemsize), socket.MSG_CMSG_CLOEXEC)
    for _, _, numbers in beside:
        (number,) = array.array("i", numbers)
        return said, socket.socket(fileno=number)
    return said, None


class Dealer:
    def __init__(self, listener: socket.socket, asked: socket.socket, cores: Collection[int] = ()) -> None:
        """listener: does not block. asked: where seats come in, and the word to stop; it is closed at the end.

        cores: to be given to the workers; none: each runs wherever there is room.
        """
        self._listener, self._asked = listener, asked
        self._cores = list(cores) or [ANY]  # the one that was given longest ago comes first
        self._keeps_to: dict[socket.socket, int] = {}  # by seat
        # Open connections by seat, of workers that take some; whose last was longest ago comes first.
        self._has: dict[socket.socket, int] = {}
        self._held: socket.socket | None = None  # accepted, and nobody has taken it yet
        self._resting = False
        self._told_s = -float("inf")
        self._events = selectors.DefaultSelector()

    def run(self) -> None:
        """Deal until the word to stop. A fault that is not foreseen ends the process, which nobody could reach."""
        self._events.register(self._asked, selectors.EVENT_READ)
        try:
            while self._round():
                pass
        except Exception:
            log.exception("connections are dealt no more")
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            for key in tuple(self._events.get_map().values()):
                if key.fileobj is not self._listener and isinstance(key.fileobj, socket.socket):
                    key.fileobj.close()
            if self._held is not None:
                self._held.close()
            self._events.close()

    def _round(self) -> bool:
        """Whatever has happened since the last one. False: the word to stop."""
        self._accept_if(bool(self._has) and self._held is None and not self._resting)
        happened = [key.fileobj for key, _ in self._events.select(_REST_S if self._resting else None)]
        for one in happened:
            if one not in (self._asked, self._listener) and isinstance(one, socket.socket):
                self._hear(one)
        if self._asked in happened:  # a connection that waits is there in the next round too
            return self._seat_one()
        self._resting = False
        if self._held is not None or self._listener in happened:
            self._deal()
        return True

    def _accept_if(self, wanted: bool) -> None:
        if wanted != (self._listener in self._events.get_map()):
            if wanted:
                self._events.register(self._listener, selectors.EVENT_READ)
            else:
                self._events.unregister(self._listener)

    def _seat_one(self) -> bool:
        said, seat = receive(self._asked)
        if seat is not None:
            seat.setblocking(False)
            self._give_core(seat)
            self._events.register(seat, selectors.EVENT_READ)
        elif said == SEAT:  # it was closed on the way, so that its worker ends and another is started
            self._tell("a worker was not taken on: too many open files")
        return said == SEAT

    def _give_core(self, seat: socket.socket) -> None:
        given = list(self._keeps_to.values())
        core = min(self._cores, key=given.count)
        self._cores.remove(core)
        self._cores.append(core)
        self._keeps_to[seat] = core
        with suppress(OSError):  # gone already, which it will be heard of
            seat.send(CORE.pack(core))

    def _hear(self, seat: socket.socket) -> None:
        try:
            said = seat.recv(4096)
        except BlockingIOError:
            return
        except OSError:  # gone with what it was handed
            said = b""
        if not said:
            self._events.unregister(seat)
            self._has.pop(seat, None)
            del self._keeps_to[seat]
            seat.close()
            return
        if READY in said:
            self._has[seat] = 0
        if seat in self._has:
            self._has[seat] -= said.count(ENDED)

    def _deal(self) -> None:
        try:
            if self._held is None:
                self._held, _ = self._listener.accept()
        except (BlockingIOError, ConnectionAbortedError):  # whoever came has left
            return
        except OSError as error:
            self._resting = True
            self._tell(f"no connection is accepted: {error.strerror}")
            return
        for seat in sorted(self._has, key=self._has.__getitem__):
            if _handed(self._held, seat, self._has):
                self._held.close()
                self._held = None
                return
        if self._has:
            self._resting = True
            self._tell("no worker takes connections: they wait")

    def _tell(self, what: str) -> None:
        if time.monotonic() - self._told_s > _SILENCE_S:
            self._told_s = time.monotonic()
            log.warning(what)


def _handed(connection: socket.socket, seat: socket.socket, has: dict[socket.socket, int]) -> bool:
    try:
        socket.send_fds(seat, [TAKE], [connection.fileno()])
    except (BrokenPipeError, ConnectionResetError):  # it ends: what it has it still answers
        del has[seat]
        return False
    except OSError:  # full (EAGAIN), or too many files are under way to all of them (ETOOMANYREFS)
        return False
    has[seat] = has.pop(seat) + 1
    return True
