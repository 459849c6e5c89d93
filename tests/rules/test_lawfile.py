"""Reading the law: each mistake is refused by file, place and mend; the shipped law is whole and says its sources."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from rules import law as rulebook
from rules.checks import all_rules, verify
from rules.lawfile import LawError
from rules.scene import Rule

SHIPPED = rulebook.FOLDER
BROKEN = Path(__file__).with_name("broken")
FROM_2025 = "limit: value from 2025-01-01:"
EDGES = "two bands overlap or leave a gap: each must begin where the one before ends"

# Broken law file: where its error is, and what it says to mend.
LAW_MISTAKES = {
    "band-edge-in-both": (FROM_2025, EDGES),
    "band-edge-in-neither": (FROM_2025, EDGES),
    "band-gap": (FROM_2025, EDGES),
    "band-overlap": (FROM_2025, EDGES),
    "band-unknown-key": (FROM_2025, "key 'fine' is not known in a row; mend it or remove it"),
    "band-without-interval": (FROM_2025, 'a band without interval; write interval: "[5, 10)"'),
    "bands-no-list": (FROM_2025, "write a list of rows such as {interval: ..., band: ...}"),
    "date-as-words": ("limit.values.0.effective_from:", "'January 2025' is no date; write it as YYYY-MM-DD"),
    "date-checked-wrong": ("limit.last_checked:", "'01.11.2026' is no date; write it as YYYY-MM-DD"),
    "date-of-no-calendar": ("limit.values.0.effective_from:", "'2025-13-01' is no date; write it as YYYY-MM-DD"),
    "date-twice": ("limit.values:", "write the values in order of effective_from, one a date"),
    "dates-out-of-order": ("limit.values:", "2009-07-01 follows 2025-01-01: write the values in order"),
    "duplicate-key": ("line 5", "key 'unit' stands twice; keep one"),
    "interval-empty": (FROM_2025, "'[10, 5)' is empty: the upper bound must lie above the lower one"),
    "interval-finer-than-unit": (FROM_2025, "'5.5' is finer than the unit that the rules compute in"),
    "interval-includes-infinity": (FROM_2025, "'[35, inf]' includes infinity: end it with \"inf)\""),
    "interval-misread": (FROM_2025, '\'5..10\' is no interval: write "[5, 10)", "(20, 35]" or "(35, inf)"'),
    "interval-of-one-excluded": (FROM_2025, "'[10, 10)' is empty: the upper bound must lie above the lower one"),
    "missing-citation": ("limit.values.0.citation:", "is missing; write it"),
    "missing-verified": ("limit.values.0.verified:", "is missing; write it"),
    "no-mapping": ("no-mapping.yaml:", "is no mapping of keys to values"),
    "no-parameter": ("limit:", "should be a valid dictionary"),
    "no-values": ("limit.values:", "at least 1 item"),
    "not-text": ("not-text.yaml:", "'utf-8' codec can't decode byte 0xff in position 0"),
    "not-yaml": ("line 2", "expected ',' or ']'"),
    "number-as-words": (FROM_2025, "'four' is not a number"),
    "number-finer-than-unit": (FROM_2025, "0.0001 is finer than the unit that the rules compute in"),
    "number-true": (FROM_2025, "True is not a number"),
    "parameter-twice": ("line 11", "key 'limit' stands twice; keep one"),
    "short-citation": ("limit.values.0.citation:", "at least 8 characters"),
    "table-cell-no-number": (FROM_2025, "'long' is not a number"),
    "table-no-mapping": (FROM_2025, "write a table: name: number"),
    "unknown-key": ("limit.units:", "this key is not known here; mend its name or remove it"),
    "unknown-key-of-value": ("limit.values.0.source:", "this key is not known here; mend its name or remove it"),
    "unknown-shape": ("limit.shape:", "'number', 'table', 'bands', 'clauses' or 'text'"),
    "unknown-unit": ("limit.unit:", "unit 'hours' is not known; write one of: h, min, s,"),
}
METHOD_MISTAKES = {
    "extends-nothing": ("no-such-method.yaml:", "cannot be read: No such file or directory"),
    "figure-no-mapping": ("figures.short_stop_max:", "should be a valid dictionary"),
    "finer-than-unit": ("figures.short_stop_max:", "59.5 is finer than the unit that the rules compute in"),
    "no-date": ("applies_from:", "'always' is no date; write it as YYYY-MM-DD"),
    "no-rationale": ("figures.short_stop_max.rationale:", "is missing; write it"),
    "no-title": ("title:", "is missing; write it"),
    "short-rationale": ("figures.short_stop_max.rationale:", "at least 20 characters"),
    "unknown-figure": ("figures.short_stop_maximum:", "method.yaml has no such figure; mend the name"),
    "unknown-key": ("applies_to:", "this key is not known here; mend its name or remove it"),
    "unknown-unit": ("figures.short_stop_max.unit:", "unit 'seconds' is not known; write one of: h, min, s,"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped law that a test may change."""
    shutil.copytree(SHIPPED, tmp_path / "law")
    return tmp_path / "law"


def refusal(folder: Path, method: str = "method") -> str:
    with pytest.raises(LawError) as caught:
        rulebook.load(folder, method)
    return str(caught.value)


def test_every_broken_file_is_tried() -> None:
    for kind, mistakes in (("vn", LAW_MISTAKES), ("method", METHOD_MISTAKES)):
        assert sorted(mistakes) == sorted(path.stem for path in (BROKEN / kind).iterdir())


@pytest.mark.parametrize("name", LAW_MISTAKES)
def test_a_mistake_in_a_law_file_is_refused_by_name(folder: Path, name: str) -> None:
    shutil.copy(BROKEN / "vn" / f"{name}.yaml", folder / "vn")
    said = refusal(folder)
    place, mend = LAW_MISTAKES[name]
    assert said.startswith(f"{name}.yaml:")
    assert place in said
    assert mend in said


@pytest.mark.parametrize("name", METHOD_MISTAKES)
def test_a_mistake_in_a_method_file_is_refused_by_name(folder: Path, name: str) -> None:
    shutil.copy(BROKEN / "method" / f"{name}.yaml", folder)
    place, mend = METHOD_MISTAKES[name]
    for method in (name, str(folder / f"{name}.yaml")):
        said = refusal(folder, method)
        assert name == "extends-nothing" or said.startswith(f"{name}.yaml:")
        assert place in said
        assert mend in said


def test_a_file_that_cannot_be_read_is_named(folder: Path) -> None:
    (folder / "vn" / "lost.yaml").symlink_to(folder / "nowhere")
    assert refusal(folder) == f"{folder / 'vn' / 'lost.yaml'}: cannot be read: No such file or directory"
    (folder / "vn" / "lost.yaml").unlink()
    assert refusal(folder, "other") == f"{folder / 'other.yaml'}: cannot be read: No such file or directory"


def test_an_empty_folder_is_no_law(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path / 'vn'}: holds no law files"


def test_an_empty_file_is_no_law(folder: Path) -> None:
    (folder / "vn" / "speed.yaml").write_text("# nothing\n", encoding="utf-8")
    assert refusal(folder) == "speed.yaml: is no mapping of keys to values"


@pytest.mark.parametrize("method", ["method", "method-practice"])
def test_the_shipped_law_states_a_source_for_every_value(method: str) -> None:
    law = rulebook.load(method=method)
    verify(law)
    for path, values in law.parameters.items():
        assert values, path
        for dated in values:
            assert len(dated.citation) >= 8, path
            assert re.fullmatch(r"\d{4}-\d\d-\d\d", dated.effective_from), path
            assert type(dated.verified) is bool, path
            assert dated.use().citation == dated.citation
        assert [dated.start for dated in values] == sorted({dated.start for dated in values}), path
    for dated in law.method.values():
        stem, _, rationale = dated.citation.partition(": ")
        assert stem == method
        assert len(rationale) >= 20


def test_every_parameter_says_what_it_is_and_when_it_was_looked_at() -> None:
    for path in sorted((SHIPPED / "vn").glob("*.yaml")):
        for key, parameter in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            assert len(parameter["description"]) >= 10, f"{path.name}: {key}"
            assert parameter["last_checked"], f"{path.name}: {key}"


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_every_figure_that_a_rule_rests_on_is_stated(rule: Rule[object], folder: Path) -> None:
    assert rule.uses
    for path in rule.uses:
        changed = _without(folder, path)
        with pytest.raises(LawError, match=rf"needs {re.escape(path)}, which no law or method file states; add it"):
            verify(changed)


def _without(folder: Path, path: str) -> rulebook.Law:
    """The law of a folder with one figure taken out; the folder stays as it was."""
    stem, _, key = path.partition(".")
    file = folder / "method.yaml" if stem == "method" else folder / "vn" / f"{stem}.yaml"
    text = file.read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    del (content["figures"] if stem == "method" else content)[key]
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    law = rulebook.load(folder)
    file.write_text(text, encoding="utf-8")
    return law


def test_the_version_follows_values_not_layout(folder: Path) -> None:
    file = folder / "vn" / "driving_time.yaml"
    text = file.read_text(encoding="utf-8")
    version = rulebook.load().version
    assert re.fullmatch(r"[0-9a-f]{16}", version)
    assert rulebook.load(folder).version == version
    file.write_text(f"# A remark.\n{text.replace('  shape: number\n  unit: h\n', '  unit: h\n\n  shape: number\n')}",
                    encoding="utf-8")  # fmt: skip
    assert rulebook.load(folder).version == version
    changes = (
        ("value: 48", "value: 47"),
        ("Art. 64(1)", "Art. 64(2)"),
        ("2009-07-01", "2009-07-02"),
        ("verified: true", "verified: false"),
        ("other: 15", "other: 16"),
    )
    versions = {version}
    for before, after in changes:
        assert before in text
        file.write_text(text.replace(before, after), encoding="utf-8")
        versions.add(rulebook.load(folder).version)
    file.write_text(text, encoding="utf-8")
    method = (folder / "method.yaml").read_text(encoding="utf-8")
    (folder / "method.yaml").write_text(method.replace("value: 65", "value: 66"), encoding="utf-8")
    versions.add(rulebook.load(folder).version)
    versions.add(rulebook.load(method="method-practice").version)
    assert len(versions) == 1 + len(changes) + 2


def test_the_method_of_the_trade_changes_what_it_names_and_nothing_else() -> None:
    ours, trade = rulebook.load(), rulebook.load(method="method-practice")
    changed = {name: (ours.figure(name), trade.figure(name)) for name in ours.method
               if ours.figure(name) != trade.figure(name)}  # fmt: skip
    assert changed == {
        "short_stop_max": (60, 900),
        "moving_min": (50, 30),
        "speeding_min_duration": (20, 31),
        "speeding_gap_max": (120, 60),
    }
    assert (ours.method_name, trade.method_name) == ("method", "method-practice")
    assert ours.parameters == trade.parameters
    assert ours.version != trade.version


def test_the_method_states_the_figures_of_the_rules_page() -> None:
    law = rulebook.load()
    page = {
        "box": (102.0, 8.0, 110.0, 24.0), "future_max": 300, "speed_max": 2000, "jump_speed_max": 2000,
        "frozen_speed_min": 200, "frozen_run_min": 3, "moving_min": 50, "moving_gap_max": 120,
        "parked_radius": 200_000, "short_stop_max": 60, "road_distance_max": 30_000, "road_heading_max": 90,
        "speeding_min_fixes": 2, "speeding_min_duration": 20, "speeding_gap_max": 120, "unknown_bridge_max": 1800,
        "moving_silence_distance_min": 1_000_000, "person_mass": 65, "persons_default": 1, "axle_group_gap": 2000,
    }  # fmt: skip
    assert {name: law.figure(name) for name in page} == page


def test_a_method_file_may_stand_anywhere(folder: Path) -> None:
    law = rulebook.load(method=str(folder / "method-practice.yaml"))
    assert law.method_name == "method-practice"
    assert law.version == rulebook.load(method="method-practice").version
