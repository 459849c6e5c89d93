"""A process that hands rows in as fast as they are written, eight at a time, and says of each that it is on disk.

python -m tests.people.recorder URL NAME
"""

from __future__ import annotations

import sys
from itertools import count
from threading import Lock, Thread

from storage.audit.group import recording
from storage.audit.log import By, What, row_of

THREADS = 8


def main() -> None:
    url, name = sys.argv[1:]
    numbers, lock = count(), Lock()
    with recording(url, 10, "test") as recorder:

        def ask() -> None:
            while True:
                with lock:
                    subject = f"{name}-{next(numbers)}"
                recorder.hand_in([row_of(By(None, "here"), What.SEARCH, subject)]).result()
                with lock:
                    print(subject, flush=True)

        for _ in range(THREADS):
            Thread(target=ask, daemon=True).start()
        sys.stdin.read()


if __name__ == "__main__":
    main()
