"""`hanhtrinh law`: shown by date and path, compared between two dates, checked, printed as the committed page."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest

from cli.law.basis import basis
from cli.law.changes import changes
from cli.law.commands import stale_parameters
from cli.law.page import page
from cli.law.text import items
from rules import law as rulebook
from rules.checks import all_rules
from tests.cli.command import called, hanhtrinh, refused
from tests.law.made import LAW, at

PAGE = Path(__file__).parents[2] / "docs" / "law.md"
BASIS = PAGE.with_name("legal.md")


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")


@pytest.mark.parametrize("command", ["show", "diff", "check", "page"])
def test_each_command_shows_an_example(command: str) -> None:
    done = called("law", command, "--help")
    assert done.code == 0
    assert f"Example: hanhtrinh law {command}" in " ".join(done.out.split())


def test_the_installed_command_knows_it(tmp_path: Path) -> None:
    done = hanhtrinh("law", "show", "driving_time.week_max", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert "Law 36/2024/QH15, Art. 64(1)" in done.out


def test_show_gives_what_is_in_force_on_a_day() -> None:
    out = called("law", "show", "--at", "2023-06-01", "penalties_overload.road").out
    assert "13-15 million VND; licence suspended 1-3 months" in out
    assert "2022-01-01" in out
    assert "2025-01-01" not in out
    assert "2020-01-01" not in out
    assert called("law", "show", "--at", "2024-12-31", "driving_time.week_max").out.count("48") == 0


def test_show_without_a_day_gives_every_regime() -> None:
    out = called("law", "show", "penalties_overload.road").out
    for since in ("2020-01-01", "2022-01-01", "2025-01-01"):
        assert since in out
    assert "licence suspended not known" in out  # of the first band before 2022


def test_show_prints_every_figure_of_every_value() -> None:
    out = " ".join(called("law", "show").out.split())
    for path, values in LAW.parameters.items():
        assert path in out
        assert all(item.source for dated in values for item in items(dated, LAW))


def test_labels_name_one_figure_each() -> None:
    for path, values in LAW.parameters.items():
        for dated in values:
            labels = [item.label for item in items(dated, LAW)]
            assert len(set(labels)) == len(labels), path


def test_mistakes_are_refused() -> None:
    refused(called("law", "show", "speeding"), "no parameter begins with 'speeding'; known: ", "speed.bands")
    refused(called("law", "show", "--at", "June"), "'June' is no date; write it as YYYY-MM-DD")
    refused(called("law", "diff", "2024-12-31", "2025-13-01"), "'2025-13-01' is no date; write it as YYYY-MM-DD")
    refused(called("law", "check", "--today", "now"), "'now' is no date; write it as YYYY-MM-DD")


def test_diff_names_what_changed_on_2022_01_01() -> None:
    done = called("law", "diff", "2021-12-31", "2022-01-01", "--format", "json")
    found = {(one["parameter"], one["item"]): one for one in json.loads(done.out)}
    speed = found["penalties_speed.excess", "driver 10-20"]
    assert (speed["kind"], speed["before"], speed["after"]) == (
        "changed", "3-5 million VND; licence suspended 1-3 months", "4-6 million VND; licence suspended 1-3 months",
    )  # fmt: skip
    assert found["penalties_speed.excess", "driver 35+"]["kind"] == "source"
    assert found["overload.road_bands", "150+"]["kind"] == "gone"
    assert found["overload.road_bands", "50+"]["kind"] == "new"
    assert not any(parameter.startswith("mass.") for parameter, _ in found)


def test_diff_of_one_day_with_itself_is_empty() -> None:
    assert json.loads(called("law", "diff", "2025-01-01", "2025-01-01", "--format", "json").out) == []
    assert changes(LAW, at("2026-08-14"), at("2026-08-15")) != []


def test_csv_and_table_tell_the_same_as_json() -> None:
    dates = ("2026-08-14", "2026-08-15")
    told = json.loads(called("law", "diff", *dates, "--format", "json").out)
    rows = list(csv.DictReader(io.StringIO(called("law", "diff", *dates, "--format", "csv").out)))
    assert rows == told
    assert [(one["kind"], one["parameter"]) for one in told] == [
        ("new", "penalties_general.decree"), ("new", "penalties_operator.device_own_account"),
    ]  # fmt: skip
    table = called("law", "diff", *dates).out
    assert all(one["after"] in table for one in told)


def test_check_lists_what_is_not_verified_and_passes() -> None:
    done = called("law", "check", "--today", "2026-11-20")
    assert (done.code, done.err) == (0, "")
    doubtful = [dated for values in LAW.parameters.values() for dated in values if not dated.verified]
    assert f"{len(doubtful)} values are not verified" in done.out
    assert all(f"{dated.path} from {dated.effective_from}" in done.out for dated in doubtful)
    assert "law version " + LAW.version in done.out


def test_check_warns_of_what_nobody_has_looked_at() -> None:
    oldest = min(about.last_checked for about in LAW.about.values())
    assert stale_parameters(LAW, date.fromordinal(oldest.toordinal() + 180)) == []
    late = date.fromordinal(oldest.toordinal() + 181)
    assert stale_parameters(LAW, late)
    done = called("law", "check", "--today", late.isoformat())
    assert done.code == 1
    assert "was last checked 181 days ago" in done.out


def test_check_fails_on_a_broken_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.law.load.__defaults__", (tmp_path, "method"))
    done = called("law", "check")
    assert done.code == 1
    assert "holds no law files" in done.err


def test_the_committed_page_is_the_one_that_the_law_gives() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(LAW) == called("law", "page").out


def test_the_page_holds_every_value_source_and_doubt() -> None:
    text = page(LAW)
    for path, values in LAW.parameters.items():
        assert f"`{path}`" in text
        for dated in values:
            assert dated.citation in text
            if not dated.verified:
                assert f"- `{path}` từ · from {dated.effective_from}" in text
    for name in LAW.method:
        assert f"`{name}`" in text
    assert "/work" not in text


def test_every_parameter_and_subject_has_a_vietnamese_title() -> None:
    untitled = [path for path, about in LAW.about.items() if about.title_vi is None and not path.startswith("rollups.")]
    assert untitled == []
    headings = [line for line in page(rulebook.load()).splitlines() if line.startswith("## ")]
    assert all(" · " in line and line.split(" · ")[0] != f"## {line.split(' · ')[1]}" for line in headings[:-1])


def test_the_page_of_the_legal_basis_is_the_one_committed() -> None:
    assert called("law", "page", "--basis").out == BASIS.read_text(encoding="utf-8")


def test_the_legal_basis_names_every_rule_and_every_figure_it_rests_on() -> None:
    said = basis(LAW)
    for rule in all_rules():
        section = next(part for part in said.split("\n## ") if f"`{rule.id}" in part.splitlines()[0])
        for path in rule.uses:
            assert f"`{path.removeprefix('method.')}`" in section, (rule.id, path)
        for path in (one for one in rule.uses if one in LAW.parameters):
            for dated in LAW.parameters[path]:
                lines = [
                    line for line in section.splitlines() if dated.effective_from in line and dated.citation in line
                ]
                assert lines, dated
                assert any("not verified" in line or "not known" in line for line in lines) is not (
                    dated.verified and dated.value is not None
                )
