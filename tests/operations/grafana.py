"""Queries as Grafana sends them: macros of its PostgreSQL source and variables, expanded as it expands them.

After pkg/tsdb/grafana-postgresql-datasource/macros.go: a macro is `$name(arguments)`, its arguments hold no closing
bracket and are parted by commas. Variables of several values become 'a','b'; one value stands as it is, quotes doubled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

_MACRO = re.compile(r"\$([_a-zA-Z0-9]+)\(([^)]*)\)")
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::\w+)?\}|(\w+))")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class Range(NamedTuple):
    start: int  # Unix s
    end: int


def expanded(sql: str, shown: Range, timescale: bool, values: Mapping[str, str | Sequence[str]]) -> str:
    """Raises ValueError for a macro that Grafana does not know, KeyError for a variable that the board has not."""

    def macro(found: re.Match[str]) -> str:
        name, arguments = found[1], [one.strip() for one in found[2].split(",")]
        if name == "__timeGroup" and sql[found.end() : found.end() + 1] == ",":
            name = "__timeGroupAlias"
        return _macro(name, arguments, shown, timescale)

    def variable(found: re.Match[str]) -> str:
        value = values[found[1] or found[2]]
        if isinstance(value, str):
            return value.replace("'", "''")
        return ",".join("'" + one.replace("'", "''") + "'" for one in value)

    # The browser puts variables in before the server expands the macros, whose names begin with two underscores.
    with_values = _VARIABLE.sub(lambda found: found[0] if (found[2] or "").startswith("__") else variable(found), sql)
    return _MACRO.sub(macro, with_values)


def _macro(name: str, arguments: list[str], shown: Range, timescale: bool) -> str:
    first = arguments[0]
    start, end = (datetime.fromtimestamp(one, UTC).strftime("'%Y-%m-%dT%H:%M:%SZ'") for one in shown)
    match name:
        case "__timeFilter":
            return f"{first} BETWEEN {start} AND {end}"
        case "__timeFrom":
            return start
        case "__timeTo":
            return end
        case "__unixEpochNanoFrom":
            return str(shown.start * 10**9)
        case "__unixEpochNanoTo":
            return str(shown.end * 10**9)
        case "__timeGroup":
            width = arguments[1].strip("'")
            seconds = int(width[:-1]) * _SECONDS[width[-1]]
            if timescale:
                return f"time_bucket('{seconds:.3f}s',{first})"
            return f"floor(extract(epoch from {first})/{seconds})*{seconds}"
        case "__timeGroupAlias":
            return _macro("__timeGroup", arguments, shown, timescale) + ' AS "time"'
    raise ValueError(f"Grafana's PostgreSQL source has no macro ${name}")


def panels(board: Mapping[str, Any], source: str) -> list[dict[str, Any]]:
    """Panels of a board whose data come from a source of this uid."""
    return [one for one in board["panels"] if one["datasource"]["uid"] == source]
