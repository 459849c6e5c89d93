"""What takes long, held back until a test lets it end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


class Held[T]:
    """Files or packages that are not finished until they may; how many were being made at the most."""

    def __init__(self, make: Callable[..., T]) -> None:
        self._make, self._lock = make, threading.Lock()
        self.begun, self.may_end = threading.Semaphore(0), threading.Event()
        self.now = self.most = 0

    def __call__(self, *arguments: Any) -> T:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.begun.release()
        assert self.may_end.wait(60)
        made = self._make(*arguments)
        with self._lock:
            self.now -= 1
        return made
