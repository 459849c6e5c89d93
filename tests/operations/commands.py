"""Command lines of ours in texts: whether each is one that the program has, with the options that it is given."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Any

import typer

from cli.main import app

_ROOT: Any = typer.main.get_command(app)
# In code between backquotes or in an indented or fenced line; what a shell adds behind it is left out.
_LINES = re.compile(r"`(hanhtrinh [^`\n]+)`|^\s*(?:\$ )?(hanhtrinh [^\n#|>&;`]+)", re.MULTILINE)


def fault(words: Sequence[str]) -> str | None:
    """Why a command line (without the program's name) is none of ours; None: it is one."""
    command, left = _ROOT, list(words)
    while left:
        word = left.pop(0)
        options = {name: one for one in command.params for name in (*one.opts, *one.secondary_opts)}
        if word.startswith("--"):
            name, _, value = word.partition("=")
            if name not in options and name != "--help":
                return f"{' '.join(words)}: there is no {name}"
            if name in options and not value and not getattr(options[name], "is_flag", False) and left:
                left.pop(0)
        elif hasattr(command, "commands"):
            if word not in command.commands:
                return f"{' '.join(words)}: there is no command {word}"
            command = command.commands[word]
        elif not any(one.param_type_name == "argument" for one in command.params):
            return f"{' '.join(words)}: {word} is one word too many"
    return None


def faults_of(text: str) -> list[str]:
    """The command lines of a text that are none of ours."""
    found = [one[0] or one[1] for one in _LINES.findall(text)]
    split = (shlex.split(re.split(r"[;|>&…]| \.\.\.", line, maxsplit=1)[0], comments=True)[1:] for line in found)
    return [said for words in split if (said := fault(words)) is not None]
