"""A picture of a board over a store: its queries, expanded as Grafana does, asked as the role of readers, as SVG.

    python -m tests.operations.picture STORE BOARD WEEK > board.svg

It shows the data of the panels, not Grafana's own drawing of them. STORE: the data folder of a store (demo/store);
BOARD: a file of dashboards/grafana; WEEK: as 2026-W10. docs/pictures/board-*.svg are made so by `make pictures`.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from dashboards.boards import JSON
from dashboards.parts import STORE
from journey.localtime import parse_week
from storage.database import Connection, connect
from storage.roles import apply_roles
from storage.server.embedded import open_embedded
from tests.operations.grafana import Range, expanded, panels

_COLUMN, _ROW, _GAP, _TITLE = 50, 38, 8, 34  # px of Grafana's grid of 24 columns
_COLOURS = ("#3274d9", "#e0752d", "#56a64b", "#a352cc", "#e02f44", "#b7950b", "#0f8a8a", "#705da0", "#555555")
_LINES_MAX, _DOTS_MAX = 9, 31


def draw(connection: Connection, board: dict[str, Any], shown: Range) -> str:
    """The board as SVG. The connection may only read."""
    values: dict[str, Any] = {}
    for one in board["templating"]["list"]:
        found = connection.execute(expanded(one["query"], shown, False, {}).encode()).fetchall()
        values[one["name"]] = [row[0] for row in found] if one.get("multi") else found[0][0]
    parts, bottom = [], 0
    for panel in panels(board, STORE.uid or ""):
        if not panel.get("targets"):
            continue
        cursor = connection.execute(expanded(panel["targets"][0]["rawSql"], shown, False, values).encode())
        names, rows = [column.name for column in cursor.description or ()], cursor.fetchall()
        at = panel["gridPos"]
        x, y, w, h = at["x"] * _COLUMN, at["y"] * _ROW + _TITLE, at["w"] * _COLUMN - _GAP, at["h"] * _ROW - _GAP
        bottom = max(bottom, y + h)
        inside = {"stat": _stat, "timeseries": _series}.get(panel["type"], _table)(names, rows, w, h)
        parts.append(
            f'<g transform="translate({x},{y})"><rect width="{w}" height="{h}" fill="#fff" stroke="#ccc"/>'
            f'<text x="8" y="18" font-weight="bold">{escape(panel["title"])}</text>{inside}</g>'
        )
    width = 24 * _COLUMN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 0 {width + 8} {bottom + _GAP}" width="{width}" '
        f'font-family="sans-serif" font-size="12">'
        f'<rect x="-8" width="{width + 8}" height="{bottom + _GAP}" fill="#f4f5f5"/>'
        f'<text x="0" y="22" font-size="18" font-weight="bold">{escape(board["title"])}</text>{"".join(parts)}</svg>\n'
    )


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return value.strftime("%d/%m %H:%M")
    if isinstance(value, bool | str):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def _stat(names: list[str], rows: list[Any], w: int, h: int) -> str:
    said = _shown(rows[0][-1]) if rows else "–"
    return (
        f'<text x="{w / 2}" y="{h / 2 + 20}" font-size="28" text-anchor="middle" fill="#1f60c4">{escape(said)}</text>'
    )


def _series(names: list[str], rows: list[Any], w: int, h: int) -> str:
    lines: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        time = row[0].timestamp() if isinstance(row[0], datetime) else float(row[0])
        texts = [str(value) for value in row[1:] if isinstance(value, str)]
        for name, value in zip(names[1:], row[1:], strict=True):
            if value is not None and not isinstance(value, str):
                lines.setdefault(texts[0] if texts else name, []).append((time, float(value)))
    points = [point for line in lines.values() for point in line]
    if not points:
        return _stat([], [], w, h)
    first, last = min(x for x, _ in points), max(x for x, _ in points)
    top = max(y for _, y in points) or 1.0
    left, low, high = 56.0, h - 52.0, 32.0

    def place(x: float, y: float) -> str:
        return f"{left + (x - first) / ((last - first) or 1) * (w - left - 16):.1f},{low - y / top * (low - high):.1f}"

    parts = [f'<path d="M{left} {high}V{low}H{w - 16}" fill="none" stroke="#999"/>']
    for y, value in ((high, top), (low, 0.0)):
        parts.append(f'<text x="{left - 4}" y="{y + 4}" text-anchor="end">{_shown(value)}</text>')
    legend, under = left, h - 8
    for number, (name, line) in enumerate(list(lines.items())[:_LINES_MAX]):
        colour = _COLOURS[number % len(_COLOURS)]
        path = " ".join(place(*point) for point in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        for point in path.split() if len(line) <= _DOTS_MAX else ():
            x, y = point.split(",")
            parts.append(f'<circle cx="{x}" cy="{y}" r="2.5" fill="{colour}"/>')
        length = 6.2 * len(name) + 12
        if legend + length > w:
            legend, under = left, under - 13
        parts.append(f'<text x="{legend:.0f}" y="{under}" fill="{colour}" font-size="11">{escape(name)}</text>')
        legend += length
    dates = (datetime.fromtimestamp(one).astimezone() for one in (first, last))
    parts += [f'<text x="{x}" y="{low + 14}" text-anchor="{anchor}" font-size="11">{one:%d/%m %H:%M}</text>'
              for x, anchor, one in zip((left, w - 16), ("start", "end"), dates, strict=True)]  # fmt: skip
    return "".join(parts)


def _table(names: list[str], rows: list[Any], w: int, h: int) -> str:
    width, parts = (w - 16) / max(1, len(names)), []
    letters = max(4, int(width / 6.5))
    for line, row in enumerate([names, *rows[: max(1, (h - 48) // 17)]]):
        weight = ' font-weight="bold"' if line == 0 else ""
        for column, value in enumerate(row):
            said = _shown(value)
            said = said if len(said) <= letters else said[: letters - 1] + "…"
            place = f'x="{8 + column * width:.0f}" y="{40 + 17 * line}"'
            parts.append(f'<text {place} font-size="11"{weight}>{escape(said)}</text>')
    return "".join(parts)


def main(store: str, board: str, week: str) -> None:
    with open_embedded(Path(store)) as url, connect(url) as connection:
        apply_roles(connection)
        connection.commit()
        connection.execute("SET ROLE hanhtrinh_reader")
        start, end = parse_week(week)
        shown = json.loads((JSON / f"{board}.json").read_text(encoding="utf-8"))
        print(draw(connection, shown, Range(start, end)), end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
