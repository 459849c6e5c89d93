"""How many messages a broker sends before it waits for acknowledgements: a limit of its own shows by how it sends."""

from __future__ import annotations

from dataclasses import dataclass

_SMALL = 10_000  # a window below this can bound the rate
_PROMPT_S = 0.1
_TURNS = 8


@dataclass(slots=True)
class Window:
    """Messages in flight, and whether they are bounded by something other than what is published.

    They are, where again and again an acknowledgement is answered at once by just as many messages as fill the window
    up to where it stood, and by no more until the next acknowledgement.
    """

    ours: int  # the limit that we named to the broker
    in_flight: int = 0
    _stood_at: int = 0
    _turns: int = 0
    _acknowledged: float = 0.0
    _arrived: float = 0.0
    _told: bool = False

    def received(self, count: int, now_s: float) -> None:
        self.in_flight += count
        self._arrived = now_s

    def acknowledged(self, count: int, now_s: float) -> int | None:
        """Take note; returns the broker's limit where it has shown, once."""
        full = (
            self.in_flight == self._stood_at and self._acknowledged <= self._arrived <= self._acknowledged + _PROMPT_S
        )
        self._turns = self._turns + 1 if full else 0
        self._stood_at, self._acknowledged = self.in_flight, now_s
        self.in_flight -= count
        if self._told or self._turns < _TURNS or self._stood_at >= min(_SMALL, self.ours):
            return None
        self._told = True
        return self._stood_at
