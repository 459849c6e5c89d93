"""A package as bytes: its files in order, the account of them, and the zip, the same whenever it is made."""

from __future__ import annotations

import hashlib
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from api.evidence.dossier import Dossier, local
from api.evidence.pictures import pictures
from api.evidence.statements import warnings
from api.evidence.summary import summary
from api.evidence.summary_en import summary_en
from api.evidence.tables import activities_csv, fixes_csv, fixes_geojson, json_bytes, weighing_json
from api.evidence.words_vi import VI

FORMAT = "hanhtrinh-evidence-1"
_VERIFY = Path(__file__).with_name("verify.py").read_bytes()
_MOMENT = (1980, 1, 1, 0, 0, 0)  # the first that a zip can state
_MODE = 0o100644 << 16
_UNIX = 3


def package(dossier: Dossier, english: bool = False) -> bytes:
    """The zip of a dossier. Equal dossiers give equal bytes. english: with a summary in English beside the others."""
    inside = files(dossier, english)
    inside["manifest.json"] = json_bytes(_manifest(dossier, inside))
    inside["manifest.sha256"] = f"{_hash(inside['manifest.json'])}  manifest.json\n".encode()
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, content in inside.items():
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.external_attr, entry.create_system = _MODE, _UNIX
            # Stored as they are: compressed bytes depend on the version of zlib.
            packed.writestr(entry, content, zipfile.ZIP_STORED)
    return out.getvalue()


def manifest_sha256(packed: bytes) -> str:
    """What a package is known by later: the SHA-256 of its manifest, hex."""
    with zipfile.ZipFile(BytesIO(packed)) as made:
        return _hash(made.read("manifest.json"))


def files(dossier: Dossier, english: bool = False) -> dict[str, bytes]:
    """All files but the manifest, in their order. With English there is one more, and no other differs."""
    drawn = pictures(dossier)
    inside = {
        "summary.pdf": summary(dossier, drawn),
        "finding.json": dossier.record.body.encode(),
        "explanation.txt": dossier.explanation.encode("utf-8", "replace"),
        "explanation.json": json_bytes(_explanation(dossier)),
        "law.json": json_bytes(dossier.law),
        "fixes.csv": fixes_csv(dossier),
        "fixes.geojson": fixes_geojson(dossier),
    }
    if dossier.pieces:
        inside["activities.csv"] = activities_csv(dossier)
    if dossier.weighed is not None:
        inside["weighing.json"] = weighing_json(dossier)
    inside |= {name: svg.encode() for name, svg in drawn.items()}
    if english:
        inside["summary.en.pdf"] = summary_en(dossier)
    inside["verify.py"] = _VERIFY
    return inside


def _explanation(dossier: Dossier) -> dict[str, Any]:
    finding, derived = dossier.finding, dossier.derived
    return {
        "finding": dossier.record.id,
        "rule": finding.rule,
        "derived": derived,
        "differences": [{"field": name, "stored": stored, "derived": now} for name, stored, now in dossier.differences],
        "arithmetic": dossier.arithmetic,
        "measured": finding.measured,
        "limit": finding.limit,
        "excess": finding.excess,
        "unit": finding.unit,
        "band": finding.band,
        "steps": _steps(dossier),
    }


def _steps(dossier: Dossier) -> list[dict[str, Any]]:
    """What the sum is made of: fixes with their excess, or stretches of driving with the sum so far, or masses."""
    if dossier.weighed is not None:
        return [group._asdict() for group in dossier.weighed.groups]
    if dossier.pieces:
        total, reached, steps = 0, dossier.finding.start, []
        for one in dossier.pieces:
            if one.counts:
                total += max(0, one.end - max(one.start, reached))
                reached = max(reached, one.end)
            steps.append(
                {"vehicle": one.vehicle, "start": one.start, "end": one.end, "counts": one.counts, "so_far": total}
            )
        return steps
    return [
        {"time": row.time, "local_time": local(row.time), "speed_kmh": row.speed_dkmh / 10,
         "limit_kmh": None if row.limit_dkmh is None else row.limit_dkmh / 10,
         "excess_kmh": None if row.limit_dkmh is None else (row.speed_dkmh - row.limit_dkmh) / 10}
        for row in dossier.used
    ]  # fmt: skip


def _manifest(dossier: Dossier, inside: dict[str, bytes]) -> dict[str, Any]:
    record = dossier.record
    return {
        "format": FORMAT,
        "finding": {
            "id": record.id, "content": record.content, "rule": dossier.finding.rule,
            "grade": str(dossier.finding.grade), "added": local(record.added_at), "derived": dossier.derived,
            "withdrawn": None if record.withdrawn_at is None else {
                "at": local(record.withdrawn_at), "run": record.withdrawn_run, "reason": record.reason,
            },
        },
        "warnings": warnings(dossier, VI),
        "run": {
            "id": record.run, "made": local(record.run_made_at), "watermark": record.watermark,
            "law_version": record.law_version, "method": record.method, "code_version": record.code_version,
        },
        "derived_with": {
            "law_version": dossier.law_version, "method": dossier.method, "code_version": dossier.code_version,
        },
        "made": None if dossier.made_at is None else local(dossier.made_at),
        "context": [local(time) for time in dossier.context],
        "arrivals": len(dossier.arrivals),
        "files": [
            {"name": name, "bytes": len(content), "sha256": _hash(content)} for name, content in inside.items()
        ],
    }  # fmt: skip


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
