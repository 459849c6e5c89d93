"""A month's proposals with all that their drafts say: counts, badges, cases, dates; read beside the roll-up."""

from __future__ import annotations

from api.exports.counters import month_counters
from api.reports.proposals import OperatorProposal, Proposals, VehicleProposal, unregistered
from api.reports.words import Frame
from cli.rollups.report import MonthReport
from rules.law import Law
from rules.months import bounds
from rules.rollups import proposed_vehicles, rows_at_end
from storage.database import Connection
from storage.registry import load_registry


def read_proposals(connection: Connection, report: MonthReport, law: Law, frame: Frame) -> Proposals:
    """What is proposed for a month. Inside the transaction in which the month was rolled up."""
    end = bounds(report.month)[1]
    counters = month_counters(report.month, end, True, report.rolled, report.operators, law)
    plates = proposed_vehicles(report.rolled)
    rows = rows_at_end(load_registry(connection).vehicles, report.month)
    coverage = {one.vehicle: one.coverage for one in report.rolled.speeding}
    counts = {one.plate: one for one in counters.vehicles}
    vehicles = []
    for plate in sorted(plates):
        count, row = counts[plate], rows.get(plate)
        doubtful = (count.reached_speeding and not counters.speeding.verified) or (
            count.reached_overload and not counters.overload.verified
        )
        name = report.operator_name(row.operator) if row else unregistered()
        vehicles.append(
            VehicleProposal(
                plate, row.operator if row else None, name, row.badge if row else None, count.breaches,
                count.driven_mm, coverage.get(plate), count.weighings, count.reached_speeding, count.reached_overload,
                doubtful, report.held[plate], tuple(report.earlier.get(plate, ())),
            )
        )  # fmt: skip
    unsure = {one.plate for one in vehicles if one.doubtful}
    operators = tuple(
        OperatorProposal(
            one.operator, report.names.get(one.operator, one.operator), one.vehicles, one.revoked,
            not counters.share.verified or any(report.operators.get(plate) == one.operator for plate in unsure),
        )
        for one in report.rolled.operators
        if one.proposed
    )  # fmt: skip
    dates = report.dates
    return Proposals(
        report.month, counters, tuple(vehicles), operators, None if dates is None else dates.first.signed,
        () if dates is None else dates.first.steps,
        () if dates is None or dates.second is None else dates.second.steps, () if dates is None else dates.review,
        frame, report.held.total(), len(report.held),
    )  # fmt: skip
