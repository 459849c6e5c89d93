"""The weekly list for programs: a Frictionless Data Package with findings, operators and vehicles as typed tables.

Values are as the rules gave them, in the units named; times are local, ISO 8601 with offset. Texts stand as they are,
without the apostrophe of the CSV, whose columns are described here too.
"""

from __future__ import annotations

from typing import Any

from api.exports import wording
from api.exports.publication import file_stem, moment
from api.exports.table_schema import Field, package_bytes, schema, table
from api.exports.weekly import OperatorPart, WeeklyList
from api.exports.weekly_csv import COLUMNS
from api.exports.weekly_notes import notes, status
from journey.model import Finding

NAME = "weekly_json"
MEDIA_TYPE = "application/json"
SUFFIX = ".json"

FINDING = (
    Field("id", "string", "stable over recomputation: hash of rule, vehicle, driver, start and at", required=True),
    Field("operator", "string", "transport business; null: the vehicle is in no registry"),
    Field("vehicle", "string", "plate, normalised", required=True),
    Field("driver", "string", "licence; null: not known"),
    Field("rule", "string", "what was found, such as speeding", required=True),
    Field("band", "string", "penalty band of the law; null: the law has none"),
    Field("start", "datetime", "first instant", required=True),
    Field("end", "datetime", "first instant after it; that of start for a weighing", required=True),
    Field("at", "datetime", "the instant the offence is complete", required=True),
    Field("measured", "number", "what was measured, in `unit`", required=True),
    Field("limit", "number", "the limit that applied, in `unit`", required=True),
    Field("excess", "number", "above the limit, in `excess_unit`", required=True),
    Field("unit", "string", "km/h, kg, s ...", required=True),
    Field("excess_unit", "string", "percent for masses, else as unit", required=True),
    Field("unverified", "boolean", "whether a figure it leans on was not read in the law's own text", required=True),
    Field("law", "array", "every figure it rests on: parameter, value, unit, in force from, citation, verified"),
    Field("detail", "object", "what the rule says besides"),
)
_OPERATOR = (
    Field("operator", "string", "transport business; null: vehicles in no registry"),
    Field("name", "string", "its name"),
    Field("tax_code", "string", "its tax code"),
    Field("status", "string", "what can be said of it from its data", required=True),
    Field("vehicles_registered", "integer", "vehicles with a recorder of their own", required=True),
    Field("vehicles_with_data", "integer", "vehicles with a fix in the week", required=True),
    Field("known_s", "integer", "time known as driving or standing, of all vehicles", "s", True),
    Field("whole_s", "integer", "the week's time of all vehicles", "s", True),
    Field("driving_m", "number", "distance driven, as far as there is data", "m", True),
    Field("findings", "integer", "findings listed", required=True),
    Field("findings_last_week", "integer", "certain findings of the week before; null: no data then"),
)
_VEHICLE = (
    Field("operator", "string", "transport business"),
    Field("vehicle", "string", "plate", required=True),
    Field("kind", "string", "kind of vehicle in the registry"),
    Field("fixes", "integer", "stored fixes", required=True),
    Field("driving_s", "integer", "time driving", "s", True),
    Field("standing_s", "integer", "time standing", "s", True),
    Field("unknown_s", "integer", "time between fixes of which it is not known", "s", True),
    Field("driving_m", "number", "distance driven", "m", True),
)
_CSV_TYPES = {"Trị số đo": "number", "Giới hạn": "number", "Vượt": "number"} | dict.fromkeys(
    ("Bắt đầu", "Kết thúc", "Thời điểm hoàn thành"), "datetime"
)


def render(weekly: WeeklyList) -> bytes:
    """The file's bytes."""
    stem = file_stem(weekly.week)
    listed = [finding_row(finding) for _, finding in weekly.listed()]
    whole_s = weekly.end - weekly.start
    vehicles = [
        [part.id, row.plate, row.kind, row.fixes, row.driving_s, row.standing_s, row.unknown_s, row.driving_m]
        for part in weekly.parts
        for row in part.vehicles
    ]
    package = {
        "profile": "data-package",
        "name": stem.lower(),
        "title": wording.TITLE,
        "id": weekly.publication.number if weekly.publication else None,
        "created": moment(weekly.made_at).isoformat(),
        "week": weekly.week,
        "from": moment(weekly.start).isoformat(),
        "to": moment(weekly.end).isoformat(),
        "law_version": weekly.law_version,
        "method": weekly.method,
        "code_version": weekly.code_version,
        "possible_not_listed": weekly.possible,
        "notes": [{"label": label, "text": text} for label, text in notes(weekly)],
        "resources": [
            table("findings", "Danh sách", FINDING, listed, "id"),
            table("operators", "Tổng hợp", _OPERATOR, [_operator_row(part, whole_s) for part in weekly.parts], None),
            table("vehicles", "Độ phủ dữ liệu", _VEHICLE, vehicles, None),
            _csv(stem),
        ],
    }
    return package_bytes({name: value for name, value in package.items() if value is not None})


def finding_row(finding: Finding) -> list[Any]:
    """Cells of FINDING."""
    excess_unit = "percent" if wording.is_overload(finding) else finding.unit
    times = (moment(time).isoformat() for time in (finding.start, finding.end, finding.at))
    return [
        finding.id, finding.operator or None, finding.vehicle, finding.driver, finding.rule, finding.band, *times,
        finding.measured, finding.limit, finding.excess, finding.unit, excess_unit,
        wording.leans_on_unverified(finding), [use._asdict() for use in finding.law], finding.detail,
    ]  # fmt: skip


def _operator_row(part: OperatorPart, whole_s: int) -> list[Any]:
    return [
        part.id, part.name, part.tax_code, status(part), part.vehicles_registered, part.vehicles_with_data,
        part.driving_s + part.standing_s, whole_s * len(part.vehicles), part.driving_m, len(part.findings),
        part.last_week,
    ]  # fmt: skip


def _csv(stem: str) -> dict[str, Any]:
    """The CSV of the same list, described."""
    fields = [Field(heading, _CSV_TYPES.get(heading, "string"), heading) for heading, _ in COLUMNS]
    return {
        "name": "findings-csv",
        "path": f"{stem}.csv",
        "profile": "tabular-data-resource",
        "description": "The same findings for spreadsheets; a text that begins with an apostrophe has one too many.",
        "encoding": "utf-8-sig",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n"},
        "schema": schema(fields, COLUMNS[0][0]),
    }
