"""Random case folders, in the form of the worked cases, dense in the borders that the rules draw."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import strategies as st

DEGREE_M = math.radians(1) * 6_371_008.8
PLATES = ("12C12345", "12c-123.46", "29LĐ-006.78", "FOREIGN 7")
LICENCES = ("790123456789", "790123456789", "79.0123-456788", "", "000000000000")
# Mondays, a week that holds the change of law, a month's end.
STARTS = (1740963600, 1735491600, 1735578000, 1735664000, 1719766800)
KINDS = ("truck", "tanker_truck", "tractor", "bus", "coach", "taxi", "special", "mixer", "trailer")
BUSINESSES = (None, "goods", "container", "fixed_route", "bus", "contract", "tourist", "taxi")

_steps = st.sampled_from(
    (
        120,
        120,
        120,
        120,
        60,
        60,
        30,
        10,
        1,
        10,
        19,
        20,
        30,
        59,
        60,
        119,
        120,
        121,
        299,
        300,
        840,
        899,
        900,
        1000,
        1800,
        1801,
        7200,
    )
)
_speeds = st.one_of(
    st.just("50"),
    st.sampled_from(("0", "4.9", "4.94", "4.95", "5", "20", "49.9", "54.9", "55", "60", "64.9", "64.95", "65", "75",
                     "84.95", "95", "95.1", "124.9", "125", "140", "200", "200.05", "-0.1")),
    st.integers(0, 2100).map(lambda tenths: f"{tenths / 10}"),
)  # fmt: skip


@st.composite
def legs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """What a vehicle does, leg by leg: so many steps of so many seconds at one speed, under one driver."""
    count = draw(st.integers(1, 9))
    return [
        {
            "steps": draw(st.sampled_from((1, 1, 2, 3, 5, 30, 70, 119, 120, 121))),
            "step_s": draw(_steps),
            "speed": draw(_speeds),
            "driver": draw(st.sampled_from(LICENCES)),
            "usual": draw(st.sampled_from((True, True, True, False))),
            "moves": draw(st.sampled_from((True, True, True, False))),
            "side_m": draw(st.sampled_from((0, 0, 15, 29, 31, 60, 500))),
            "odd_at": draw(st.sampled_from((None, None, None, 0, 1, 2, 4))),
            "delay_s": draw(st.sampled_from((None, None, None, -300, -299, 0, 1, 2, 30, 31, 7200, 5_000_000))),
            "heading": draw(st.sampled_from(("", "0", "45", "90", "91", "180", "270.5"))),
        }
        for _ in range(count)
    ]


@st.composite
def positions(draw: st.DrawFn, plates: tuple[str, ...] = PLATES) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for plate in draw(st.lists(st.sampled_from(plates), min_size=1, max_size=3)):
        time = draw(st.sampled_from(STARTS)) + draw(st.sampled_from((0, 0, 1, 3600, 36000, 61200)))
        north = draw(st.sampled_from((0.0, 0.0, 9000.0)))
        usual = draw(st.sampled_from(LICENCES))
        for leg in draw(legs()):
            leg["driver"] = usual if leg["usual"] else leg["driver"]
            for step in range(leg["steps"]):
                if step == leg["odd_at"]:
                    rows.append(_odd(draw, plate, time))
                rows.append(_row(plate, time, north, leg))
                if leg["moves"]:
                    north += max(float(leg["speed"]), 0.0) / 3.6 * leg["step_s"]
                time += leg["step_s"]
    copies = [dict(rows[place % len(rows)]) for place in draw(st.lists(st.integers(0, 500), max_size=4))]
    for copy in copies:
        change = draw(st.sampled_from(("speed_kmh", "driver", "received", "heading", "none", "millis")))
        if change == "millis":
            copy["time"] += "999"
        elif change != "none":
            copy[change] = {"speed_kmh": "12.3", "driver": LICENCES[1], "heading": "10", "received": copy["time"]}[
                change
            ]
    rows += copies
    draw(st.randoms(use_true_random=False)).shuffle(rows)
    return rows


def _row(plate: str, time: int, north: float, leg: dict[str, Any]) -> dict[str, str]:
    lon = 106.7 + leg["side_m"] / (DEGREE_M * math.cos(math.radians(15)))
    return {
        "vehicle": plate, "driver": leg["driver"], "time": str(time), "lon": f"{lon:.7f}",
        "lat": f"{15 + north / DEGREE_M:.7f}", "speed_kmh": leg["speed"], "heading": leg["heading"], "ignition": "",
        "received": "" if leg["delay_s"] is None else str(time + leg["delay_s"]),
    }  # fmt: skip


def _odd(draw: st.DrawFn, plate: str, time: int) -> dict[str, str]:
    kind = draw(st.sampled_from(("zero", "outside", "swapped", "future", "far")))
    lon, lat = {
        "zero": ("0", "0"), "outside": ("90", "15"), "swapped": ("15.05", "106.7"), "future": ("106.7", "15.01"),
        "far": ("107.9", "15.3"),
    }[kind]  # fmt: skip
    received = str(time - draw(st.sampled_from((299, 300, 301, 302)))) if kind == "future" else ""
    return {
        "vehicle": plate, "driver": "", "time": str(time + draw(st.sampled_from((-1, 3)))), "lon": lon, "lat": lat,
        "speed_kmh": draw(_speeds), "heading": "", "ignition": draw(st.sampled_from(("", "0", "1"))),
        "received": received,
    }  # fmt: skip


@st.composite
def vehicles(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = []
    for plate in PLATES[: draw(st.integers(0, 4))]:
        rows.append(_vehicle(draw, plate, draw(st.sampled_from(KINDS))))
        if draw(st.integers(0, 4)) == 0:
            rows[-1]["valid_to"] = "2024-12-31"
            rows.append(_vehicle(draw, plate, draw(st.sampled_from(KINDS))) | {"valid_from": "2025-01-01"})
    for plate in ("12R00001", "12R00002"):
        kind = draw(st.sampled_from(("semi_trailer", "tanker_semi_trailer", "trailer")))
        rows.append(_vehicle(draw, plate, kind))
    return rows


def _vehicle(draw: st.DrawFn, plate: str, kind: str) -> dict[str, Any]:
    return {
        "plate": plate, "operator": draw(st.sampled_from(("OP1", "OP2"))), "kind": kind,
        "business": draw(st.sampled_from(BUSINESSES)), "seats": draw(st.sampled_from((None, 2, 28, 29, 30, 31, 45))),
        "payload_kg": draw(st.sampled_from((None, 0, 3500, 3501, 10000, 17000, 29000))),
        "kerb_kg": draw(st.sampled_from((None, 6300, 7000, 9000))), "design_gross_kg": None, "towed_kg": None,
        "kingpin_mm": draw(st.sampled_from((None, 2700, 3199, 3200, 4500, 4501, 6500, 6600))),
        "liquid_tank": draw(st.booleans()), "badge": None, "valid_from": "2020-01-01", "valid_to": None,
    }  # fmt: skip


@st.composite
def weighings(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = []
    for _ in range(draw(st.integers(0, 8))):
        axles = draw(st.integers(1, 8))
        spacing = [draw(st.sampled_from((999, 1000, 1299, 1300, 1301, 1999, 2000, 3300))) for _ in range(axles - 1)]
        if draw(st.integers(0, 9)) == 0:
            spacing = spacing[1:]
        axle_kg = [draw(st.sampled_from((4000, 5500, 7333, 8800, 8801, 10000, 11000, 11001, 12000, 15001)))
                   for _ in range(axles)]  # fmt: skip
        gross = draw(st.sampled_from((None, None, 17600, 26400, 26401, 33000, 52800)))
        if gross is not None and 500 <= axle_kg[0] + gross - sum(axle_kg) <= 30_000 and draw(st.integers(0, 4)):
            axle_kg[0] += gross - sum(axle_kg)  # a record that agrees with itself
        rows.append(
            {
                "station": draw(st.sampled_from(("KT1", "KT2", "KT9"))), "lane": 1,
                "time": draw(st.sampled_from(STARTS)),
                "plate": draw(st.sampled_from((*PLATES, "12C99999"))),
                "trailer": draw(st.sampled_from((None, None, "12R00001", "12R-000.02", "12R09999"))),
                "axle_kg": axle_kg, "spacing_mm": spacing,
                "gross_kg": sum(axle_kg) if gross is None else gross,
                "persons": draw(st.sampled_from((None, 0, 1, 2, 40))),
                "containers": draw(st.sampled_from((None, 0, 1, 2))),
                "ticket": draw(st.sampled_from((None, "T1"))),
            }
        )  # fmt: skip
    return rows


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """Inputs in the form of the oracle: positions, registry, weighings, stations, roads, permits."""
    return {
        "positions": draw(positions()),
        "registry": {"box": [102, 8, 110, 24], "operators": [], "vehicles": draw(vehicles()), "drivers": []},
        "weighings": draw(weighings()),
        "stations": [_station("KT1", 0, None, None), _station("KT2", draw(st.sampled_from((5, 10))), 30000, 9000)],
        "roads": draw(st.one_of(st.none(), roads())),
        "permits": [{"plate": "12R00001", "gross_kg": 50000, "valid_from": "2025-01-01", "valid_to": "2025-03-03"}],
    }


def _station(name: str, error: int, gross: int | None, axle: int | None) -> dict[str, Any]:
    return {
        "id": name, "name": name, "lon": 106.7, "lat": 21.8, "direction_deg": 0, "automatic_one_stage": True,
        "instrument_error_permille": error, "gross_limit_kg": gross, "axle_limit_kg": axle, "open": None,
    }  # fmt: skip


DIRECTED_SIGNS = ("maxspeed_forward", "maxspeed_backward", "maxspeed_hgv", "maxspeed_hgv_forward",
                  "maxspeed_hgv_backward")  # fmt: skip


@st.composite
def roads(draw: st.DrawFn) -> dict[str, Any]:
    features = []
    for number in range(draw(st.integers(1, 3))):
        lon = 106.7 + draw(st.sampled_from((0.0, 0.0, 0.0003)))
        low, high = draw(st.sampled_from(((15.0, 15.6), (15.0, 15.08), (15.08, 15.5))))
        line = [[lon, low], [lon, (low + high) / 2], [lon, high]]
        properties = {
            "id": f"R{number}", "name": None, "kind": draw(st.sampled_from(("expressway", "divided", "undivided"))),
            "urban": draw(st.booleans()), "maxspeed": draw(st.sampled_from((None, None, 40, 60, 80, 100))),
            "oneway": draw(st.booleans()), "lanes": draw(st.sampled_from((None, 1, 2))),
            "valid_from": draw(st.sampled_from((None, "2025-01-01"))),
            "valid_to": draw(st.sampled_from((None, "2025-03-03"))),
        }  # fmt: skip
        for name in draw(st.sets(st.sampled_from(DIRECTED_SIGNS), max_size=3)):
            properties[name] = draw(st.sampled_from((30, 50, 70.5, 90)))
        properties["assumed"] = draw(st.lists(st.sampled_from(("kind", "urban", "lanes", "maxspeed")), max_size=2))
        if draw(st.booleans()):
            line.reverse()
        features.append({"type": "Feature", "properties": properties,
                         "geometry": {"type": "LineString", "coordinates": line}})  # fmt: skip
    return {"type": "FeatureCollection", "features": features}
