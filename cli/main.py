"""The command `hanhtrinh`: the composition root, which alone sees every package."""

from __future__ import annotations

import sys

import typer

from cli import evaluate
from cli.reference import InputError
from rules.lawfile import LawError

app = typer.Typer(
    name="hanhtrinh",
    help="Journey-recorder streams to findings and weekly enforcement lists.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(evaluate.evaluate)


@app.callback()
def _root() -> None:
    """A command group even while it holds one command."""


BAD_INPUT = 2
STOPPED = 130


def main() -> None:
    """Run a command. Exit 2: bad input or settings, said on standard error; 130: interrupted, in a sound state."""
    try:
        app()
    except (InputError, LawError) as error:
        print(f"hanhtrinh: {error}", file=sys.stderr)
        sys.exit(BAD_INPUT)
    except KeyboardInterrupt:
        print("hanhtrinh: interrupted; what was committed stands", file=sys.stderr)
        sys.exit(STOPPED)
