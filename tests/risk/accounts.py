"""Accounts made by hand: so much driven, so much found."""

from __future__ import annotations

from datetime import date
from typing import Any

from journey.localtime import number_of
from rules.risk.accounts import RECORD, Account, Check, Infringement, monday

AS_OF = date(2026, 3, 31)
WEEK = monday(number_of(date(2026, 3, 2)))
KM = 1_000_000  # mm


def of_checks(checks: list[dict[str, Any]]) -> Account:
    """An account of weeks on record: the day, the vehicles looked at, what was found by severity."""
    account = Account()
    for one in checks:
        day = number_of(date.fromisoformat(str(one["day"])))
        account.vehicles[Check(RECORD, monday(day), None)] += one["vehicles"]
        for severity, count in one.get("found", {}).items():
            account.found[Infringement(day, "speeding", severity, None)] += count
    return account


def driven(km: float, **found: int) -> Account:
    """An account of one week: the distance, and what was found by severity."""
    account = Account()
    if km:
        account.driven_mm[WEEK] = round(km * KM)
        account.vehicles[Check(RECORD, WEEK, None)] = 1
    for severity, count in found.items():
        if count:
            account.found[Infringement(WEEK, "speeding", severity, None)] = count
    return account
