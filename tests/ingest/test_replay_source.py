"""Recorded files as a source: where blocks are cut and where reading resumes changes nothing of what they hold."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.gathering import decode_or_reject
from ingest.sources.replay import BLOCK, Replay, ReplayBroken, open_replay, protocol_of
from journey.model import RawMessage
from journey.track import FIX, fix_frame
from tests.ingest.recordings import BAD, BY_LINE, FORMS, LINES, write

TINY = 64


def messages(source: Replay) -> list[RawMessage]:
    seen: list[RawMessage] = []
    asyncio.run(receive_all(source, seen))
    return seen


async def receive_all(source: Replay, into: list[RawMessage]) -> None:
    while some := await source.receive(1):
        into += some


def opened(path: Path, protocol: str, start: int = 0, block: int = BLOCK) -> Replay:
    return open_replay(path, protocol, lambda name: start or None, block)


def held(source: Replay, some: list[RawMessage]) -> tuple[pl.DataFrame, list[Any], list[tuple[str, str, bytes]]]:
    """Fixes, weighings and bad records (line, detail, bytes) of messages."""
    frames, weighings, bad = [FIX.to_frame()], [], []
    for message in some:
        decoded = decode_or_reject(source.decode, message)
        frames += [FIX.to_frame() if decoded.frame is None else decoded.frame, fix_frame(decoded.fixes)]
        weighings += decoded.weighings
        bad += [(one.where, one.detail, one.payload) for one in decoded.bad]
    return pl.concat(frames), weighings, bad


@pytest.mark.parametrize("protocol", FORMS)
def test_tiny_blocks_hold_the_same_records(tmp_path: Path, protocol: str) -> None:
    path = write(tmp_path, protocol)
    whole, tiny = opened(path, protocol), opened(path, protocol, block=TINY)
    one, many = messages(whole), messages(tiny)
    assert len(one) == (2 if protocol == "ufms_frames" else 1)  # its last frame is cut short
    assert len(many) > 10 or protocol == "cabspotting"
    first, second = held(whole, one), held(tiny, many)
    assert second[0].equals(first[0], null_equal=True)
    assert len(first[0]) + len(first[1]) == LINES - len(BAD)
    assert second[1] == first[1]
    if protocol != "ufms_frames":  # which says how many bytes into the block
        assert [detail for _, detail, _ in second[2]] == [detail for _, detail, _ in first[2]]
    assert [payload.strip() for *_, payload in second[2]] == [payload.strip() for *_, payload in first[2]]
    assert len(first[2]) == len(BAD)
    assert [where for where, *_ in second[2]] == [where for where, *_ in first[2]]


@pytest.mark.parametrize("protocol", FORMS)
@pytest.mark.parametrize("block", [1, TINY, 200, BLOCK])
def test_messages_lie_end_to_end(tmp_path: Path, protocol: str, block: int) -> None:
    path = write(tmp_path, protocol)
    content = path.read_bytes()
    header = content[: content.index(b"\n") + 1] if protocol == "csv_v1" else b""
    at = len(header)
    for message in messages(opened(path, protocol, block=block)):
        assert message.payload == header + content[at : message.position]
        assert message.received is None
        at = message.position
    assert at == len(content)


@pytest.mark.parametrize("protocol", FORMS)
def test_reading_resumes_behind_every_message(tmp_path: Path, protocol: str) -> None:
    """Wherever it stopped, the rest is the same messages under the same names."""
    path = write(tmp_path, protocol)
    every = messages(opened(path, protocol, block=TINY))
    for number, message in enumerate(every, 1):
        resumed = opened(path, protocol, start=message.position, block=TINY)
        assert resumed.start == message.position
        if protocol == "ufms_frames":  # blocks are cut anew from where it resumes
            first, second = held(resumed, messages(resumed)), held(resumed, every[number:])
            assert second[0].equals(first[0], null_equal=True)
            assert [(where, payload) for where, _, payload in second[2]] == [
                (where, payload) for where, _, payload in first[2]
            ]
        else:
            assert messages(resumed) == every[number:]


@pytest.mark.parametrize("protocol", BY_LINE)
def test_bad_records_are_named_by_their_line_in_the_file(tmp_path: Path, protocol: str) -> None:
    path = write(tmp_path, protocol)
    content = path.read_bytes()
    lines = content.split(b"\n")
    for start in (0, content.index(b"\n", len(content) // 2) + 1):
        source = opened(path, protocol, start=start, block=TINY)
        _, _, bad = held(source, messages(source))
        assert bad
        for where, _, payload in bad:
            numbered = re.fullmatch(rf"feed\.{protocol} line (\d+)", where)
            assert numbered, where
            assert lines[int(numbered[1]) - 1].strip() == payload.strip()


def test_bad_frames_are_named_by_their_byte(tmp_path: Path) -> None:
    path = write(tmp_path, "ufms_frames")
    content = path.read_bytes()
    source = opened(path, "ufms_frames", block=TINY)
    for where, _, payload in held(source, messages(source))[2]:
        numbered = re.fullmatch(r"feed\.ufms_frames byte (\d+)", where)
        assert numbered, where
        at = int(numbered[1])
        # From the length of the frame on where that cannot be read to its end, else the frame behind its length.
        assert content[at:] == payload or content[at + 1 :].startswith(payload)


def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    first = write(tmp_path, "csv_v1")
    name = opened(first, "csv_v1").name
    other = tmp_path / "renamed.csv"
    other.write_bytes(first.read_bytes())
    assert opened(other, "csv_v1").name == name
    assert opened(other, "json_v1").name != name
    other.write_bytes(first.read_bytes() + b"\n")
    assert opened(other, "csv_v1").name != name


def test_a_cab_is_named_by_its_file(tmp_path: Path) -> None:
    path = tmp_path / "new_cab.txt"
    path.write_bytes(FORMS["cabspotting"]())
    source = opened(path, "cabspotting")
    assert held(source, messages(source))[0]["vehicle"].unique().to_list() == ["new_cab"]


def test_an_array_is_one_message_however_it_is_laid_out(tmp_path: Path) -> None:
    path = tmp_path / "weighings.json"
    records = FORMS["weighing_v1"]().split(b"\n\n")[0].split(b"\n")
    path.write_bytes(b"\xef\xbb\xbf [\n" + b",\n".join(record for record in records if record) + b"\n]\n")
    source = opened(path, "weighing_v1", block=TINY)
    (message,) = messages(source)
    assert message.position == path.stat().st_size
    _, weighings, bad = held(source, [message])
    assert (len(weighings), [where for where, *_ in bad]) == (5, ["weighings.json line 1, record 4"])
    assert messages(opened(path, "weighing_v1", start=message.position, block=TINY)) == []


def test_a_recording_without_readable_length_is_refused_where_it_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.sources.replay.FRAME_MAX", 100)
    path = tmp_path / "feed.ufms"
    good = FORMS["ufms_frames"]()
    end = good[0] + 1 + good[good[0] + 1] + 1  # of its second frame
    path.write_bytes(good[:end] + b"\xff" * 400)
    source = opened(path, "ufms_frames", block=TINY)
    seen: list[RawMessage] = []
    with pytest.raises(ReplayBroken, match=rf"feed\.ufms: byte {end}: no frame can be read from here on; all before"):
        asyncio.run(receive_all(source, seen))
    assert seen[-1].position == end


@pytest.mark.parametrize(
    ("name", "protocol"),
    [("a.csv", "csv_v1"), ("a.ufms", "ufms_frames"), ("a.ndjson", "json_v1"), ("weighings.ndjson", "weighing_v1"),
     ("weighing-2026.json", "weighing_v1"), ("a.txt", None), ("a", None), ("a.json", None)],
)  # fmt: skip
def test_the_name_says_the_format(name: str, protocol: str | None) -> None:
    assert protocol_of(Path(name)) == protocol


def test_what_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        opened(tmp_path / "lost.csv", "csv_v1")
