"""The matcher's process: `python -m cli.matching.child SETTINGS`. A line of JSON in, a line of JSON out.

A process of its own, since a fault in the library's C++ ends the process that it happens in.
"""

from __future__ import annotations

import json
import os
import sys

import valhalla


def main(settings: str) -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever the library prints is no answer
    actor = valhalla.Actor(settings)
    for line in sys.stdin:
        try:
            answer = actor.trace_attributes(line)
        except (RuntimeError, ValueError) as error:  # no road near, or a request that it refuses
            answer = json.dumps({"error": str(error)})
        answers.write(answer.strip() + "\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])
