"""From a checked store to lists and explanations, and what is refused on the way."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from cli.fleet import FleetSpec, generate, match, write
from cli.fleet.spec import Fleet
from journey.localtime import name_week
from journey.model import Finding
from storage.database import connect
from storage.findings import load_findings
from tests.cli.command import called, hanhtrinh, refused
from tests.cli.samples import write as write_text

SPEC = FleetSpec(vehicles=12, days=1, seed=3, sampling_s=(30, 30), operators=6, split_feeds=True)
WEEK = name_week(SPEC.begin)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, module_database: str) -> tuple[Fleet, Path]:
    """A fleet in the module's database: imported, replayed in three forms, checked."""
    made, folder = generate(SPEC), tmp_path_factory.mktemp("fleet")
    write(made, folder)
    files = [*sorted(folder.glob("feed.*")), folder / "weighings.ndjson"]
    assert len(files) == 4
    for command in (("import", folder), ("replay", *files), ("check",)):
        done = called(*command, DATABASE_URL=module_database)
        assert done.code == 0, done
    return made, folder


@pytest.fixture
def findings(fleet: tuple[Fleet, Path], module_database: str) -> list[Finding]:
    with connect(module_database) as connection:
        return load_findings(connection, SPEC.begin, SPEC.end)


def test_what_was_planted_was_found(fleet: tuple[Fleet, Path], findings: list[Finding]) -> None:
    result = match(fleet[0].answers, [finding.as_dict() for finding in findings])
    assert (result.missing, result.extra) == ([], [])
    assert len(result.found) == len(fleet[0].answers) >= 17


def test_a_second_check_does_nothing(fleet: tuple[Fleet, Path], module_database: str) -> None:
    done = called("check", DATABASE_URL=module_database)
    assert (done.code, done.out) == (0, "")
    assert "nothing waits: every stored record has been judged" in done.err


def test_importing_the_same_again_changes_nothing(fleet: tuple[Fleet, Path], module_database: str) -> None:
    assert called("import", fleet[1], DATABASE_URL=module_database).code == 0
    assert "nothing waits" in called("check", DATABASE_URL=module_database).err


def test_importing_bad_reference_data_changes_nothing(
    fleet: tuple[Fleet, Path], module_database: str, tmp_path: Path
) -> None:
    write_text(tmp_path / "registry.json", '{"operators": [{"id": "OP1"}]}')
    done = called("import", tmp_path, DATABASE_URL=module_database)
    refused(done, "registry.json: line 1: operators.0.name: Field required")
    assert "nothing waits" in called("check", DATABASE_URL=module_database).err


def test_a_list_is_the_same_bytes_again(fleet: tuple[Fleet, Path], module_database: str, tmp_path: Path) -> None:
    written = []
    for folder in (tmp_path / "a", tmp_path / "b" / "c"):
        done = hanhtrinh("export", "--week", WEEK, "--folder", folder, "--made-at", "1773000000", cwd=tmp_path,
                         DATABASE_URL=module_database)  # fmt: skip
        assert (done.code, done.err) == (0, "")
        paths = [Path(line) for line in done.out.splitlines()]
        assert sorted(path.name for path in paths) == [
            f"danh-sach-{WEEK}{suffix}" for suffix in (".csv", ".json", ".pdf", ".so-dem.csv", ".so-dem.json", ".xlsx")
        ]
        assert sorted(folder.iterdir()) == sorted(paths)
        written.append({path.name: path.read_bytes() for path in paths})
    assert written[0] == written[1]


def test_a_list_names_certain_findings_alone(findings: list[Finding], module_database: str, tmp_path: Path) -> None:
    done = called("export", "--week", WEEK, "--folder", tmp_path, DATABASE_URL=module_database)
    text = (tmp_path / f"danh-sach-{WEEK}.csv").read_text(encoding="utf-8-sig")
    assert done.code == 0
    cells = {cell for row in csv.reader(io.StringIO(text), delimiter=_delimiter(text)) for cell in row}
    grades = {finding.id: finding.grade for finding in findings}
    assert "possible" in grades.values()
    for finding in findings:
        assert any(finding.id.startswith(cell) for cell in cells if len(cell) >= 8) is (finding.grade == "certain")


def _delimiter(text: str) -> str:
    return max(",;\t", key=text.count)


@pytest.mark.parametrize("week", ["2026-W60", "2026-12", "last", "2025-W53", "2026-W00", ""])
def test_a_wrong_week_is_refused_and_nothing_written(module_database: str, tmp_path: Path, week: str) -> None:
    done = called("export", "--week", week, "--folder", tmp_path / "lists", DATABASE_URL=module_database)
    refused(done, f"--week {week!r} is no ISO week: write it like 2026-W12")
    assert list(tmp_path.iterdir()) == []


def test_a_week_without_records_is_an_empty_list(module_database: str, tmp_path: Path) -> None:
    done = called("export", "--week", "2019-W01", "--folder", tmp_path, DATABASE_URL=module_database)
    assert done.code == 0
    assert len(list(tmp_path.iterdir())) == 6


def test_a_folder_that_cannot_be_written_is_named(module_database: str, tmp_path: Path) -> None:
    write_text(tmp_path / "lists", "a file")
    done = called("export", "--week", WEEK, "--folder", tmp_path / "lists", DATABASE_URL=module_database)
    refused(done, f"{tmp_path / 'lists'}: cannot be written: File exists; name another --folder")


def test_a_list_over_records_not_yet_judged_warns(database: str, tmp_path: Path) -> None:
    write_text(tmp_path / "feed.csv", f"vehicle,time,lon,lat,speed_kmh\n12C-123.45,{SPEC.begin},106.7,21.5,0\n")
    assert called("replay", tmp_path / "feed.csv", DATABASE_URL=database).code == 0
    done = called("export", "--week", WEEK, "--folder", tmp_path / "lists", DATABASE_URL=database)
    assert (done.code, len(done.out.splitlines())) == (0, 6)
    assert "warning: 1 vehicle-days wait to be judged: run `hanhtrinh check` before you publish" in done.err


def test_every_finding_is_explained(findings: list[Finding], module_database: str) -> None:
    """One of each rule, grade and band: derived anew, equal, with its law."""
    kinds = {(finding.rule, finding.grade, finding.band): finding for finding in findings}
    assert len(kinds) >= 15
    for finding in kinds.values():
        done = called("explain", finding.id[:12], DATABASE_URL=module_database)
        assert (done.code, done.err) == (0, ""), finding
        said = " ".join(done.out.split())
        assert f"finding {finding.id}" in said
        assert "equal to the stored finding in every field" in said
        for use in finding.law:
            assert f"{use.parameter} = " in said
            assert " ".join(use.citation.split())[:40] in said


@pytest.mark.parametrize("unknown", ["0123456789abcdef", "xyz", "%", "-1x", ""])
def test_an_unknown_finding_is_refused(fleet: tuple[Fleet, Path], module_database: str, unknown: str) -> None:
    done = called("explain", "--", unknown, DATABASE_URL=module_database)
    refused(done, f"no current finding begins with {unknown!r}; the list names every finding's id")


def test_an_ambiguous_prefix_lists_those_that_it_begins(findings: list[Finding], module_database: str) -> None:
    letters = [finding.id[0] for finding in findings]
    letter = max(letters, key=letters.count)
    done = called("explain", letter, DATABASE_URL=module_database)
    refused(done, f"{letter!r} is the start of ")
    meant = [finding.id for finding in findings if finding.id.startswith(letter)]
    assert len(meant) >= 2
    assert all(one in done.err for one in meant)


def test_the_installed_command_explains(findings: list[Finding], module_database: str, tmp_path: Path) -> None:
    done = hanhtrinh("explain", findings[0].id, cwd=tmp_path, DATABASE_URL=module_database)
    assert (done.code, done.err) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_findings_judged_by_another_method_say_so(findings: list[Finding], module_database: str) -> None:
    """Explained under another method than the stored one, a finding that rests on it is not confirmed."""
    drive = next(finding for finding in findings if finding.rule == "speeding")
    done = called("explain", drive.id, DATABASE_URL=module_database, METHOD="method-practice")
    assert done.code == 1
    assert "no longer give this finding as it stands" in done.out
