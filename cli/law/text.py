"""Dated values of the law as words: one item for a number or a text, one for each cell, band, clause or penalty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from rules.law import Dated, Law
from rules.lawfile import NOT_KNOWN
from rules.penalties import name

_LABELS = ("kinds", "axles", "axles_min", "seats_max", "payload_kg_max", "liquid_tank", "span", "kingpin", "containers",
           "otherwise")  # fmt: skip
_PENALTIES = (("points", "points"), ("suspension", "licence suspended"), ("badge", "badge suspended"))


class Item(NamedTuple):
    """One figure of a value: which one, what it says as printed with its unit, and where in the law it stands."""

    label: str
    figure: str
    source: str


def items(dated: Dated, law: Law) -> list[Item]:
    """What a value says, figure by figure, in the order of its file."""
    about = law.about[dated.path]
    unit = "" if dated.unit == "none" else f" {dated.unit}"
    if dated.value is None:
        return [Item("", NOT_KNOWN, dated.citation)]
    if about.shape in ("number", "text"):
        return [Item("", f"{dated.printed}{unit}", dated.citation)]
    if about.shape == "table":
        return [Item(label, f"{cell}{unit}", dated.citation) for label, cell in _cells(dated.printed)]
    if about.shape == "penalties":
        return [Item(_penalised(row), _penalty(row, dated), source(dated, row)) for row in dated.printed]
    of = "" if (about.of or dated.unit) == "none" else f" {about.of or dated.unit}"
    return [Item(_label(row, of), _figure(row, unit, of), source(dated, row)) for row in dated.printed]


def source(dated: Dated, row: dict[str, Any]) -> str:
    """Citation of one row: the act, or its article, and the clause that the row names."""
    clause = row.get("clause", "")
    return f"{dated.citation}, {clause}" if clause.startswith("Art. ") else f"{dated.citation}{clause}"


def _cells(table: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, cell in table.items():
        if isinstance(cell, dict):
            yield from _cells(cell, f"{before}{key} ")
        else:
            yield f"{before}{key}", cell


def _label(row: dict[str, Any], of: str) -> str:
    if "band" in row:
        return str(row["band"])
    if "interval" in row:
        return f"{row['interval']}{of}"
    return ", ".join(_named(key, row[key], of) for key in _LABELS if key in row)


def _named(key: str, value: Any, of: str) -> str:
    if isinstance(value, list):
        return f"{key} {' or '.join(map(str, value))}"
    if value is True:
        return key
    return f"{key} {value}{of if key in ('span', 'kingpin') else ''}"


def _figure(row: dict[str, Any], unit: str, of: str) -> str:
    said = [f"{row['interval']}{of}"] if "band" in row and "interval" in row else []
    said += [f"{row['limit']}{unit}"] if "limit" in row else []
    said += [f"class {row['class']}"] if "class" in row else []
    said += [f"{key}: {', '.join(row[key])}" for key in ("fined", "bands") if key in row]
    return "; ".join(said)


def _penalised(row: dict[str, Any]) -> str:
    return f"{name(row)}, {row['only']}" if "only" in row else name(row)


def _penalty(row: dict[str, Any], dated: Dated) -> str:
    """Fine of a person / of an organisation; points; suspensions. What the law states for others only is not known."""
    fines = " / ".join(_ends(row[key]) for key in ("fine", "organisation") if key in row)
    said = [f"{fines} {dated.unit}"]
    for key, title in _PENALTIES:
        if key in row:
            said.append(f"{title} {_ends(row[key])}{' months' if '[' in str(row[key]) else ''}")
        elif any(key in other for other in dated.printed if other["subject"] == row["subject"]):
            said.append(f"{title} {NOT_KNOWN}")
    if "points_if_driving" in row:
        said.append(f"points {row['points_if_driving']} if the owner drives")
    return "; ".join(said)


def _ends(interval: Any) -> str:
    return str(interval).strip("[]").replace(", ", "-")
