"""The models of vehicle in the fleet, with what each may carry."""

from __future__ import annotations

from typing import NamedTuple


class Model(NamedTuple):
    """One model. Masses kg, lengths mm. axle_kg: a lawful full load by axle; spacing_mm: between its axles.

    trailer: kind of the semi-trailer towed, with kerb_kg, payload_kg and king-pin distance of its own.
    """

    kind: str
    business: str
    series: str
    badge: str
    seats: int = 3
    payload_kg: int | None = None
    kerb_kg: int | None = None
    axle_kg: tuple[int, ...] = ()
    spacing_mm: tuple[int, ...] = ()
    liquid_tank: bool = False
    trailer: str | None = None
    trailer_payload_kg: int = 0
    trailer_kerb_kg: int = 0
    kingpin_mm: int | None = None
    containers: int = 0


_TRUCK, _FIXED, _CONTRACT = "XE TẢI", "XE TUYẾN CỐ ĐỊNH", "XE HỢP ĐỒNG"
_FIVE, _SIX = (3300, 1350, 6000, 1310), (3300, 1350, 6500, 1310, 1310)

MODELS = {
    "truck2": Model("truck", "goods", "C", _TRUCK, 3, 9000, 6500, (5500, 9900), (4500,)),
    "truck3": Model("truck", "goods", "C", _TRUCK, 3, 17000, 9000, (6200, 8800, 8800), (3600, 1350)),
    # Certified for little beside what its axles bear, so that payload alone can be exceeded.
    "truck4": Model("truck", "goods", "H", _TRUCK, 3, 7000, 9500, (4000, 3900, 4300, 4300), (1900, 4000, 1350)),
    "light": Model("truck", "goods", "C", _TRUCK, 3, 2400, 2600, (1900, 3100), (3300,)),
    "tanker3": Model("tanker_truck", "goods", "C", _TRUCK, 3, 12000, 9000, (5000, 8000, 8000), (3600, 1350), True),
    "mixer": Model("mixer", "goods", "C", _TRUCK, 3, 10000, 12000, (6000, 8000, 8000), (3600, 1350)),
    "semi5": Model("tractor", "goods", "H", _TRUCK, 3, None, 7100, (6500, 8500, 8500, 7000, 7000), _FIVE,
                   trailer="semi_trailer", trailer_payload_kg=30000, trailer_kerb_kg=6000, kingpin_mm=4000),
    "semi6": Model("tractor", "goods", "H", _TRUCK, 3, None, 7100, (6800, 8500, 8500, 7900, 7900, 7900), _SIX,
                   trailer="semi_trailer", trailer_payload_kg=39000, trailer_kerb_kg=6300, kingpin_mm=6600),
    "container6": Model("tractor", "container", "C", _TRUCK, 3, None, 7100, (6500, 8000, 8000, 5800, 5800, 5800), _SIX,
                        trailer="semi_trailer", trailer_payload_kg=30000, trailer_kerb_kg=6000, kingpin_mm=4400,
                        containers=1),
    "tank5": Model("tractor", "goods", "H", _TRUCK, 3, None, 7100, (6000, 8000, 8000, 7000, 7000), _FIVE,
                   liquid_tank=True, trailer="tanker_semi_trailer", trailer_payload_kg=26000, trailer_kerb_kg=6300,
                   kingpin_mm=2700),
    "coach45": Model("coach", "fixed_route", "B", _FIXED, 45),
    "coach30": Model("coach", "fixed_route", "B", _FIXED, 30),
    "coach29": Model("coach", "contract", "B", _CONTRACT, 29),
    "coach16": Model("coach", "contract", "B", _CONTRACT, 16),
    "bus": Model("bus", "bus", "B", "XE BUÝT", 40),
    "taxi": Model("taxi", "taxi", "E", "XE TAXI", 5),
}  # fmt: skip

# The first twelve are one of each that something can only be planted on, and a bus and a taxi.
MIX = (
    "truck3", "semi5", "coach45", "truck2", "semi6", "tanker3", "taxi", "truck4", "container6", "bus", "tank5",
    "coach16", "light", "coach29", "coach30", "mixer", "truck3", "semi6", "container6", "coach45",
)  # fmt: skip
