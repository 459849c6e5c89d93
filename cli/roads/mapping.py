"""How the columns of an authority's file name what a road states: a small TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from cli.reference import InputError, RoadProperties

type Cell = str | int | float | bool | None


class Mapping(BaseModel):
    """fields: our name -> column of the file. values: our name -> {what the file writes: what we write}.

    drop: column -> values; features with one of them are left out. unknown: column -> values that say nothing.
    assume: our name -> value where the file states none; it is flagged as assumed. duplicates: what of several features
    with one id; `number` makes them id, id~2, id~3 in the order of the file.
    """

    model_config = ConfigDict(extra="forbid")

    fields: dict[str, str] = {}
    values: dict[str, dict[str, Cell]] = {}
    drop: dict[str, list[Cell]] = {}
    unknown: dict[str, list[Cell]] = {}
    assume: dict[str, Cell] = {}
    duplicates: Literal["refuse", "number"] = "refuse"

    def dropped(self, properties: dict[str, Any]) -> bool:
        return any(properties.get(column) in values for column, values in self.drop.items())

    def read(self, properties: dict[str, Any]) -> dict[str, Any]:
        """What a feature states, by our names. A name that is not mapped is looked for as it is."""
        stated: dict[str, Any] = {}
        for name in RoadProperties.model_fields:
            column = self.fields.get(name, name)
            if column not in properties or properties[column] in self.unknown.get(column, ()):
                continue
            value = properties[column]
            stated[name] = self.values.get(name, {}).get(str(value), value)
        return stated


def read_mapping(path: Path | None) -> Mapping:
    """Raises InputError naming the file and the key."""
    if path is None:
        return Mapping()
    try:
        read = Mapping.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: is no TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    known = RoadProperties.model_fields
    for part, names in (("fields", read.fields), ("values", read.values), ("assume", read.assume)):
        if wrong := sorted(set(names) - set(known)):
            raise InputError(f"{path}: {part}.{wrong[0]}: a road has no such field; there are {', '.join(known)}")
    return read
