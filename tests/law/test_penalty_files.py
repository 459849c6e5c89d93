"""A mistake in a penalty is refused by file, key and mend; what a good row reads to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rules import law as rulebook
from rules.lawfile import LawError

BROKEN = Path(__file__).with_name("broken")
VALUE = "fine: value from 2025-01-01: "
ROW = VALUE + "penalty of driver 5-10: "
OWNER = VALUE + "penalty of owner 5-10: "
ARTICLE = "clause is missing; write the article and clause, such as Art. 6(3)(a)"
EITHER = "a penalty names either the band of a finding or an offence; write one of the two"
CLOSED = 'both ends belong to it; write it as "[4, 6]"'
LIST = "write a list of rows such as {interval: ..., band: ...}"

MISTAKES = {
    "band-and-offence": VALUE + EITHER,
    "band-no-text": VALUE + "band 5 of a penalty is no text; put it in quotes",
    "clause-without-article": ROW + ARTICLE,
    "fine-finer-than-unit": ROW + "'4.0000001' is finer than the unit that the rules compute in",
    "fine-low-above-high": ROW + "'[6, 4]' is empty: the upper bound must lie above the lower one",
    "fine-none": ROW + "'none' is no interval",
    "fine-one-number": ROW + "'5' is no interval",
    "fine-open": ROW + "fine '[4, 6)': " + CLOSED,
    "fine-without-end": ROW + "fine '[4, inf)': " + CLOSED,
    "missing-clause": ROW + ARTICLE,
    "missing-fine": ROW + 'fine is missing; write that of a person, such as "[4, 6]"',
    "missing-subject": VALUE + "subject None is not known; write one of: driver, owner, operator, loader, provider",
    "neither-band-nor-offence": VALUE + EITHER,
    "no-rows": VALUE + LIST,
    "not-known-but-verified": "fine.values.0: what is not known is not verified; write verified: false",
    "organisation-below-person": OWNER + "an organisation is fined less than a person; mend one of the two",
    "organisation-of-a-driver": ROW + "a driver is a person; remove organisation",
    "organisation-without-person": OWNER + 'fine is missing; write that of a person, such as "[4, 6]"; organisation '
                                           "stands beside the fine of a person",
    "points-as-words": ROW + "'two' is not a number",
    "points-broken": ROW + "points 2.0: write a whole number, 0 where the law takes none",
    "points-negative": ROW + "points -2: write a whole number, 0 where the law takes none",
    "row-no-mapping": VALUE + LIST,
    "rows-no-list": VALUE + LIST,
    "short-title": "fine.title_vi: String should have at least 8 characters",
    "suspension-half-month": ROW + "'0.5' is finer than the unit that the rules compute in",
    "twice": VALUE + "penalty of driver 5-10 stands twice; keep one",
    "unhashable-key": "line 1 a key is no text; mend it",
    "unknown-carriage": VALUE + "carriage 'timber' is not known; write one of: passenger, goods",
    "unknown-key": VALUE + "key 'fines' is not known in a penalty; mend it or remove it",
    "unknown-subject": VALUE + "subject 'police' is not known; write one of: driver, owner,",
}  # fmt: skip


def test_every_broken_file_is_tried() -> None:
    assert sorted(MISTAKES) == sorted(path.stem for path in BROKEN.iterdir())


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "vn").mkdir()
    shutil.copy(BROKEN / f"{name}.yaml", tmp_path / "vn")
    with pytest.raises(LawError) as caught:
        rulebook.load(tmp_path)
    said = str(caught.value)
    assert said.startswith(f"{name}.yaml:")
    assert MISTAKES[name] in said


def test_a_good_row_is_read_to_base_units() -> None:
    dated = rulebook.load().dated("penalties_speed.excess")[1]
    assert dated.value[1] == {
        "band": "10-20", "subject": "driver", "fine": (4_000_000, 6_000_000), "suspension": (1, 3),
        "clause": "Art. 5(5)(i)",
    }  # fmt: skip
    assert dated.value[0]["suspension"] == (0, 0)
    assert dated.printed[0]["fine"] == "[0.8, 1]"


def test_what_is_not_known_is_no_value() -> None:
    last = rulebook.load().dated("penalties_operator.badge_kept")[-1]
    assert (last.value, last.printed, last.verified) == (None, "not known", False)
