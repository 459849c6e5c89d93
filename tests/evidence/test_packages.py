"""A package of one finding of each rule: checked by its own program, made twice, and with every file tampered with."""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import NamedTuple

import pytest

from cli.fleet import FleetSpec, generate, write
from journey.model import Finding
from storage.audit.log import entries
from storage.database import connect, transaction
from storage.findings import body_of, load_findings
from tests.cli.command import called, hanhtrinh, refused
from tests.evidence.checker import has_page, read_json, unpack, verify

pytestmark = pytest.mark.xdist_group("evidence")  # the store of a week is made once
SPEC = FleetSpec(vehicles=40, sampling_s=(20, 30), split_feeds=True)
RULES = ("continuous_driving", "daily_driving", "double_login", "moving_silence", "overload_axle", "overload_gross",
         "overload_payload", "speeding", "weekly_driving")  # fmt: skip
ALWAYS = [
    "summary.pdf",
    "finding.json",
    "explanation.txt",
    "explanation.json",
    "law.json",
    "fixes.csv",
    "fixes.geojson",
]
SVG = "{http://www.w3.org/2000/svg}"


class Made(NamedTuple):
    finding: Finding
    path: Path
    folder: Path
    files: dict[str, bytes]
    manifest_sha256: str


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory, module_database: str) -> dict[str, Finding]:
    """One finding of each rule of a week's fleet in the module's database."""
    folder = tmp_path_factory.mktemp("fleet")
    write(generate(SPEC), folder)
    files = [*sorted(folder.glob("feed.*")), folder / "weighings.ndjson"]
    for command in (("import", folder), ("replay", *files), ("check",)):
        done = called(*command, DATABASE_URL=module_database)
        assert done.code == 0, done
    with connect(module_database) as connection:
        found = load_findings(connection, SPEC.begin, SPEC.end)
    return {rule: next(one for one in found if one.rule == rule) for rule in RULES}


@pytest.fixture(scope="module", params=RULES)
def made(
    request: pytest.FixtureRequest,
    findings: dict[str, Finding],
    module_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Made:
    finding, folder = findings[request.param], tmp_path_factory.mktemp(request.param)
    path, opened = folder / "package.zip", folder / "opened"
    done = called("evidence", finding.id, "--out", path, DATABASE_URL=module_database)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{path}: finding {finding.id}, manifest.json SHA-256 ")
    return Made(finding, path, opened, unpack(path, opened), done.out.split()[-1])


def test_its_own_program_finds_it_whole(made: Made) -> None:
    code, said = verify(made.folder)
    assert code == 0, said
    assert "made anew" in said
    assert said.splitlines()[-1].startswith("OK")
    assert verify(made.folder, made.path, made.manifest_sha256)[0] == 0  # the zip itself, too


def test_the_manifest_is_the_one_that_was_told(made: Made) -> None:
    assert hashlib.sha256(made.files["manifest.json"]).hexdigest() == made.manifest_sha256
    code, said = verify(made.folder, made.folder, "0" * 64)
    assert code == 1
    assert "FAILED manifest.json" in said


def test_it_is_the_same_bytes_again(made: Made, module_database: str, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    done = hanhtrinh("evidence", made.finding.id[:12], "--out", again, cwd=tmp_path, DATABASE_URL=module_database)
    assert done.code == 0, done
    assert again.read_bytes() == made.path.read_bytes()


def test_each_file_tampered_with_is_named(made: Made) -> None:
    for name, content in made.files.items():
        path = made.folder / name
        # In verify.py within its first words, so that it still runs.
        place = content.index(b"Checks one") if name == "verify.py" else len(content) // 2
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        code, said = verify(made.folder)
        assert code == 1, name
        wrong = {line.split()[1].rstrip(":") for line in said.splitlines() if line.startswith("FAILED ")}
        # Of a manifest that is not the one of its hash, nobody can say which of the two was changed.
        assert name in wrong or (name == "manifest.sha256" and "manifest.json" in wrong), said
        if not name.startswith("manifest"):
            assert wrong == {name}
        path.write_bytes(content)
    assert verify(made.folder)[0] == 0


def test_a_file_gone_or_added_is_named(made: Made) -> None:
    for name in set(made.files) - {"verify.py"}:
        (made.folder / name).unlink()
        assert f"FAILED {name}: missing" in verify(made.folder)[1]
        (made.folder / name).write_bytes(made.files[name])
    added = made.folder / "extra.txt"
    added.write_text("not of the package")
    assert "FAILED extra.txt: added" in verify(made.folder)[1]
    added.unlink()


def test_it_holds_what_it_must(made: Made) -> None:
    names = list(made.files)
    assert names[: len(ALWAYS)] == ALWAYS
    assert names[-3:] == ["verify.py", "manifest.json", "manifest.sha256"]
    rule = made.finding.rule
    assert ("weighing.svg" in names, "weighing.json" in names) == (rule.startswith("overload"),) * 2
    assert ("speed.svg" in names) == (not rule.startswith("overload"))
    assert "map.svg" in names
    assert ("driving.svg" in names) == (rule.endswith("_driving") or rule == "double_login")
    assert made.files["finding.json"] == body_of(made.finding).encode()


def test_the_account_says_what_it_was_made_with(made: Made) -> None:
    manifest = read_json(made.folder, "manifest.json")
    assert manifest["finding"]["content"] == made.finding.content
    assert manifest["finding"]["derived"] == "equal"
    assert manifest["warnings"] == []
    assert manifest["run"]["law_version"] == manifest["derived_with"]["law_version"]
    assert manifest["run"]["code_version"] == manifest["derived_with"]["code_version"]
    assert manifest["run"]["watermark"] > 0
    assert manifest["made"] is None


def test_the_law_of_every_figure_is_quoted(made: Made) -> None:
    law = read_json(made.folder, "law.json")
    assert [one["parameter"] for one in law["stated"]] == [use.parameter for use in made.finding.law]
    for one in law["stated"] + law["read"]:
        assert one["citation"]
        assert isinstance(one["verified"], bool)
        assert one["in_force_from"] <= "2026-03-02"
        assert one["in_force_to"] is None or one["in_force_to"] > "2026-03-02"
    assert law["consequences"] or law["no_consequence"]


def test_drawings_stand_alone_and_may_be_embedded(made: Made) -> None:
    """No styles, scripts, ids or links: a page with a strict policy shows them, several at once."""
    for name, content in made.files.items():
        if name.endswith(".svg"):
            root = ET.fromstring(content)  # noqa: S314 - our own
            assert root.tag == f"{SVG}svg"
            assert root.find(f"{SVG}title") is not None
            for one in root.iter():
                assert one.tag.removeprefix(SVG) in {
                    "svg", "title", "rect", "line", "polyline", "path", "circle", "text", "g",
                }  # fmt: skip
                assert not {"style", "id", "href", "onload"} & set(one.attrib)
            assert b"http" not in content.replace(b"http://www.w3.org/2000/svg", b"")


def test_the_summary_is_at_most_two_pages(made: Made, tmp_path: Path) -> None:
    assert made.files["summary.pdf"].startswith(b"%PDF-1.7")
    assert has_page(made.files["summary.pdf"], 1, tmp_path)
    assert not has_page(made.files["summary.pdf"], 3, tmp_path)


def test_the_moment_of_making_is_printed_where_it_is_told(
    findings: dict[str, Finding], module_database: str, tmp_path: Path
) -> None:
    done = called("evidence", findings["speeding"].id, "--out", tmp_path / "dated.zip", "--made-at", "1773000000",
                  DATABASE_URL=module_database)  # fmt: skip
    assert done.code == 0
    unpack(tmp_path / "dated.zip", tmp_path / "dated")
    assert read_json(tmp_path / "dated", "manifest.json")["made"] == "2026-03-09T03:00:00+07:00"
    assert verify(tmp_path / "dated")[0] == 0


def test_that_it_was_made_is_on_record(made: Made, module_database: str) -> None:
    with connect(module_database) as connection, transaction(connection):
        first = entries(connection, 100, subject=made.finding.id)[-1]
    assert (first.what, first.via, first.login) == ("evidence", "command", None)
    assert first.detail == f"manifest.json SHA-256 {made.manifest_sha256}"


def test_no_such_finding(module_database: str, findings: dict[str, Finding], tmp_path: Path) -> None:
    out = tmp_path / "none.zip"
    for name in ("ffffffffffff", "speeding", ""):
        refused(called("evidence", name, "--out", out, DATABASE_URL=module_database), "finding")
    known = findings["speeding"].id
    refused(called("evidence", known, "--out", tmp_path / "no" / "x.zip", DATABASE_URL=module_database), "--out")
    assert not out.exists()
