"""An amendment for programs: a Frictionless Data Package, one row a finding, before and now in the list's fields."""

from __future__ import annotations

from typing import Any

from api.exports.amendment import TITLE, Amendment
from api.exports.publication import file_stem, moment
from api.exports.table_schema import Field, package_bytes, table
from api.exports.weekly_json import FINDING, finding_row
from journey.model import Finding

NAME = "amendment_json"
MEDIA_TYPE = "application/json"
SUFFIX = ".json"
OF = "amendment"

_CHANGE = (
    Field("id", "string", "id of the finding", required=True),
    Field("change", "string", "added, changed or withdrawn", required=True),
    Field("reasons", "array", "why, in the order in which it came", required=True),
    Field("run", "string", "the computation that changed it", required=True),
    Field("before", "object", "the finding as it was published, in the fields of a list; null: it is new"),
    Field("now", "object", "the finding as it stands; null: it is withdrawn"),
)


def render(amendment: Amendment) -> bytes:
    """The file's bytes."""
    rows = [
        [entry.id, str(entry.change), list(entry.reasons), entry.run, _state(entry.before), _state(entry.now)]
        for entry in amendment.entries
    ]
    return package_bytes(
        {
            "profile": "data-package",
            "name": file_stem(amendment.week, amendment.ordinal).lower(),
            "title": TITLE,
            "id": amendment.publication.number,
            "created": moment(amendment.made_at).isoformat(),
            "week": amendment.week,
            "amendment": amendment.ordinal,
            "amends": [number for number, _ in amendment.amends],
            "law_version": amendment.law_version,
            "method": amendment.method,
            "code_version": amendment.code_version,
            "findings_before": amendment.listed_before,
            "findings_after": amendment.listed_after,
            "resources": [table("changes", "Nội dung sửa đổi", _CHANGE, rows, "id")],
        }
    )


def _state(finding: Finding | None) -> dict[str, Any] | None:
    if finding is None:
        return None
    return dict(zip((field.name for field in FINDING), finding_row(finding), strict=True))
