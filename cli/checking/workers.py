"""Several processes that judge side by side under one parent, which hears what they did and starts lost ones again.

They share nothing but the store: each window is one worker's (storage.windows.take). A worker that is killed leaves
what it had to the others. Each has a pipe of its own, so that none can block the others by its death.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from contextlib import suppress
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from typing import NamedTuple

from cli.checking.following import Said, Stop, Told, judge_once, keep_judging
from cli.checking.windows import Checked
from cli.logs import begin_logging
from cli.root import code_version, law_of
from journey.settings import Settings
from storage.errors import MigrationRefused

_RESTART_S = 1.0
_LOOK_S = 0.2
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
log = logging.getLogger(__name__)
_processes = multiprocessing.get_context("spawn")


class _Worker(NamedTuple):
    process: multiprocessing.process.BaseProcess
    pipe: Pipe


def run_workers(url: str, settings: Settings, number: int, every_s: float | None, stop: Stop, told: Told) -> list[int]:
    """Run so many workers; returns the signals or statuses of those that ended otherwise than well.

    They end when nothing waits, or where `every_s` is given when `stop` says so; one that is lost before is then
    started again. A stop lets every worker finish its round. Raises MigrationRefused where one found the store of
    another version.
    """
    lost: list[int] = []
    workers = [_start(url, settings, every_s) for _ in range(number)]
    told_to_stop = False
    try:
        while workers:
            wait([worker.process.sentinel for worker in workers] + [one.pipe for one in workers if not one.pipe.closed],
                 _LOOK_S)  # fmt: skip
            for worker in workers:
                _hear(worker, told)
            if stop() and not told_to_stop:
                told_to_stop = True
                for worker in workers:
                    worker.process.terminate()
            for worker in [one for one in workers if not one.process.is_alive()]:
                _hear(worker, told)
                workers.remove(worker)
                code = worker.process.exitcode or 0
                if code and not told_to_stop:
                    lost.append(code)
                    log.error("a worker ended with %d: what it had waits for the others", code)
                if every_s is not None and not stop():
                    time.sleep(_RESTART_S)
                    workers.append(_start(url, settings, every_s))
    finally:
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            worker.process.join()
    return lost


def _hear(worker: _Worker, told: Told) -> None:
    """All that it has said and nobody has heard. Raises MigrationRefused where it was refused."""
    try:
        while not worker.pipe.closed and worker.pipe.poll():
            said: Said = worker.pipe.recv()
            if said.refused:
                raise MigrationRefused(said.refused)
            told(said)
    except (EOFError, OSError):  # it has ended, or was killed in the middle of a word
        worker.pipe.close()


def _start(url: str, settings: Settings, every_s: float | None) -> _Worker:
    os.environ.setdefault("POLARS_MAX_THREADS", "1")  # for the new process: a worker a core is what was asked for
    ours, theirs = _processes.Pipe(duplex=False)
    process = _processes.Process(target=_work, args=(url, settings, every_s, theirs), name="hanhtrinh check")
    # What would end it before it can listen waits until it does: Ctrl-C reaches the parent, which says when to stop.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    theirs.close()
    return _Worker(process, ours)


def _work(url: str, settings: Settings, every_s: float | None, pipe: Pipe) -> None:
    """One worker. It ends after its round on SIGTERM, and when nobody reads its pipe any more."""
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    begin_logging(settings)
    law, code = law_of(settings), code_version()
    with suppress(BrokenPipeError):
        try:
            if every_s is None:
                judge_once(url, law, code, settings.tiles_folder, lambda: stopped, pipe.send)
            else:
                keep_judging(url, law, code, every_s, settings.tiles_folder, lambda: stopped, pipe.send)
        except MigrationRefused as error:
            pipe.send(Said(Checked(), refused=str(error)))
