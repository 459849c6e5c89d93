"""What a plate that nobody has registered sends is kept and counted; it becomes findings once it is registered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from cli.checking.windows import check
from cli.comparing.rejudging import week_findings
from cli.explaining.derivation import derive
from journey.localtime import day_of, midnight, week_of, week_start
from journey.model import Finding
from journey.registry import Registration
from storage.database import Connection, scalar, transaction
from storage.findings import load_findings
from storage.registry import load_registry, save_registry
from storage.sums.service import service_sums
from tests.casefolder import LAW, judge
from tests.whatif.sample import PLATE, case, fixes, take_in

START = midnight(date(2025, 3, 3))
DAY = day_of(START)


def records() -> dict[str, Any]:
    """A drive of five hours, fast at first, and a weighing far over every limit; of a vehicle in no registry."""
    inputs = case(fixes(START, 600, "140") + fixes(START + 660, 5 * 3600))
    inputs["registry"]["vehicles"] = []
    inputs["stations"] = [{"id": "KT1", "name": "KT1", "lon": 106.7, "lat": 21.8, "direction_deg": 0, "open": None,
                           "automatic_one_stage": True}]  # fmt: skip
    inputs["weighings"] = [{"station": "KT1", "lane": 1, "time": START, "plate": PLATE, "trailer": None,
                            "axle_kg": [20000, 20000], "spacing_mm": [3300], "gross_kg": 40000}]  # fmt: skip
    return inputs


def found(connection: Connection) -> list[Finding]:
    check(connection, LAW, "test")
    with transaction(connection):
        return load_findings(connection, 0, 1 << 33)


def rules(findings: list[Finding]) -> set[str]:
    return {one.rule for one in findings}


def register(connection: Connection, *vehicles: Registration) -> None:
    with transaction(connection):
        registry = load_registry(connection)
    save_registry(connection, replace(registry, vehicles=vehicles), replace=True)


def test_kept_and_judged_when_registered(connection: Connection) -> None:
    inputs = records()
    take_in(connection, inputs)
    assert {"speeding", "continuous_driving", "overload_gross"} <= rules(judge(inputs).findings)
    first = found(connection)
    assert {one.rule.partition("_")[0] for one in first} == {"overload"}
    with transaction(connection):
        assert scalar(connection, "SELECT count(*) FROM fix") == len(inputs["positions"])
        (one,) = service_sums(connection, DAY, DAY + 1)
    assert (one.operator, one.plate, one.sums.fixes, one.silences) == (None, PLATE, len(inputs["positions"]), 0)

    vehicle = Registration(PLATE, "OP1", "truck", "goods", valid_from=date(2020, 1, 1))
    register(connection, vehicle)
    registered = found(connection)
    assert rules(registered) > {"speeding", "continuous_driving"}
    assert {one.operator for one in registered} == {"OP1"}

    # A registration that ended before is none on that day.
    register(connection, replace(vehicle, valid_to=date(2025, 3, 2)))
    assert found(connection) == first


def test_a_comparison_and_an_explanation_agree(connection: Connection) -> None:
    inputs = records()
    take_in(connection, inputs)
    number = week_of(START)

    def compared() -> list[Finding]:
        with transaction(connection):
            return week_findings(connection, LAW, week_start(number), week_start(number + 1))

    assert compared() == found(connection)
    register(connection, Registration(PLATE, "OP1", "truck", "goods"))
    registered = found(connection)
    assert compared() == registered
    with transaction(connection):
        assert all(derive(connection, one, LAW).finding == one for one in registered)
    register(connection)
    with transaction(connection):
        derived = {one.rule: derive(connection, one, LAW).finding for one in registered}
    assert derived["speeding"] is None
    assert derived["continuous_driving"] is None
    assert compared() == found(connection)


def test_a_driver_of_a_registered_vehicle_is_judged_for_what_it_did_there(connection: Connection) -> None:
    """The block is complete on the second vehicle, which is registered; the first is not."""
    inputs = case(fixes(START, 9000, plate="29B00001") + fixes(START + 9060, 9000))
    take_in(connection, inputs)
    assert [(one.rule, one.vehicle) for one in found(connection)] == [("continuous_driving", PLATE)]
