"""Which registered plates one that was read wrong by a character may stand for. Suggested, never put in its place.

Letters and digits that readers take for each other come first; where nothing alike is on file, nothing is suggested.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from journey.plates import UNREAD, solid

# What readers of plates take for each other by their shapes.
_ALIKE = ("0ODQ", "1ILT7", "2Z", "3B8", "4A", "5S", "6G", "8B", "CG", "HNM", "UV", "EF", "PR", "KX")
_CONFUSED = frozenset(frozenset((a, b)) for group in _ALIKE for a in group for b in group if a != b)


class Suggestion(NamedTuple):
    plate: str
    confusable: bool  # the two characters are of those that readers confuse
    how: str  # "8 read for B at 4", "a character too many", "a character missing"


class PlateIndex:
    """Registered plates by what is left of them without one character. Building: about 10 entries a plate."""

    def __init__(self, plates: Iterable[str]) -> None:
        self._known = frozenset(plates)
        self._without: dict[tuple[int, str], set[str]] = defaultdict(set)
        self._shorter: dict[str, set[str]] = defaultdict(set)
        for plate in self._known:
            for place in range(len(plate)):
                left = plate[:place] + plate[place + 1 :]
                self._without[place, left].add(plate)
                self._shorter[left].add(plate)

    def suggest(self, read: str) -> list[Suggestion]:
        """Registered plates one character away, confusable ones first; none for a plate that is on file itself."""
        if read == UNREAD or read in self._known:
            return []
        read = solid(read) or read
        found: dict[str, Suggestion] = {}
        for place in range(len(read)):
            left = read[:place] + read[place + 1 :]
            for plate in self._without.get((place, left), ()):
                alike = frozenset((read[place], plate[place])) in _CONFUSED
                how = f"{read[place]} read for {plate[place]} at {place + 1}"
                found.setdefault(plate, Suggestion(plate, alike, how))
            if left in self._known:
                found.setdefault(left, Suggestion(left, False, "a character too many"))
        for plate in self._shorter.get(read, ()):
            found.setdefault(plate, Suggestion(plate, False, "a character missing"))
        found.pop(read, None)
        return sorted(found.values(), key=lambda one: (not one.confusable, one.plate))
