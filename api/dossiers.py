"""What stands behind a finding, gathered for a caller who may see all of it; and its package, put on record."""

from __future__ import annotations

from fastapi import Request

from api.access import Caller
from api.admission import by_of, reason_of
from api.evidence.dossier import Dossier
from api.evidence.package import manifest_sha256, package
from api.findings import visible_finding
from api.parts import Parts
from api.problems import Problem
from journey.localtime import day_of
from storage.audit.log import What, record
from storage.database import Connection
from storage.evidence import kept_finding
from storage.pages.registered import owned
from storage.server.pool import Pool, reading, writing


class OthersInvolved(PermissionError):  # noqa: N818
    """The record shows vehicles of another operator: it is not for this one."""


def dossier_of(pool: Pool, parts: Parts, caller: Caller, finding: str) -> Dossier:
    """Raises Problem where there is no such finding for him, OthersInvolved where its record is not for him."""
    with reading(pool) as connection:
        visible_finding(connection, caller, finding)
        kept = kept_finding(connection, finding)
        if kept is None:
            raise LookupError(f"finding {finding} went while it was read")
        dossier = parts.gather(connection, kept)
        if caller.operator is not None and not _all_own(connection, caller.operator, dossier):
            raise OthersInvolved("the record shows vehicles of another operator: ask the inspectorate for it")
    return dossier


def packed_evidence(
    request: Request, pool: Pool, parts: Parts, caller: Caller, finding: str, english: bool = False
) -> bytes:
    """The package as a zip, on record with the SHA-256 of its manifest before it is out. Raises Problem."""
    try:
        packed = package(dossier_of(pool, parts, caller, finding), english)
    except OthersInvolved as error:
        raise Problem(403, str(error)) from None
    with writing(pool) as connection:
        told = f"manifest.json SHA-256 {manifest_sha256(packed)}"
        record(connection, by_of(request, caller), What.EVIDENCE, finding, reason_of(request), told)
    return packed


def _all_own(connection: Connection, operator: str, dossier: Dossier) -> bool:
    """Whether every vehicle and day that a dossier shows is an operator's own."""
    shown = {(row.vehicle, day_of(row.time)) for row in dossier.fixes}
    shown |= {(piece.vehicle, day_of(time)) for piece in dossier.pieces for time in (piece.start, piece.end - 1)}
    if dossier.weighed is not None and dossier.weighed.sent.trailer is not None:
        shown.add((dossier.weighed.sent.trailer, day_of(dossier.finding.at)))
    # What it states names them too, where no record of theirs is left.
    stated = dossier.finding.detail.get("vehicles", ())
    shown |= {(str(plate), day_of(dossier.finding.at)) for plate in stated}
    return owned(connection, operator, shown) == shown
