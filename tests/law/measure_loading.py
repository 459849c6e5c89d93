"""What loading the law costs: `python -m tests.law.measure_loading` prints it; the aim is below 100 ms."""

from __future__ import annotations

import time

from rules import law as rulebook

ROUNDS = 20


def seconds() -> list[float]:
    """Times of loading all files, s, in order."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        rulebook.load()
        taken.append(time.perf_counter() - start)
    return sorted(taken)


if __name__ == "__main__":
    taken = seconds()
    law = rulebook.load()
    values = sum(map(len, law.parameters.values()))
    print(f"{len(law.parameters)} parameters, {values} values: median {taken[ROUNDS // 2] * 1000:.0f} ms, "
          f"best {taken[0] * 1000:.0f} ms of {ROUNDS}")  # fmt: skip
