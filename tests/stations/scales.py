"""Random weighings, dense in the edges of limits, bands and faults, with the registry that they are judged by."""

from __future__ import annotations

import random
from datetime import date

from journey.model import Scale, Weighing
from journey.registry import Permit, Registration, Station
from rules import registered
from rules.scene import WeighingScene

TIMES = (1740963600, 1735578000, 1640970000, 1577800000, 1400000000, 1741000000)
KINDS = ("truck", "tanker_truck", "tractor", "trailer", "semi_trailer", "tanker_semi_trailer", "special")
MASSES = (4000, 5500, 7333, 8800, 8801, 10_000, 11_000, 11_001, 12_000, 15_001, 30_000, 30_001)
SPACINGS = (0, 999, 1000, 1299, 1300, 1301, 1999, 2000, 3300, 7001)
STATIONS = (
    Station("KT1", "one"),
    Station("KT2", "two", instrument_error_permille=10, gross_limit_kg=20_000, axle_limit_kg=8000),
)


def weighing(dice: random.Random, number: int) -> Weighing:
    axles = dice.choice((0, 1, 2, 3, 4, 5, 6, 6, 7))
    axle_kg = tuple(dice.choice(MASSES) for _ in range(axles))
    if dice.random() < 0.7:  # shared out so that the whole lies near a limit
        axle_kg = tuple(dice.choice((1500, 5000, 9000, 15_000, 17_600, 26_400, 26_401, 42_000, 53_000)) // max(axles, 1)
                        for _ in range(axles))  # fmt: skip
    spacing = tuple(dice.choice(SPACINGS[dice.random() < 0.9 :]) for _ in range(max(axles - (dice.random() < 0.95), 0)))
    scale = None
    if dice.random() < 0.7:
        scale = Scale(
            "WIM", "KD", dice.choice((None, "2025-03-02", "2025-03-03", "2030-01-01")),
            dice.choice((None, 0, 5, 20, 100)), 400, dice.choice((None, 899, 900, 1000)), None,
        )  # fmt: skip
    return Weighing(
        dice.choice(("KT1", "KT2", "KT9")), 1, dice.choice(TIMES),
        dice.choice([*(f"12C0000{k}" for k in range(9)), "12C99999", "?"]),
        dice.choice((None, None, "12R00001", "12R00002", "12R00003", "12R99999")), axle_kg, spacing,
        dice.choice((sum(axle_kg), sum(axle_kg) * 103 // 100, sum(axle_kg) * 105 // 100)),
        dice.choice((None, 0, 1, 40)), dice.choice((None, 0, 1, 2)), f"T{number}", scale,
    )  # fmt: skip


def scene(dice: random.Random, weighings: int) -> WeighingScene:
    sent = tuple(weighing(dice, number) for number in range(weighings))
    rows = [
        Registration(
            plate, "OP1", dice.choice(KINDS), payload_kg=dice.choice((None, 0, 5000, 12_000, 30_000, 30_000, 30_000)),
            kerb_kg=dice.choice((None, 0, 6000, 9000, 9000, 9000)),
            kingpin_mm=dice.choice((None, 2700, 3200, 4500, 4501, 6600)),
            liquid_tank=dice.random() < 0.3, valid_from=dice.choice((None, date(2025, 3, 3))),
        )
        for plate in [*(f"12C0000{k}" for k in range(8)), "12R00001", "12R00002", "12R00003"]
    ]  # fmt: skip
    names = sorted({name for one in sent for name in (one.plate, one.trailer) if name})
    permits = {
        "12R00001": (Permit("12R00001", 40_000, date(2025, 1, 1), date(2025, 3, 2)),),
        "12C00001": (Permit("12C00001", 20_000), Permit("12C00001", 35_000, date(2025, 3, 3), None)),
    }
    return WeighingScene(
        sent, {one.id: one for one in STATIONS}, registered.index(rows, names),
        {name: code for code, name in enumerate(names)}, permits,
    )  # fmt: skip
