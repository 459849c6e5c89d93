"""Tables as commands print them: as wide as a terminal, and in full where a file or another program reads them."""

from __future__ import annotations

import sys

from rich.console import Console, RenderableType

_WIDE = 10_000


def print_table(table: RenderableType) -> None:
    """Print a table as it is: nothing in it is read as markup."""
    Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False, markup=False).print(table)
