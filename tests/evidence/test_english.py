"""A package in English: the Vietnamese one and a summary more, whose lines have the figures of the Vietnamese ones."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from io import BytesIO
from itertools import product
from pathlib import Path

import pytest

from api.evidence import doubts, statements, words_en
from api.evidence.dossier import Dossier
from api.evidence.package import package
from api.evidence.penalties import penalties
from api.evidence.summary import TEMPLATE
from api.evidence.summary_en import LABELS
from api.evidence.words import Words
from api.evidence.words_en import EN
from api.evidence.words_vi import VI
from api.exports import wording as lists
from cli.explaining.gathering import gather
from cli.fleet import FleetSpec, generate, write
from cli.root import law_of
from journey.settings import Settings
from storage.database import connect, transaction
from storage.evidence import kept_finding
from storage.findings import load_findings
from tests.cli.command import called
from tests.evidence.checker import has_page, unpack, verify

pytestmark = pytest.mark.xdist_group("evidence-english")
SPEC = FleetSpec(vehicles=40, sampling_s=(20, 30), split_feeds=True)
_PLACE = re.compile(r"\{(\w+)\}")
_NUMBER = re.compile(r"\d[\d.,]*\d|\d")
_LETTERS = re.compile("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)


@pytest.fixture(scope="module")
def dossiers(tmp_path_factory: pytest.TempPathFactory, module_database: str) -> list[Dossier]:
    """Of one finding of each rule, and of those for review."""
    folder = tmp_path_factory.mktemp("fleet")
    write(generate(SPEC), folder)
    files = [*sorted(folder.glob("feed.*")), folder / "weighings.ndjson"]
    for command in (("import", folder), ("replay", *files), ("check",)):
        done = called(*command, DATABASE_URL=module_database)
        assert done.code == 0, done
    with connect(module_database) as connection, transaction(connection):
        found = {(one.rule, one.grade): one.id for one in load_findings(connection, SPEC.begin, SPEC.end)}
        kept = [kept_finding(connection, id_) for id_ in found.values()]
        return [gather(connection, one, law_of(Settings()), None) for one in kept if one is not None]


def doubtful(dossier: Dossier) -> Iterator[Dossier]:
    """A dossier, and what becomes of it where the record or the program has changed."""
    yield dossier
    differences = (("measured", 1.5, 2), ("law", (), ()), ("at", 1, 2))
    yield replace(dossier, derived="changed", differences=differences, backups=("b1.dump", "b2.dump"))
    record = replace(dossier.record, withdrawn_at=1_772_000_000, withdrawn_run="R7", reason="law", law_version="1999.1",
                     code_version="0.0")  # fmt: skip
    yield replace(dossier, derived="gone", record=record, fixes=(), pieces=())
    yield replace(dossier, units=(None,), operator_name=None)


def figures(text: str) -> list[str]:
    """The figures of a text, whatever stands between thousands and before decimals."""
    return sorted(re.sub(r"[.,]", "", one) for one in _NUMBER.findall(text))


def test_every_line_has_the_figures_of_its_vietnamese_one(dossiers: list[Dossier]) -> None:
    told: tuple[Callable[[Dossier, Words], Iterable[Iterable[str]]], ...] = (
        statements.recorded, statements.warnings, statements.facts, doubts.unknown, doubts.answers,
    )  # fmt: skip
    assert {one.finding.rule for one in dossiers} == set(lists.RULES)
    for dossier, of in product((one for all_ in dossiers for one in doubtful(all_)), told):
        one, other = (["".join(line) for line in of(dossier, said)] for said in (VI, EN))
        assert len(one) == len(other), (dossier.finding.rule, of)
        for left, right in zip(one, other, strict=True):
            # Figures of law are named in words there and by their path here; bands are said in words there.
            if not left.startswith(("Chưa đối chiếu", "Kết quả")):
                assert figures(left) == figures(right), (left, right)


def test_penalties_have_the_figures_of_their_vietnamese_ones(dossiers: list[Dossier]) -> None:
    lines = 0
    for dossier in dossiers:
        for one, other in zip(penalties(dossier.law, VI), penalties(dossier.law, EN), strict=True):
            assert figures(one.taken) == figures(other.taken)
            assert one.verified == other.verified
            lines += 1
    assert lines


def phrases(said: object) -> Iterator[tuple[str, object]]:
    """Every phrase of a set of words by its name; of mappings each by its key."""
    for field in fields(said):  # type: ignore[arg-type]
        value = getattr(said, field.name)
        if is_dataclass(value):
            yield from ((f"{field.name}.{name}", one) for name, one in phrases(value))
        elif isinstance(value, Mapping):
            yield from ((f"{field.name}[{key}]", one) for key, one in value.items())
        else:
            yield field.name, value


def test_english_has_words_for_all_that_vietnamese_has() -> None:
    """What consequences, reasons and fields are worded as in the data is English already."""
    own = ("statements.fields[", "statements.reasons[", "penalties.because[", "penalties.notes[")
    vietnamese = {name: one for name, one in phrases(VI) if not name.startswith(own)}
    english = {name: one for name, one in phrases(EN) if not name.startswith(own)}
    assert set(english) == set(vietnamese)
    assert set(words_en.RULES) == set(lists.RULES)
    for name, one in vietnamese.items():
        other = english[name]
        if isinstance(one, tuple):
            assert isinstance(other, tuple)
            assert len(one) == len(other), name
        if isinstance(one, str):
            assert set(_PLACE.findall(one)) == set(_PLACE.findall(str(other))), name


def test_the_template_says_nothing_in_vietnamese_by_itself() -> None:
    text = TEMPLATE.decode()
    for vietnamese, said in LABELS.items():
        assert text.count(vietnamese) == 1, vietnamese
        text = text.replace(vietnamese, said)
    assert not _LETTERS.search(text)


def test_the_vietnamese_files_are_the_same_bytes_in_it(dossiers: list[Dossier], tmp_path: Path) -> None:
    for dossier in dossiers:
        plain, with_english = package(dossier), package(dossier, english=True)
        assert with_english == package(dossier, english=True)
        with zipfile.ZipFile(BytesIO(plain)) as one, zipfile.ZipFile(BytesIO(with_english)) as other:
            assert set(other.namelist()) - set(one.namelist()) == {"summary.en.pdf"}
            for name in set(one.namelist()) - {"manifest.json", "manifest.sha256"}:
                assert one.read(name) == other.read(name), name
            assert has_page(other.read("summary.en.pdf"), 1, tmp_path)
            assert not has_page(other.read("summary.en.pdf"), 3, tmp_path)  # two pages at most, as the other
        path, folder = tmp_path / f"{dossier.record.id}.zip", tmp_path / dossier.record.id
        path.write_bytes(with_english)
        unpack(path, folder)
        code, said = verify(folder, path)
        assert code == 0, said


def test_the_command_makes_it_where_it_is_asked_for(
    dossiers: list[Dossier], module_database: str, tmp_path: Path
) -> None:
    id_, path = dossiers[0].record.id, tmp_path / "en.zip"
    done = called("evidence", id_, "--out", path, "--language", "en", DATABASE_URL=module_database)
    assert done.code == 0, done
    assert path.read_bytes() == package(dossiers[0], english=True)
    refusal = called("evidence", id_, "--out", path, "--language", "fr", DATABASE_URL=module_database)
    assert refusal.code == 2
