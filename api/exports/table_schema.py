"""Columns of published tables described for programs: Frictionless Table Schema and Data Package (v1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson


class Field(NamedTuple):
    """A column: name, type of the Table Schema, what it holds, its unit where it has one."""

    name: str
    type: str
    description: str
    unit: str | None = None
    required: bool = False


def schema(fields: Sequence[Field], key: str | None = None) -> dict[str, Any]:
    """The Table Schema of columns; `key`: the column that tells rows apart."""
    described = []
    for field in fields:
        one: dict[str, Any] = {"name": field.name, "type": field.type, "description": field.description}
        if field.type == "datetime":
            one["format"] = "%Y-%m-%dT%H:%M:%S%z"
        if field.unit:
            one["unit"] = field.unit
        if field.required:
            one["constraints"] = {"required": True}
        described.append(one)
    return {"fields": described} | ({"primaryKey": key} if key else {})


def table(
    name: str, title: str, fields: Sequence[Field], rows: Sequence[Sequence[Any]], key: str | None
) -> dict[str, Any]:
    """A resource that holds its rows; cells in the order of the fields."""
    names = [field.name for field in fields]
    return {
        "name": name,
        "title": title,
        "profile": "tabular-data-resource",
        "schema": schema(fields, key),
        "data": [dict(zip(names, row, strict=True)) for row in rows],
    }


def package_bytes(package: dict[str, Any]) -> bytes:
    """The file of a Data Package: JSON in UTF-8; the same content gives the same bytes."""
    return orjson.dumps(package, option=orjson.OPT_APPEND_NEWLINE)
