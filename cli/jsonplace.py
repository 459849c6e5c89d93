"""On which line of a JSON file something stands. For messages alone: it reads the file once more, and slowly."""

from __future__ import annotations

from collections.abc import Sequence

import yaml


def line_of(content: bytes, place: Sequence[int | str]) -> int | None:
    """The line, from 1, of the value that keys and indices lead to, or of the last of them that is there.

    None where the content is no JSON. JSON is YAML but for tabs between its parts, which YAML does not take.
    """
    try:
        node = yaml.compose(content.decode("utf-8-sig").replace("\t", " "), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        return None
    if node is None:
        return None
    for part in place:
        inner = _inner(node, part)
        if inner is None:
            break
        node = inner
    return int(node.start_mark.line) + 1


def _inner(node: yaml.Node, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        found: yaml.Node = node.value[part]
        return found
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                inner: yaml.Node = value
                return inner
    return None
