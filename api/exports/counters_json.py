"""Month-to-date counters for programs: a Frictionless Data Package with months, vehicles and operators as tables."""

from __future__ import annotations

from api.exports.counter_rows import MONTH, OPERATOR, VEHICLE, month_rows, operator_rows, vehicle_rows
from api.exports.counters_csv import MEDIA_TYPE as CSV_TYPE
from api.exports.counters_csv import SUFFIX as CSV_SUFFIX
from api.exports.counters_csv import fields
from api.exports.publication import file_stem, moment
from api.exports.table_schema import Field, package_bytes, schema, table
from api.exports.weekly import WeeklyList

NAME = "counters_json"
MEDIA_TYPE = "application/json"
SUFFIX = ".so-dem.json"


def render(weekly: WeeklyList) -> bytes:
    """The file's bytes."""
    stem = file_stem(weekly.week)
    described = schema([Field(heading, kind, heading) for heading, kind in fields()])
    package = {
        "profile": "data-package",
        "name": f"{stem.lower()}-so-dem",
        "title": "Số đếm trong tháng so với mức của pháp luật",
        "id": weekly.publication.number if weekly.publication else None,
        "created": moment(weekly.made_at).isoformat(),
        "week": weekly.week,
        "law_version": weekly.law_version,
        "method": weekly.method,
        "code_version": weekly.code_version,
        "resources": [
            table("months", "Tháng", MONTH, month_rows(weekly), "month"),
            table("vehicles", "Phương tiện", VEHICLE, vehicle_rows(weekly), None),
            table("operators", "Đơn vị vận tải", OPERATOR, operator_rows(weekly), None),
            {"name": "vehicles-csv", "path": f"{stem}{CSV_SUFFIX}", "profile": "tabular-data-resource",
             "mediatype": CSV_TYPE, "encoding": "utf-8", "schema": described},
        ],
    }  # fmt: skip
    return package_bytes({name: value for name, value in package.items() if value is not None})
