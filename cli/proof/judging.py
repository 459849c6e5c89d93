"""The proof's windows, judged by the check that follows the store: between its rounds, whatever its backlog."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import psycopg

from cli.checking.windows import Checked, check
from rules.law import Law
from storage.database import Connection, connect
from storage.errors import MigrationRefused, StoreUnavailable
from storage.proofstore import proof_exists, proof_url, up_to_date

_LOOK_S = 5.0
_RETRY_S = 60.0
_ROUND_WINDOWS = 64  # so that a round of the store's own waits little
log = logging.getLogger(__name__)


class ProofJudge:
    """Of one worker. What it judges is counted nowhere but in the proof's own result."""

    def __init__(self, url: str, law: Law, code_version: str) -> None:
        self._url, self._law, self._code_version = url, law, code_version
        self._there: Connection | None = None
        self._next = 0.0

    def look(self, store: Connection, after_round: Callable[[], object]) -> None:
        """Judge what waits in the proof's database, where there is one; at most every few seconds.

        Args: store: to ask whether there is one. after_round: called after each round; what it raises comes out.
        A fault of the proof's database never stops the judging of the store's: it is logged, and the proof fails.
        """
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _LOOK_S
        try:
            if self._there is None:
                if not proof_exists(store):
                    self._next = time.monotonic() + _RETRY_S
                    return
                self._there = connect(proof_url(self._url), "hanhtrinh check")
            if not up_to_date(self._there):
                raise MigrationRefused("the proof's database lacks migrations; the next proof applies them")

            def done(_: Checked) -> None:
                after_round()

            check(self._there, self._law, self._code_version, done, _ROUND_WINDOWS)
        except (StoreUnavailable, MigrationRefused, psycopg.Error) as error:
            log.warning("the self-proof is not judged: %s", error)
            self.close()
            self._next = time.monotonic() + _RETRY_S

    def close(self) -> None:
        if self._there is not None:
            self._there.close()
            self._there = None
