"""Month roll-ups as printed: one object a line, keys in the order of the published form."""

from __future__ import annotations

from datetime import date
from typing import Any

from rules.rollups import RollUps

_MM_PER_KM = 1_000_000


def lines(rolled: RollUps) -> list[dict[str, Any]]:
    """Sorted by kind of roll-up, then vehicle or operator, then month. km with 3 decimals, coverage with 4."""
    operators = [
        {"rollup": "operator", "operator": one.operator, "month": _name(one.month), "vehicles": one.vehicles,
         "revoked": one.revoked, "proposed": one.proposed}
        for one in rolled.operators
    ]  # fmt: skip
    overload = [
        {"rollup": "vehicle_overload", "vehicle": one.vehicle, "month": _name(one.month), "n": one.n,
         "proposed": one.proposed}
        for one in rolled.overload
    ]  # fmt: skip
    speeding = [
        {"rollup": "vehicle_speeding", "vehicle": one.vehicle, "month": _name(one.month), "n": one.n,
         "km": round(one.driven_mm / _MM_PER_KM, 3), "proposed": one.proposed,
         "coverage": round(float(one.coverage), 4)}
        for one in rolled.speeding
    ]  # fmt: skip
    return operators + overload + speeding


def _name(month: date) -> str:
    return f"{month:%Y-%m}"
