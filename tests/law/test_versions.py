"""Changing one value changes the law's version, and the findings that rest on it, and no other."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from journey.model import Finding, Weighing
from journey.registry import Registration, Registry, Station
from rules import law as rulebook
from rules.engine import know, weighing_floor
from tests.law.made import LAW, at, attached, finding

DAYS = ("2021-06-02", "2023-06-02", "2025-06-02")
# File, text before and after, and what then states something else: rule, band, day.
CHANGES = {
    "a fine of 2025": (
        "penalties_speed.yaml", 'fine: "[12, 14]", points: 6', 'fine: "[12, 15]", points: 6',
        {("speeding", "35+", "2025-06-02")},
    ),
    "points of 2025": (
        "penalties_driving.yaml", "points: 2, clause: Art. 21(5)(b)", "points: 3, clause: Art. 21(5)(b)",
        {("daily_driving", None, "2025-06-02")},
    ),
    "a citation": (
        "penalties_recorder.yaml", "clause: Art. 24(3)(b)", "clause: Art. 24(3)(c)",
        {("double_login", None, "2021-06-02"), ("double_login", None, "2023-06-02")},
    ),
    "what was verified": (
        "penalties_operator.yaml", "123/2021/ND-CP\n      verified: false",
        "123/2021/ND-CP\n      verified: true", {("moving_silence", None, "2023-06-02")},
    ),
    "a figure no rule uses": ("retention.yaml", "value: 3", "value: 4", set()),
}  # fmt: skip


def changed(folder: Path, file: str, before: str, after: str) -> rulebook.Law:
    shutil.copytree(rulebook.FOLDER, folder / "law")
    path = folder / "law" / "vn" / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    return rulebook.load(folder / "law")


@pytest.mark.parametrize("name", CHANGES)
def test_only_what_rests_on_a_value_changes_with_it(tmp_path: Path, name: str) -> None:
    file, before, after, expected = CHANGES[name]
    law = changed(tmp_path, file, before, after)
    assert law.version != LAW.version
    kinds = (("speeding", "10-20"), ("speeding", "35+"), ("overload_payload", "30-50"), ("overload_gross", "50+"),
             ("daily_driving", None), ("double_login", None), ("moving_silence", None))  # fmt: skip
    findings = {(rule, band, day): finding(rule, at(day), band) for rule, band in kinds for day in DAYS}
    ours = {key: attached(one)[0].content for key, one in findings.items()}
    theirs = {key: attached(one, law=law)[0].content for key, one in findings.items()}
    assert {key for key in findings if ours[key] != theirs[key]} == expected


def test_a_limit_changes_the_findings_that_rest_on_it(tmp_path: Path) -> None:
    law = changed(
        tmp_path, "mass.yaml", "{effective_from: 2025-01-01, value: 10,", "{effective_from: 2025-01-01, value: 11,"
    )
    registry = Registry(
        vehicles=(Registration("12C12345", "OP1", "truck", "goods", kerb_kg=6000, payload_kg=5000),),
        stations=(Station("KT1", "KT1"),),
    )

    def judged(rulebook_: rulebook.Law, day: str) -> dict[str, Finding]:
        one = Weighing("KT1", 1, at(day), "12C12345", None, (5000, 13_000), (4000,), 18_000, 1, 0, "T1")
        found, _ = weighing_floor([one], know(registry, rulebook_), rulebook_)
        return {finding.rule: finding for finding in found}

    for day in DAYS:
        ours, theirs = judged(LAW, day), judged(law, day)
        differing = {rule for rule in ours if theirs.get(rule) != ours[rule]}
        assert differing == ({"overload_axle"} if day == "2025-06-02" else set())
