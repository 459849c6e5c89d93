"""Findings that the store no longer gives: a package says so on its first page, and never prints other figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from journey.localtime import DAY_S, day_of
from storage.database import connect
from storage.upkeep.backup import Manifest
from storage.upkeep.parts import make_parts
from storage.upkeep.retention import drop
from tests.cli.command import called
from tests.cli.samples import START
from tests.evidence.checker import has_page, read_json, unpack, verify
from tests.evidence.small import fast_folder, judged, silent_folder


@pytest.fixture
def ids(tmp_path: Path, database: str) -> dict[str, str]:
    fast_folder(tmp_path / "records")
    found = judged(tmp_path / "records", database)
    assert {"speeding", "overload_gross"} <= set(found)
    return found


def packed(finding: str, database: str, folder: Path) -> tuple[dict[str, Any], str, str]:
    """Make and open a package: its manifest, what the command warned of, what the package's own program said."""
    out = folder / "out.zip"
    done = called("evidence", finding, "--out", out, DATABASE_URL=database)
    assert done.code == 0, done
    files = unpack(out, folder / "out")
    assert has_page(files["summary.pdf"], 1, folder)
    assert not has_page(files["summary.pdf"], 3, folder)
    code, said = verify(folder / "out")
    assert code == 0, said
    return read_json(folder / "out", "manifest.json"), done.err, said


def execute(database: str, statement: str) -> None:
    with psycopg.connect(database) as connection:
        assert connection.execute(statement).rowcount  # type: ignore[call-overload]


def test_a_sound_finding_has_no_warning(ids: dict[str, str], database: str, tmp_path: Path) -> None:
    manifest, warned, said = packed(ids["speeding"], database, tmp_path)
    assert (manifest["finding"]["derived"], manifest["warnings"], warned) == ("equal", [], "")
    assert "excess: 25.5 made anew, 25.5 stated" in said


@pytest.mark.parametrize("rule", ["speeding", "overload_gross"])
def test_records_that_are_gone(rule: str, ids: dict[str, str], database: str, tmp_path: Path) -> None:
    execute(database, "DELETE FROM fix")
    execute(database, "DELETE FROM weighing")
    manifest, warned, said = packed(ids[rule], database, tmp_path)
    assert manifest["finding"]["derived"] == "gone"
    assert manifest["warnings"][0].startswith("DỮ LIỆU LƯU TRỮ HIỆN KHÔNG CÒN CHO PHÁT HIỆN NÀY")
    assert "không còn bản ghi nào" in manifest["warnings"][1]
    assert all(line in warned for line in manifest["warnings"])
    assert "the sums were not checked" in said.splitlines()[-1]
    finding = read_json(tmp_path / "out", "finding.json")
    assert (finding["rule"], finding["measured"]) == (rule, 95.5 if rule == "speeding" else 21_000)


def test_fixes_that_outlived_their_term(database: str, tmp_path: Path) -> None:
    """The package names the backup that holds them; a weighing is kept, and stands without them."""
    with connect(database) as connection:
        make_parts(connection, day_of(START), day_of(START) + 7)
        connection.commit()
    fast_folder(tmp_path / "records")
    ids = judged(tmp_path / "records", database)
    with connect(database) as connection:
        assert drop(connection, START + 200 * DAY_S, "2025.dump", Manifest(1 << 40, "0", "18", 18, [], {}, 0, "c0ffee"))
    manifest, warned, _ = packed(ids["speeding"], database, tmp_path)
    assert manifest["finding"]["derived"] == "gone"
    assert any("2025.dump" in line for line in manifest["warnings"])
    assert "2025.dump" in warned
    manifest, warned, _ = packed(ids["overload_gross"], database, tmp_path)
    assert (manifest["finding"]["derived"], manifest["warnings"], warned) == ("equal", [], "")
    assert called("explain", ids["overload_gross"], DATABASE_URL=database).code == 0
    assert "2025.dump" in called("explain", ids["speeding"], DATABASE_URL=database).out


def test_records_that_say_something_else_now(ids: dict[str, str], database: str, tmp_path: Path) -> None:
    """The one fix that was fastest is another now: the same offence, of another measure."""
    execute(database, "UPDATE fix SET speed_dkmh = 990 WHERE speed_dkmh = 955 AND \"time\" = (SELECT max(\"time\") "
                      "FROM fix WHERE speed_dkmh = 955)")  # fmt: skip
    manifest, _, _ = packed(ids["speeding"], database, tmp_path)
    assert manifest["finding"]["derived"] == "changed"
    assert manifest["warnings"][0].startswith("DỮ LIỆU LƯU TRỮ HIỆN CHO KẾT QUẢ KHÁC")
    assert "chi tiết" in manifest["warnings"][0]
    explanation = read_json(tmp_path / "out", "explanation.json")
    assert [one["field"] for one in explanation["differences"]] == ["detail"]
    assert explanation["differences"][0]["derived"]["peak_speed"] == 99.0
    assert read_json(tmp_path / "out", "finding.json")["detail"]["peak_speed"] == 95.5


def test_a_withdrawn_finding(ids: dict[str, str], database: str, tmp_path: Path) -> None:
    """Records came late that take the finding away; it can still be looked up, as what it is."""
    lines = (tmp_path / "records" / "positions.csv").read_text(encoding="utf-8").splitlines()
    # An earlier receipt wins: the copies that stand from now on are slow.
    slow = [line.replace(",95.5,", ",55.0,").rsplit(",", 1)[0] + ",1" for line in lines if ",95.5," in line]
    late = tmp_path / "late.csv"
    late.write_text("\n".join([lines[0], *[_received_at_once(line) for line in slow]]) + "\n", encoding="utf-8")
    for command in (("replay", late), ("check",)):
        assert called(*command, DATABASE_URL=database).code == 0
    assert called("explain", ids["speeding"], DATABASE_URL=database).code == 2
    manifest, warned, _ = packed(ids["speeding"], database, tmp_path)
    withdrawn = manifest["finding"]["withdrawn"]
    assert withdrawn["reason"] == "late or corrected data"
    assert manifest["warnings"][0].startswith("PHÁT HIỆN NÀY ĐÃ ĐƯỢC RÚT LẠI lúc ")
    assert "dữ liệu đến muộn hoặc được đính chính" in warned
    assert manifest["finding"]["derived"] == "gone"
    # Both copies of each fix are in the package, and which of them stands.
    rows = (tmp_path / "out" / "fixes.csv").read_text(encoding="utf-8").splitlines()
    assert sum(",95.5," in row for row in rows) == sum(",55.0," in row for row in rows) == 7


def _received_at_once(line: str) -> str:
    cells = line.split(",")
    return ",".join([*cells[:-1], cells[2]])


def test_a_finding_for_review_says_so(database: str, tmp_path: Path) -> None:
    silent_folder(tmp_path / "records")
    found = judged(tmp_path / "records", database)
    manifest, _, said = packed(found["continuous_driving"], database, tmp_path)
    assert manifest["finding"]["grade"] == "possible"
    assert manifest["warnings"][0].startswith("CHỈ ĐỂ XEM XÉT")
    assert "measured: 14640 made anew, 14640 stated" in said


def test_another_law_than_that_of_the_run_is_said(ids: dict[str, str], database: str, tmp_path: Path) -> None:
    out = tmp_path / "practice.zip"
    done = called("evidence", ids["speeding"], "--out", out, DATABASE_URL=database, METHOD="method-practice")
    assert done.code == 0
    unpack(out, tmp_path / "out")
    manifest = read_json(tmp_path / "out", "manifest.json")
    assert (manifest["run"]["method"], manifest["derived_with"]["method"]) == ("method", "method-practice")
    assert manifest["finding"]["derived"] != "equal"
    assert manifest["warnings"]


def test_the_template_puts_warnings_first() -> None:
    template = (Path(__file__).parents[2] / "api" / "evidence" / "summary.typ").read_text(encoding="utf-8")
    assert template.index("d.warnings.map") < template.index("= 1.")


def test_an_id_that_two_findings_begin_with_is_refused(ids: dict[str, str], database: str, tmp_path: Path) -> None:
    with connect(database) as connection:
        connection.execute("""
            INSERT INTO finding (id, content, run_id, rule, grade, vehicle_id, start_time, end_time, at, day, body)
            SELECT left(id, 8) || repeat('0', 24), content, run_id, rule, grade, vehicle_id, start_time, end_time, at,
                   day, body
            FROM finding WHERE rule = 'speeding'
        """)
        connection.commit()
    done = called("evidence", ids["speeding"][:8], "--out", tmp_path / "x.zip", DATABASE_URL=database)
    assert done.code == 2
    assert ids["speeding"] in done.err
