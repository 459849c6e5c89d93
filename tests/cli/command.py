"""The installed command, run as its users run it."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from cli.main import main

COMMAND = Path(sys.executable).with_name("hanhtrinh")


class Done(NamedTuple):
    code: int
    out: str
    err: str


def environment(**settings: str) -> dict[str, str]:
    """The environment of this process, with these settings of the command and no others."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("HANHTRINH_")}
    return {**plain, "COLUMNS": "500", "TERM": "dumb", **{f"HANHTRINH_{name}": text for name, text in settings.items()}}


def hanhtrinh(*arguments: str | Path, cwd: Path, **settings: str) -> Done:
    """Run the command to its end. Settings by name, such as DATABASE_URL."""
    done = subprocess.run(
        [COMMAND, *arguments], cwd=cwd, env=environment(**settings), capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


def called(*arguments: str | Path, **settings: str) -> Done:
    """What the command's entry does in this process: a second sooner than `hanhtrinh`, for long lists of mistakes."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.setattr(sys, "argv", ["hanhtrinh", *map(str, arguments)])
        for name in filter(lambda name: name.startswith("HANHTRINH_"), tuple(os.environ)):
            patch.delenv(name)
        for name, text in settings.items():
            patch.setenv(f"HANHTRINH_{name}", text)
        with pytest.raises(SystemExit) as stop:
            main()
    out.seek(0)
    return Done(int(stop.value.code or 0), out.read(), err.getvalue())


def refused(done: Done, *parts: str) -> None:
    """The command said what is wrong, and nothing else: status 2, one message, no output, no traceback."""
    assert (done.code, done.out) == (2, ""), done
    assert "Traceback" not in done.err
    last = done.err.strip().splitlines()[-1]
    assert last.startswith("hanhtrinh: ")
    for part in parts:
        assert part in last, f"{part!r} is not in {last!r}"
