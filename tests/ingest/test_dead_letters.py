"""When a connection is held: by share and by run, however what it sent was cut into batches."""

from __future__ import annotations

from ingest.running import DeadLetters
from ingest.sources.settings import DeadLetterLimit


def letters(share: float = 0.5, among: int = 100, run: int = 1000) -> DeadLetters:
    return DeadLetters(DeadLetterLimit(share=share, among=among, run=run))


def test_a_bad_share_of_few_records_holds_nothing() -> None:
    one = letters()
    assert one.add(99, 99, 1, 0) is None
    assert one.add(1, 0, 1, 0) == "99 of the last 100 records were rejected"


def test_just_under_the_share_is_borne_and_the_share_itself_is_not() -> None:
    assert letters().add(1000, 499, 10, 0) is None
    assert letters().add(1000, 500, 10, 0) == "500 of the last 1000 records were rejected"


def test_what_lies_far_back_is_forgotten() -> None:
    one = letters()
    assert one.add(90, 49, 9, 0) is None
    for _ in range(50):
        assert one.add(10, 0, 1, 0) is None
    assert one.add(50, 49, 5, 0) is None  # of the last 100 or more, less than half
    assert one.add(10, 10, 1, 0) is not None


def test_a_run_goes_on_over_batches() -> None:
    one = letters(among=10_000, run=100)
    assert one.add(40, 40, 40, 40) is None
    assert one.add(59, 59, 59, 59) is None
    assert one.add(1, 1, 1, 1) == "the last 100 messages held nothing that could be taken in"


def test_one_good_message_ends_a_run() -> None:
    one = letters(among=10_000, run=100)
    assert one.add(99, 99, 99, 99) is None
    assert one.add(51, 50, 51, 50) is None
    assert one.add(49, 49, 49, 49) is None
    assert one.add(1, 1, 1, 1) is not None
