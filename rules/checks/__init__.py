"""The rules, one file each, found by listing this folder: a new rule is one new file with a RULE, and its cases."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from rules.law import Law
from rules.lawfile import LawError
from rules.scene import Rule


@cache
def all_rules() -> tuple[Rule[Any], ...]:
    """Every rule, in order of its id."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    return tuple(sorted((rule for module in modules for rule in module.RULES), key=lambda rule: rule.id))


def rules_of(floor: str) -> tuple[Rule[Any], ...]:
    return tuple(rule for rule in all_rules() if rule.floor == floor)


def verify(law: Law) -> None:
    """Refuse a law folder that lacks a figure some rule rests on."""
    for rule in all_rules():
        for path in rule.uses:
            known = path.removeprefix("method.") in law.method if path.startswith("method.") else path in law.parameters
            if not known:
                raise LawError(f"rule {rule.id} needs {path}, which no law or method file states; add it")
