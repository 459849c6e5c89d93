"""The reader of command lines itself."""

from __future__ import annotations

import pytest

from tests.operations.commands import fault, faults_of


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("check --follow --workers 2", None),
        ("db backup /backup/x.dump", None),
        ("--data demo/store explain abc", None),
        ("check --fellow", "there is no --fellow"),
        ("db backups", "there is no command backups"),
        ("counts now", "now is one word too many"),
    ],
)
def test_a_line_is_one_of_ours_or_not(line: str, said: str | None) -> None:
    assert (fault(line.split()) or "").endswith(said or "")
    assert (fault(line.split()) is None) == (said is None)


def test_lines_are_found_in_a_text() -> None:
    text = "Run `hanhtrinh no` or\n\n    hanhtrinh counts; hanhtrinh never\n\nand the hanhtrinh people say so"
    assert faults_of(text) == ["no: there is no command no"]
