"""HTTP as a source: the answer comes after the commit, and who sends too much or too slowly harms nobody else."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import httpx
import pytest

from ingest.sources import Context, SourceUnavailable
from ingest.sources.http import Http, Settings, opened
from journey.model import RawMessage
from storage.errors import StoreUnavailable
from tests.brokers.certificates import Certificates

TIMEOUT_S = 20
OURS = {"Authorization": "Bearer good"}
JSON = {"Content-Type": "application/json"}


def sender_of(given: str) -> str | None:
    if given == "broken":
        raise StoreUnavailable("the database is away")
    return {"good": "OP1", "other": "OP2"}.get(given)


def play(test: Callable[[Http, httpx.AsyncClient], Awaitable[None]], reads: bool = True, **fields: Any) -> None:
    """Run a test with a source and a client of OP1; reads: what is posted is taken and committed at once."""

    async def run() -> None:
        async with asyncio.timeout(TIMEOUT_S), listening(**fields) as source, client(source) as ours:
            if not reads:
                await test(source, ours)
                return
            taking = asyncio.create_task(take_all(source))
            try:
                await test(source, ours)
            finally:
                taking.cancel()

    asyncio.run(run())


@asynccontextmanager
async def listening(**fields: Any) -> AsyncIterator[Http]:
    settings = Settings(**({"name": "front", "transport": "http", "port": 0} | fields))
    async with opened(settings, Context("1", lambda streams: {}, sender_of)) as source:
        yield source


def client(source: Http, **options: Any) -> httpx.AsyncClient:
    host, port = source.address
    return httpx.AsyncClient(base_url=f"http://{host}:{port}", headers=OURS, **options)


async def take_all(source: Http) -> None:
    while True:
        await source.acknowledge(await source.receive(1000))


async def one(source: Http) -> RawMessage:
    (message,) = await source.receive(1)
    return message


@asynccontextmanager
async def wire(source: Http) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A bare connection."""
    reader, writer = await asyncio.open_connection(*source.address)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def head(length: int, whose: str = "good") -> bytes:
    lines = [f"Host: x\r\nAuthorization: Bearer {whose}\r\nContent-Type: application/json\r\nContent-Length: {length}"]
    return ("POST /v1/fixes HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode()


def detail(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    return str(answer.json()["detail"])


def test_the_answer_comes_after_the_commit() -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        posting = asyncio.ensure_future(ours.post("/v1/fixes", content=b"{}", headers=JSON))
        message = await one(source)
        done, _ = await asyncio.wait({posting}, timeout=0.2)
        assert not done
        await source.acknowledge([message])
        answer = await posting
        assert answer.status_code == 200
        body = answer.json()
        assert body == {"accepted": True, "id": body["id"]}
        assert message[:3] == ("front", None, b"{}")
        assert message[4:7] == (f"request {body['id']} to /v1/fixes", "OP1", "json_v1")

    play(test, reads=False)


@pytest.mark.parametrize(
    ("route", "kind", "protocol"),
    [
        ("/v1/fixes", "application/json", "json_v1"),
        ("/v1/fixes", "Application/JSON; charset=UTF-8", "json_v1"),
        ("/v1/fixes", "application/x-ndjson", "json_v1"),
        ("/v1/fixes", "text/csv", "csv_v1"),
        ("/v1/fixes", "application/x-protobuf", "ufms"),
        ("/v1/fixes", "application/x-ufms-frames", "ufms_frames"),
        ("/v1/weighings", "application/json", "weighing_v1"),
        ("/v1/traccar", "application/json", "traccar"),
    ],
)
def test_route_and_content_type_say_the_format(route: str, kind: str, protocol: str) -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        posting = asyncio.ensure_future(ours.post(route, content=b"\xff", headers={"Content-Type": kind}))
        message = await one(source)
        assert (message.protocol, message.payload) == (protocol, b"\xff")
        await source.acknowledge([message])
        assert (await posting).status_code == 200

    play(test, reads=False)


@pytest.mark.parametrize(
    ("route", "headers"),
    [
        ("/v1/fixes", {}),
        ("/v1/fixes", {"Content-Type": "text/plain"}),
        ("/v1/fixes", {"Content-Type": "text/csv; charset=utf-16"}),
        ("/v1/weighings", {"Content-Type": "application/x-protobuf"}),
        ("/v1/fixes", JSON | {"Content-Encoding": "br"}),
    ],
)
def test_other_types_and_encodings_are_refused(route: str, headers: dict[str, str]) -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        assert detail(await ours.post(route, content=b"{}", headers=headers), 415)

    play(test)


def test_no_such_route_or_method() -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        for answer, status in ((await ours.post("/v2/fixes"), 404), (await ours.get("/v1/fixes"), 405)):
            assert "POST /v1/fixes" in detail(answer, status)

    play(test)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Authorization", "Basic Z29vZDo=")],
        [("Authorization", "good")],
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer stranger")],
        [("Authorization", "Bearer " + "x" * 600)],
        [("Authorization", "Bearer good"), ("Authorization", "Bearer other")],
    ],
)
def test_without_a_valid_token_nothing_is_let_in(headers: list[tuple[str, str]]) -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        host, port = source.address
        async with httpx.AsyncClient() as stranger:
            url = f"http://{host}:{port}/v1/fixes"
            answer = await stranger.post(url, content=b"{}", headers=[("Content-Type", "application/json"), *headers])
        assert "token" in detail(answer, 401).lower()
        assert answer.headers["www-authenticate"].startswith('Bearer realm="hanhtrinh"')

    play(test)


def test_each_token_speaks_for_its_sender() -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        for token, sender in (("good", "OP1"), ("other", "OP2")):
            headers = JSON | {"Authorization": f"bearer {token}"}
            posting = asyncio.ensure_future(ours.post("/v1/fixes", content=b"{}", headers=headers))
            message = await one(source)
            assert message.sender == sender
            await source.acknowledge([message])
            await posting

    play(test, reads=False)


def test_tokens_that_cannot_be_looked_up_are_not_wrong() -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        for _ in range(2):
            answer = await ours.post("/v1/fixes", content=b"{}", headers=JSON | {"Authorization": "Bearer broken"})
            assert "send it again" in detail(answer, 503)
            assert int(answer.headers["retry-after"]) > 0

    play(test)


def test_guessing_tokens_is_slowed_down_and_harms_no_one() -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        assert (await ours.post("/v1/fixes", content=b"{}", headers=JSON)).status_code == 200
        guesses = [
            await ours.post("/v1/fixes", content=b"{}", headers=JSON | {"Authorization": f"Bearer guess-{number}"})
            for number in range(40)
        ]
        assert {answer.status_code for answer in guesses} == {401, 429}
        assert (await ours.post("/v1/fixes", content=b"{}", headers=JSON)).status_code == 200

    play(test)


def test_a_sender_may_ask_only_so_often() -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        answers = [(await ours.post("/v1/fixes", content=b"{}", headers=JSON)).status_code for _ in range(12)]
        assert answers[:4] == [200] * 4
        assert 429 in answers
        other = JSON | {"Authorization": "Bearer other"}
        assert (await ours.post("/v1/fixes", content=b"{}", headers=other)).status_code == 200

    play(test, rate_per_s=2)


def test_gzip_is_unpacked() -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        whole = b"[" + b"1," * 100_000 + b"1]"
        packed = gzip.compress(whole[:5], mtime=0) + gzip.compress(whole[5:])
        headers = JSON | {"Content-Encoding": "gzip"}
        posting = asyncio.ensure_future(ours.post("/v1/fixes", content=packed, headers=headers))
        message = await one(source)
        assert message.payload == whole
        await source.acknowledge([message])
        assert (await posting).status_code == 200

    play(test, reads=False)


@pytest.mark.parametrize(
    "packed", [b"no gzip", gzip.compress(bytes(500), mtime=0)[:-4], gzip.compress(b"x", mtime=0) + b"more", b""]
)
def test_broken_gzip_is_told(packed: bytes) -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        headers = JSON | {"Content-Encoding": "gzip"}
        assert "gzip" in detail(await ours.post("/v1/fixes", content=packed, headers=headers), 400)

    play(test)


def test_bodies_are_bounded_packed_and_unpacked() -> None:
    async def pieces(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield bytes(1000)

    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        bomb = gzip.compress(bytes(20_000_000), mtime=0)
        for answer in (
            await ours.post("/v1/fixes", content=bytes(4097), headers=JSON),
            await ours.post("/v1/fixes", content=pieces(5), headers=JSON),  # without a length
            await ours.post("/v1/fixes", content=bomb, headers=JSON | {"Content-Encoding": "gzip"}),
        ):
            assert "4096 bytes" in detail(answer, 413)
        assert (await ours.post("/v1/fixes", content=bytes(4096), headers=JSON)).status_code == 200

    play(test, max_body_bytes=4096)


def test_what_nobody_takes_is_given_back() -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        assert (await ours.get("/v1/health")).json() == {"status": "ok"}
        answer = await ours.post("/v1/fixes", content=b"{}", headers=JSON)
        assert "nothing is taken in" in detail(answer, 503)
        assert "retry-after" in answer.headers
        detail(await ours.get("/v1/health"), 503)
        posting = asyncio.ensure_future(ours.post("/v1/fixes", content=b"again", headers=JSON))
        message = await one(source)
        assert message.payload == b"again"  # and not what was given back
        await source.acknowledge([message])
        assert (await posting).status_code == 200
        assert (await ours.get("/v1/health")).status_code == 200

    play(test, reads=False, unread_s=0.2)


def test_what_is_not_committed_in_time_may_be_so_later() -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        posting = asyncio.ensure_future(ours.post("/v1/fixes", content=b"{}", headers=JSON))
        message = await one(source)
        assert "may still be" in detail(await posting, 503)
        await source.acknowledge([message])

    play(test, reads=False, unread_s=0.1, answer_s=0.2)


def test_too_many_requests_at_once_are_turned_away() -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        posts = [ours.post("/v1/fixes", content=b"{}", headers=JSON) for _ in range(6)]
        waiting = {asyncio.ensure_future(post) for post in posts}
        turned_away, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        while len(waiting) > 3:
            more, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            turned_away |= more
        assert {task.result().status_code for task in turned_away} == {429}
        await source.acknowledge(await source.receive(10))
        assert {(await task).status_code for task in waiting} == {200}

    play(test, reads=False, requests_per_sender=3)


def test_all_bodies_together_are_bounded() -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        waiting = [
            asyncio.ensure_future(ours.post("/v1/fixes", content=bytes(6 << 20), headers=JSON)) for _ in range(4)
        ]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        taken = list(await source.receive(10))
        while sum(task.done() for task in waiting) < 2:
            await asyncio.sleep(0.01)
        await source.acknowledge(taken)
        assert sorted([(await task).status_code for task in waiting]) == [200, 200, 503, 503]

    play(test, reads=False, waiting_bytes=16 << 20)


def test_closing_answers_all_who_wait() -> None:
    async def run() -> None:
        async with asyncio.timeout(TIMEOUT_S):
            async with listening() as source:
                ours = client(source)
                posts = [asyncio.ensure_future(ours.post("/v1/fixes", content=b"{}", headers=JSON)) for _ in range(2)]
                await one(source)
                while not source._waiting:
                    await asyncio.sleep(0)
            for post in posts:
                assert "closing down" in detail(await post, 503)
            await ours.aclose()

    asyncio.run(run())


def test_a_client_that_goes_away_leaves_its_message() -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        async with wire(source) as (_, writer):
            writer.write(head(2) + b"{}")
            while not source._waiting:
                await asyncio.sleep(0)
        message = await one(source)
        assert message.payload == b"{}"
        await source.acknowledge([message])

    play(test, reads=False)


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"", b""),
        (b"POST /v1/fixes HTT", b""),
        (head(100)[:-2] + b"X-Slow: ", b""),
        (head(100) + b"{", b"HTTP/1.1 408 "),
        (head(1 << 30, whose="stranger") + b"{", b"HTTP/1.1 401 "),
    ],
)
def test_slow_clients_are_hung_up_on(sent: bytes, answer: bytes) -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        async def trickle(writer: asyncio.StreamWriter) -> None:
            while True:
                await asyncio.sleep(0.1)
                writer.write(b"x")
                await writer.drain()

        async with wire(source) as (reader, writer):
            writer.write(sent)
            trickling = asyncio.create_task(trickle(writer)) if b"408" not in answer else None
            with suppress(ConnectionError):
                assert (await reader.read(1000))[: len(answer)] == answer
                while await reader.read(1000):
                    pass
            if trickling:
                trickling.cancel()
                await asyncio.gather(trickling, return_exceptions=True)

    play(test, slow_s=0.3)


def test_many_silent_connections_do_not_shut_others_out() -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        async with AsyncExitStack() as silent:
            for number in range(60):
                await silent.enter_async_context(wire(source))
                if number % 10 == 0:
                    answer = await ours.post("/v1/fixes", content=b"{}", headers=JSON)
                    assert answer.status_code == 200

    play(test, connections=10)


def test_a_full_house_of_working_requests_refuses_the_next() -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        posts = [asyncio.ensure_future(ours.post("/v1/fixes", content=b"{}", headers=JSON)) for _ in range(3)]
        while len(source._waiting) < 3:
            await asyncio.sleep(0)
        async with wire(source) as (reader, _):
            with suppress(ConnectionError):
                assert await reader.read() == b""
        await source.acknowledge(await source.receive(3))
        assert [(await post).status_code for post in posts] == [200] * 3

    play(test, reads=False, connections=3)


def test_nonsense_is_answered_and_others_go_on() -> None:
    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        for nonsense in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET / FTP/1.1", b"A" * 70_000):
            async with wire(source) as (reader, writer):
                writer.write(nonsense + b"\r\n\r\n")
                with suppress(ConnectionError):
                    assert await reader.read(12) in (b"HTTP/1.1 400", b"")
        assert (await ours.post("/v1/fixes", content=b"{}", headers=JSON)).status_code == 200

    play(test)


def test_over_tls_only(certificates: Certificates) -> None:
    tls = {"cert_file": certificates.server.certificate, "key_file": certificates.server.key}

    async def test(source: Http, ours: httpx.AsyncClient) -> None:
        port = source.address[1]
        trusted = ssl.create_default_context(cafile=certificates.authority.certificate)
        async with httpx.AsyncClient(verify=trusted, headers=OURS | JSON) as secure:
            assert (await secure.post(f"https://localhost:{port}/v1/fixes", content=b"{}")).status_code == 200
        with pytest.raises(httpx.TransportError):
            await ours.post("/v1/fixes", content=b"{}", headers=JSON)
        async with wire(source) as (reader, _):  # never begins the handshake
            assert await reader.read() == b""

    play(test, tls=tls, slow_s=0.5)


def test_an_address_that_cannot_be_had() -> None:
    async def run(settings: Settings) -> None:
        with pytest.raises(SourceUnavailable, match="cannot listen"):
            async with opened(settings, Context("1", lambda streams: {})):
                pass

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        asyncio.run(run(Settings(name="front", transport="http", port=port)))
    asyncio.run(run(Settings(name="front", transport="http", port=0, host="192.0.2.1", behind_tls_proxy=True)))
