"""Operators, drivers and plates: invented names of a Vietnamese kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cli.fleet.law_margins import speed_class
from cli.fleet.models import MIX, MODELS, Model
from cli.fleet.roads import LINES
from journey.plates import plate as solid_plate

if TYPE_CHECKING:
    from cli.fleet.spec import FleetSpec

_FORMS = ("Công ty TNHH Vận tải", "Hợp tác xã Vận tải", "Công ty CP Vận tải và Thương mại", "Doanh nghiệp tư nhân")
_PLACES = ("Mẫu Sơn", "Kỳ Cùng", "Tam Thanh", "Nhị Thanh", "Đồng Đăng", "Bắc Sơn", "Tràng Định", "Lộc Bình", "Văn Quan",
           "Bình Gia", "Chi Lăng", "Hữu Lũng", "Cao Lộc", "Đình Lập", "Văn Lãng")  # fmt: skip
_SURNAMES = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Vi",
    "Nông",
    "Lương",
    "Hà",
    "Đặng",
    "Bùi",
    "Lý",
    "Dương",
    "Triệu",
)
_MIDDLES = ("Văn", "Đức", "Hữu", "Quang", "Minh", "Công", "Xuân", "Thị", "Ngọc", "Thanh")
_GIVEN = ("An", "Bình", "Cường", "Dũng", "Đạt", "Giang", "Hải", "Hiếu", "Hùng", "Khánh", "Lâm", "Long", "Mạnh", "Nam",
          "Phong", "Quân", "Sơn", "Thắng", "Tuấn", "Vinh", "Lan", "Mai")  # fmt: skip
_LICENCE_PROVINCES = ("790", "020", "001", "024", "019")
_OUTSIDER_SHARE = 0.04  # of licences that no registry row knows


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One vehicle. driver and mate: codes of its usual driver and of a second one; pace: share of the usual speed."""

    number: int
    plate: str
    written: str
    trailer: str | None
    model: Model
    model_name: str
    operator: int
    driver: int
    mate: int
    route: str
    speed_class: str
    sampling_s: int
    pace: float
    night: bool


@dataclass(frozen=True, slots=True)
class People:
    """Who there is. names and licences by driver code; registered: whether the registry knows the licence."""

    operators: list[dict[str, Any]]
    vehicles: list[Vehicle]
    licences: list[str]
    names: list[str]
    registered: list[bool]


def people(spec: FleetSpec) -> People:
    rng = np.random.default_rng([spec.seed, 1])
    operators = [
        {
            "id": spec.operator or f"DV{n + 1:02d}",
            "name": f"{_FORMS[n % len(_FORMS)]} {_PLACES[n * 7 % len(_PLACES)]}{_turn(n // len(_PLACES))}",
            "tax_code": f"49{rng.integers(10**7, 10**8):08d}",
        }
        for n in range(spec.operators)
    ]
    numbers = rng.permutation(90_000)[: 2 * spec.vehicles] + 10_000
    vehicles = [_vehicle(spec, rng, n, int(numbers[2 * n]), int(numbers[2 * n + 1])) for n in range(spec.vehicles)]
    serials = rng.permutation(9_000_000)[: 2 * spec.vehicles] + 1_000_000
    licences = [f"{_pick(rng, _LICENCE_PROVINCES)}{rng.integers(70, 100)}{serial}" for serial in serials]
    names = [f"{_pick(rng, _SURNAMES)} {_pick(rng, _MIDDLES)} {_pick(rng, _GIVEN)}" for _ in licences]
    registered = [bool(known) for known in rng.random(len(licences)) >= _OUTSIDER_SHARE]
    return People(operators, vehicles, licences, names, registered)


def _turn(n: int) -> str:
    return f" {n + 1}" if n else ""


def _pick(rng: np.random.Generator, options: tuple[str, ...]) -> str:
    return options[int(rng.integers(len(options)))]


def _vehicle(spec: FleetSpec, rng: np.random.Generator, n: int, number: int, trailer_number: int) -> Vehicle:
    name = MIX[n % len(MIX)]
    model = MODELS[name]
    series = "LĐ" if rng.random() < 0.01 else model.series
    digits = f"{number:05d}"
    written = f"{_pick(rng, spec.provinces)}{series}-{digits[:3]}.{digits[3:]}"
    return Vehicle(
        number=n,
        plate=solid_plate(written),
        written=written,
        trailer=f"{spec.provinces[0]}R{trailer_number:05d}" if model.trailer else None,
        model=model,
        model_name=name,
        operator=n % spec.operators,
        driver=n,
        mate=spec.vehicles + n,
        route=LINES[int(rng.integers(len(LINES)))],
        speed_class=speed_class(model.kind, model.seats, model.payload_kg, model.liquid_tank, spec.start),
        sampling_s=int(rng.integers(spec.sampling_s[0], spec.sampling_s[1] + 1)),
        pace=float(rng.uniform(0.86, 1.0)),
        night=bool(model.business == "fixed_route" and rng.random() < 0.3 and spec.days >= 3),
    )


def registry(who: People) -> dict[str, Any]:
    """The registry file. Some vehicles have an older row too, of another operator, long out of force."""
    rows = []
    for vehicle in who.vehicles:
        rows.append(_row(vehicle, who, since="2021-01-01"))
        if vehicle.number % 17 == 5 and len(who.operators) > 1:
            other = who.operators[(vehicle.operator + 1) % len(who.operators)]["id"]
            rows.append(rows[-1] | {"operator": other, "valid_from": "2017-01-01", "valid_to": "2020-12-31"})
        if vehicle.trailer:
            rows.append(_trailer_row(vehicle, who))
    drivers = [
        {"licence": licence, "name": name, "operator": who.operators[n % len(who.vehicles) % len(who.operators)]["id"]}
        for n, (licence, name) in enumerate(zip(who.licences, who.names, strict=True))
        if who.registered[n]
    ]
    return {"box": [102, 8, 110, 24], "operators": who.operators, "vehicles": rows, "drivers": drivers}


def _row(vehicle: Vehicle, who: People, since: str) -> dict[str, Any]:
    model = vehicle.model
    payload = model.payload_kg
    return {
        "plate": vehicle.plate,
        "operator": who.operators[vehicle.operator]["id"],
        "kind": model.kind,
        "business": model.business,
        "seats": model.seats,
        "payload_kg": payload,
        "kerb_kg": model.kerb_kg,
        "design_gross_kg": payload + (model.kerb_kg or 0) + 65 * model.seats if payload else None,
        "towed_kg": model.trailer_kerb_kg + model.trailer_payload_kg if model.trailer else None,
        "kingpin_mm": None,
        "liquid_tank": model.liquid_tank,
        "badge": model.badge,
        "valid_from": since,
        "valid_to": None,
    }


def _trailer_row(vehicle: Vehicle, who: People) -> dict[str, Any]:
    model = vehicle.model
    return {
        "plate": vehicle.trailer,
        "operator": who.operators[vehicle.operator]["id"],
        "kind": model.trailer,
        "business": model.business,
        "seats": None,
        "payload_kg": model.trailer_payload_kg,
        "kerb_kg": model.trailer_kerb_kg,
        "design_gross_kg": model.trailer_payload_kg + model.trailer_kerb_kg,
        "towed_kg": None,
        "kingpin_mm": model.kingpin_mm,
        "liquid_tank": model.liquid_tank,
        "badge": None,
        "valid_from": "2021-01-01",
        "valid_to": None,
    }
