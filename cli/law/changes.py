"""What changed in the law between two dates, figure by figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cli.law.text import Item, items
from rules.law import Law


class Change(NamedTuple):
    """One figure that differs. kind: new, gone, changed, or source (the same figure under another act or clause)."""

    kind: str
    parameter: str
    item: str
    before: str
    after: str
    source_before: str
    source_after: str


def changes(law: Law, before: int, after: int) -> list[Change]:
    """Changes between two instants (Unix s), in order of parameter, the figures in that of their file."""
    found: list[Change] = []
    for path in sorted(law.parameters):
        old, new = _items(law, path, before), _items(law, path, after)
        for label in [*old, *(label for label in new if label not in old)]:
            found += _compared(path, label, old.get(label), new.get(label))
    return found


def _compared(path: str, label: str, old: Item | None, new: Item | None) -> Iterator[Change]:
    if old == new:
        return
    kind = "new" if old is None else "gone" if new is None else "changed" if old.figure != new.figure else "source"
    old, new = old or Item(label, "", ""), new or Item(label, "", "")
    yield Change(kind, path, label, old.figure, new.figure, old.source, new.source)


def _items(law: Law, path: str, time: int) -> dict[str, Item]:
    dated = law.at(path, time)
    return {} if dated is None else {item.label: item for item in items(dated, law)}
