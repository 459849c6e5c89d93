"""Penalty rows as a law file states them: who is fined how much for which band or offence, and by which clause.

Law:   the rows of parameters of shape `penalties`.
Units: fines in VND, suspensions in months, points as they are; each range is (least, most), both included.
Shape: {band or offence, subject, carriage, only, fine, organisation, points, points_if_driving, suspension, badge,
       clause}.
Gaps:  a key that is absent is not known; `none` and 0 are stated by the law.
"""

from __future__ import annotations

from math import inf
from typing import Any

from rules import intervals

SUBJECTS = ("driver", "owner", "operator", "loader", "provider")
CARRIAGES = ("passenger", "goods")
NONE = (0, 0)

_RANGES = ("fine", "organisation", "suspension", "badge")
_COUNTS = ("points", "points_if_driving")
_TEXTS = ("band", "offence", "subject", "carriage", "only", "clause")


def read_rows(rows: list[dict[str, Any]], factor: int) -> tuple[dict[str, Any], ...]:
    """The rows with their ranges read. Args: factor: VND in one printed unit. Raises ValueError that says what to mend.

    >>> read_rows([{"band": "5-10", "subject": "driver", "fine": "[0.8, 1]", "clause": "Art. 6(3)(a)"}], 1000)
    ({'band': '5-10', 'subject': 'driver', 'fine': (800, 1000), 'clause': 'Art. 6(3)(a)'},)
    """
    read = tuple(_row(row, factor) for row in rows)
    seen: set[tuple[Any, ...]] = set()
    for row in read:
        key = (row.get("band"), row.get("offence"), row["subject"], row.get("carriage"), row.get("only"))
        if key in seen:
            raise ValueError(f"penalty of {name(row)} stands twice; keep one")
        seen.add(key)
    return read


def name(row: dict[str, Any]) -> str:
    """What a row is called where it is printed or complained of: "driver 10-20", "driver (goods) over_time"."""
    carriage = f" ({row['carriage']})" if "carriage" in row else ""
    return f"{row['subject']}{carriage} {row.get('band') or row.get('offence')}"


def _row(row: dict[str, Any], factor: int) -> dict[str, Any]:
    if unknown := sorted(map(str, set(row) - {*_RANGES, *_COUNTS, *_TEXTS})):
        raise ValueError(f"key {unknown[0]!r} is not known in a penalty; mend it or remove it")
    for key in _TEXTS:
        if key in row and not (isinstance(row[key], str) and row[key]):
            raise ValueError(f"{key} {row[key]!r} of a penalty is no text; put it in quotes")
    if ("band" in row) == ("offence" in row):
        raise ValueError("a penalty names either the band of a finding or an offence; write one of the two")
    if row.get("subject") not in SUBJECTS:
        raise ValueError(f"subject {row.get('subject')!r} is not known; write one of: {', '.join(SUBJECTS)}")
    if row.get("carriage", CARRIAGES[0]) not in CARRIAGES:
        raise ValueError(f"carriage {row['carriage']!r} is not known; write one of: {', '.join(CARRIAGES)}")
    try:
        return _figures(row, factor)
    except ValueError as error:
        raise ValueError(f"penalty of {name(row)}: {error}") from None


def _figures(row: dict[str, Any], factor: int) -> dict[str, Any]:
    if not row.get("clause", "").startswith("Art. "):
        raise ValueError("clause is missing; write the article and clause, such as Art. 6(3)(a)")
    if "fine" not in row:
        also = "; organisation stands beside the fine of a person" if "organisation" in row else ""
        raise ValueError(f'fine is missing; write that of a person, such as "[4, 6]"{also}')
    if "organisation" in row and row["subject"] == "driver":
        raise ValueError("a driver is a person; remove organisation")
    read = dict(row)
    for key in _RANGES:
        if key in row:
            read[key] = _range(key, row[key], factor if key in ("fine", "organisation") else 1)
    for key in _COUNTS:
        if key in row and (intervals.whole(row[key], 1) < 0 or not isinstance(row[key], int)):
            raise ValueError(f"{key} {row[key]!r}: write a whole number, 0 where the law takes none")
    if read.get("organisation", read["fine"]) < read["fine"]:
        raise ValueError("an organisation is fined less than a person; mend one of the two")
    return read


def _range(key: str, text: Any, factor: int) -> tuple[int, int]:
    if text == "none" and key in ("suspension", "badge"):
        return NONE
    read = intervals.parse(str(text), factor)
    if read.high == inf or not (read.low_in and read.high_in):
        raise ValueError(f'{key} {text!r}: both ends belong to it; write it as "[4, 6]"')
    return read.low, int(read.high)
