"""Lists and amendments for programs: typed tables that agree with their own schema and with the other formats."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import Any

import pytest

from api.exports import amendment_json, weekly_csv, weekly_json
from api.exports.amendment import Amendment
from journey.model import Finding
from tests.exports.sample import LISTED, START, finding, week
from tests.exports.test_amendment import amendment, changed, entry

READ = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "datetime": lambda value: datetime.fromisoformat(value).utcoffset() is not None,
}


def package(content: Any) -> dict[str, Any]:
    render = amendment_json.render if isinstance(content, Amendment) else weekly_json.render
    read: dict[str, Any] = json.loads(render(content))
    return read


def tables(read: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {one["name"]: one["data"] for one in read["resources"] if "data" in one}


@pytest.mark.parametrize(
    "content", [week(), week([]), amendment(entry(finding(at=START), None), changed(measured=1.0))]
)
def test_every_row_is_as_its_schema_says(content: Any) -> None:
    for resource in package(content)["resources"]:
        fields = {one["name"]: one for one in resource["schema"]["fields"]}
        for row in resource.get("data", ()):
            assert row.keys() == fields.keys()
            for name, value in row.items():
                if value is None:
                    assert not fields[name].get("constraints"), name
                else:
                    assert READ[fields[name]["type"]](value), (name, value)
        if "data" in resource and "primaryKey" in resource["schema"]:
            keys = [row[resource["schema"]["primaryKey"]] for row in resource["data"]]
            assert len(set(keys)) == len(keys)


def test_the_package_and_the_csv_say_the_same() -> None:
    weekly = week()
    rows = list(csv.DictReader(io.StringIO(weekly_csv.render(weekly).decode("utf-8-sig"), newline="")))
    found = tables(package(weekly))["findings"]
    assert len(found) == len(rows) == LISTED
    for one, row in zip(found, rows, strict=True):
        assert (one["id"], one["vehicle"], one["start"]) == (row["Mã phát hiện"], row["Biển số xe"], row["Bắt đầu"])
        assert [str(one[name]) for name in ("measured", "limit", "excess")] == [
            row["Trị số đo"], row["Giới hạn"], row["Vượt"]]  # fmt: skip
    described = next(one for one in package(weekly)["resources"] if one["name"] == "findings-csv")
    assert described["path"] == "danh-sach-2026-W12.csv"
    assert [field["name"] for field in described["schema"]["fields"]] == list(rows[0])
    for field in described["schema"]["fields"]:
        for row in rows:
            if field["type"] == "number":
                float(row[field["name"]])
            elif field["type"] == "datetime":
                assert datetime.fromisoformat(row[field["name"]]).utcoffset() is not None


def test_totals_are_those_of_the_rows() -> None:
    read = tables(package(week()))
    for operator in read["operators"]:
        own = [row for row in read["vehicles"] if row["operator"] == operator["operator"]]
        assert operator["known_s"] == sum(row["driving_s"] + row["standing_s"] for row in own)
        assert operator["driving_m"] == pytest.approx(sum(row["driving_m"] for row in own))
        assert operator["vehicles_with_data"] == sum(row["fixes"] > 0 for row in own)
        assert operator["findings"] == sum(row["operator"] == operator["operator"] for row in read["findings"])


def test_an_amendment_has_the_finding_before_and_now() -> None:
    gone = finding("overload_gross", vehicle="=1+1")
    content = amendment(entry(finding(), None), changed(measured=81.5), entry(None, gone, "law", "code"))
    rows = {row["change"]: row for row in tables(package(content))["changes"]}
    assert rows["added"]["before"] is rows["withdrawn"]["now"] is None
    assert (rows["changed"]["before"]["measured"], rows["changed"]["now"]["measured"]) == (78.5, 81.5)
    assert rows["withdrawn"]["reasons"] == ["law", "code"]
    assert rows["withdrawn"]["before"]["vehicle"] == "=1+1"
    assert package(content)["amends"] == ["06/2026"]


def test_a_draft_has_no_number_and_the_same_bytes_come_again() -> None:
    assert "id" not in package(week())
    assert weekly_json.render(week()) == weekly_json.render(week())


def test_a_finding_in_the_package_can_be_made_into_one_again() -> None:
    """Nothing of what it states is lost but how it is rounded: which is not at all."""
    one = finding("overload_axle")
    (row,) = tables(package(week([one])))["findings"]
    assert isinstance(one, Finding)
    assert row["law"] == [use._asdict() for use in one.law]
    assert row["detail"] == one.detail
    assert row["unverified"] is True
