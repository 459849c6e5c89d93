"""A weighing's masses beside their limits, by the functions that judged it."""

from __future__ import annotations

from api.evidence.dossier import Axles, Weighed
from cli.explaining.derivation import Derivation
from journey.model import Finding
from rules.bands import band_of
from rules.checks.overload import corrected
from rules.law import Law
from rules.weighings.masses import axle_groups, group_limit


def weighed(derivation: Derivation, finding: Finding, law: Law) -> Weighed | None:
    """None for a finding that is not on a weighing, or whose weighing is not stored. Limits of whole and cargo only
    where the finding is about them."""
    sent = derivation.weighing
    if sent is None:
        return None
    station = next((one for one in derivation.known.registry.stations if one.id == sent.station), None)
    weighing = corrected(sent, station)
    bands = law.at("overload.road_bands", weighing.time)
    groups = []
    for group in axle_groups(weighing, law.figure("axle_group_gap")) or []:
        limit = group_limit(group, station.axle_limit_kg if station else None, weighing.time, law)
        mass = sum(weighing.axle_kg[group.first - 1 : group.last])
        over = limit is not None and bands is not None and band_of(bands.value, 100 * (mass - limit.kg), limit.kg)
        groups.append(Axles(group.first, group.last, mass, limit.kg if limit else None, bool(over)))
    return Weighed(
        sent=sent,
        axle_kg=weighing.axle_kg,
        gross_kg=weighing.gross_kg,
        station=station,
        groups=tuple(groups),
        gross_limit_kg=int(finding.limit) if finding.rule == "overload_gross" else None,
        payload_limit_kg=int(finding.limit) if finding.rule == "overload_payload" else None,
    )
