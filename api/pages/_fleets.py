"""Fleets of operators as the registry has them, kept in this process until the registry changes."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

from journey.registry import Registration
from rules.registered import Span, spans
from rules.weighings.masses import TOWED
from storage.database import Connection
from storage.pages.operator import registrations

_ROWS_MAX = 20_000  # that are kept, of all operators: 13 MB, more than a province has vehicles


class Fleet(NamedTuple):
    """rows: of all vehicles that were the operator's at any time. own: the days on which they were.

    numbers: of the vehicles, by plate. sending: plates by number, of those that were ever registered for it as one that
    has a recorder.
    """

    rows: tuple[Registration, ...]
    own: list[Span]
    numbers: dict[str, int]
    sending: dict[int, str]


class Fleets:
    """For several threads."""

    def __init__(self, rows_max: int = _ROWS_MAX) -> None:
        self._lock, self._rows_max = Lock(), rows_max
        self._kept: OrderedDict[str, tuple[int, Fleet]] = OrderedDict()  # the one that was asked for last comes last
        self._rows = 0

    def fleet(self, connection: Connection, operator: str, version: int) -> Fleet:
        """version: of the registry, read before on this connection: what is read now is as new, or newer.

        What is newer is kept as that version's: whoever asks next names the newer one, and it is read anew.
        """
        with self._lock:
            kept = self._kept.get(operator)
            if kept is not None and kept[0] == version:
                self._kept.move_to_end(operator)
                return kept[1]
        fleet = _read(connection, operator)
        with self._lock:
            self._forget(operator)
            self._kept[operator] = version, fleet
            self._rows += len(fleet.rows)
            while self._rows > self._rows_max:
                self._forget(next(iter(self._kept)))
        return fleet

    def _forget(self, operator: str) -> None:
        if operator in self._kept:
            self._rows -= len(self._kept.pop(operator)[1].rows)


def _read(connection: Connection, operator: str) -> Fleet:
    rows, numbers = registrations(connection, operator)
    own = [one for one in spans(rows) if one.row.operator == operator]
    sending = {row.plate for row in rows if row.operator == operator and row.kind not in TOWED}
    return Fleet(tuple(rows), own, numbers, {numbers[plate]: plate for plate in sorted(sending)})
