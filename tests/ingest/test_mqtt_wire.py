"""Packets of MQTT: however the network cuts them, the same messages come out, and the rest goes to the library."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest.sources._mqtt_window import Window
from ingest.sources._mqtt_wire import BrokenProtocol, Published, Wire, acknowledgements, cut

PINGREQ, PINGRESP, SUBACK = b"\xc0\x00", b"\xd0\x00", b"\x90\x03\x00\x01\x01"


def length(number: int) -> bytes:
    written = bytearray()
    while True:
        number, low = divmod(number, 128)
        written.append(low | (128 if number else 0))
        if not number:
            return bytes(written)


def publish(topic: bytes, number: int | None, payload: bytes, properties: bytes = b"", more: int = 0) -> bytes:
    """A PUBLISH as a broker sends it. properties: none for MQTT 3.1.1. more: further bits of the first byte."""
    body = len(topic).to_bytes(2) + topic + (b"" if number is None else number.to_bytes(2)) + properties + payload
    return bytes([0x30 | (0 if number is None else 2) | more]) + length(len(body)) + body


def with_properties(count: int) -> bytes:
    properties = Properties(PacketTypes.PUBLISH)
    properties.UserProperty = [("key", "value" * 4)] * count if count else []
    properties.MessageExpiryInterval = 60
    return bytes(properties.pack())


topics = st.binary(min_size=1, max_size=20)
payloads = st.one_of(st.binary(max_size=300), st.integers(100, 20_000).map(bytes))
published = st.tuples(topics, st.one_of(st.none(), st.integers(1, 65_535)), payloads)
packets = st.lists(st.one_of(published, st.sampled_from([PINGRESP, SUBACK])), max_size=12)


@given(
    packets, st.booleans(), st.integers(0, 9), st.lists(st.integers(1, 4000), max_size=60), st.sampled_from([0, 8, 1])
)
def test_however_a_stream_is_cut_the_same_comes_out(
    sent: list[Published | bytes], is_5: bool, properties: int, cuts: list[int], more: int
) -> None:
    extra = with_properties(properties) if is_5 else b""
    stream = b"".join(one if isinstance(one, bytes) else publish(*one, extra, more) for one in sent)
    got: list[Published] = []
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        wire = Wire(ours, is_5, got.extend)
        others = b""
        at = 0
        for size in [*cuts, len(stream)]:
            theirs.sendall(stream[at : at + size])
            at += size
            wire.fill()
            while wire.pending():
                others += wire.recv(3)
        with pytest.raises(BlockingIOError):
            wire.recv(1)
        theirs.close()
        assert wire.recv(1) == b""
    assert got == [one for one in sent if not isinstance(one, bytes)]
    assert others == b"".join(one for one in sent if isinstance(one, bytes))
    assert wire.broken is None


@given(st.binary(max_size=80), st.booleans())
def test_rubbish_is_waited_for_or_told_and_never_read_beyond(data: bytes, is_5: bool) -> None:
    try:
        taken = cut(data, is_5)
    except BrokenProtocol:
        return
    assert 0 <= taken.end <= len(data)
    assert taken.wanted > len(data) - taken.end
    used = len(taken.others) + sum(len(topic) + len(payload) for topic, _, payload in taken.published)
    assert used <= taken.end


@pytest.mark.parametrize(
    ("packet", "is_5"),
    [
        (publish(b"a", 1, b"x", more=4), False),  # QoS 2 or 3
        (b"\x30\xff\xff\xff\xff\x01", False),  # a length of five bytes
        (b"\x30\x03\x00\x05a" + PINGRESP * 9, False),  # a topic beyond the packet
        (b"\x30\x00" + PINGRESP * 9, False),
        (b"\x30\x01\x00" + PINGRESP * 9, False),
        (b"\x32\x03\x00\x01a" + PINGRESP * 9, False),  # no number
        (b"\x30\x03\x00\x01a" + PINGRESP * 9, True),  # no properties
        (b"\x30\x04\x00\x01a\x05" + PINGRESP * 9, True),  # properties beyond the packet
        (b"\x30\x04\x00\x01a\x85" + PINGRESP * 9, True),  # their length cut off
    ],
)
def test_what_breaks_the_protocol_is_the_end_of_the_connection(packet: bytes, is_5: bool) -> None:
    got: list[Published] = []
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(packet)
        wire = Wire(ours, is_5, got.extend)
        assert wire.recv(1) == b""
    assert isinstance(wire.broken, BrokenProtocol)
    assert not got


def test_acknowledgements_are_one_packet_each_in_order() -> None:
    assert acknowledgements([1, 65_535, 258]) == b"\x40\x02\x00\x01\x40\x02\xff\xff\x40\x02\x01\x02"


def test_a_ping_that_nobody_will_hear_answered_is_told_and_still_sent() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        wire = Wire(ours, True, [].extend)
        wire.send(PINGREQ)
        assert not wire.has_others
        wire.pinged = wire.answer_ping
        wire.send(PINGREQ)
        assert wire.recv(2) == PINGRESP
        assert theirs.recv(9) == PINGREQ * 2


def turns(window: Window, batches: Iterator[tuple[int, float]] | list[tuple[int, float]]) -> list[int]:
    """Limits told while batches come and are each acknowledged: size, and s between the last word and its coming."""
    told, now = [], 0.0
    for count, wait_s in batches:
        window.received(count, now + wait_s)
        now += wait_s + 1
        limit = window.acknowledged(count, now)
        if limit is not None:
            told.append(limit)
    return told


def test_a_window_shows_by_equal_batches_at_once_and_is_told_once() -> None:
    assert turns(Window(65_535), [(20, 0.001)] * 50) == [20]


@pytest.mark.parametrize(
    "batches",
    [
        [(20 + turn % 2, 0.001) for turn in range(50)],  # not equal
        [(20, 0.5)] * 50,  # not at once: that is how they are sent
        [(20, 0.001)] * 5,
        [(20_000, 0.001)] * 50,  # wide enough
    ],
)
def test_other_batches_show_no_window(batches: list[tuple[int, float]]) -> None:
    assert turns(Window(65_535), batches) == []


def test_a_window_that_we_asked_for_is_not_told() -> None:
    assert turns(Window(20), [(20, 0.001)] * 50) == []
