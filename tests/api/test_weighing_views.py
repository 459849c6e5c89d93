"""Weighings added up in every form, and what is known of an instrument beside the findings that it gave."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator

import httpx
import pytest

from journey.localtime import DAY_S, date_of, day_of
from storage.database import Connection, scalar
from tests.api.desk import browser, log_in
from tests.api.filled import DATE, NOW, PLATES
from tests.api.overloads import AT, placed
from tests.api.overloads import overload as put_overload
from tests.api.running import running
from tests.api.walking import V1

Client = Callable[..., httpx.Client]
PERIOD = {"from": DATE.isoformat(), "to": DATE.isoformat()}
_DRIFT = """
    INSERT INTO instrument_drift (station, lane, instrument, certificate, direction, since, warned_at, alarmed_at,
                                  until, watching, after, shift_permille)
    VALUES ('KT12', 1, NULL, 'KD-1', %s, to_timestamp(%s::bigint), to_timestamp(%s::bigint), to_timestamp(%s::bigint),
            to_timestamp(%s::bigint), 100, 40, %s)
"""


@pytest.fixture(scope="module")
def overload(store: Connection) -> str:
    """The id of a certain overload of OP1, weighed at KT12 by lane 1."""
    with store.transaction():
        put_overload(store)
    ((id_,),) = store.execute("SELECT id FROM finding WHERE rule = 'overload_axle' AND withdrawn_at IS NULL").fetchall()
    return str(id_)


@pytest.fixture
def drift(store: Connection) -> Iterator[Callable[..., None]]:
    def of(direction: str, shift: int, since: int = AT - 86_400, alarmed: int | None = AT + 3600,
           until: int | None = None) -> None:  # fmt: skip
        store.execute("DELETE FROM instrument_drift")
        store.execute(_DRIFT, (direction, since, since, alarmed, until, shift))

    yield of
    store.execute("DELETE FROM instrument_drift")


def test_a_finding_of_an_instrument_in_alarm_says_so(
    overload: str, drift: Callable[..., None], client: Client, base: str, store: Connection
) -> None:
    before = store.execute("SELECT body::text, content FROM finding WHERE id = %s", (overload,)).fetchall()
    assert client().get(f"{V1}/findings/{overload}").json()["instrument_drifts"] == []
    drift("high", 64)
    (told,) = client().get(f"{V1}/findings/{overload}").json()["instrument_drifts"]
    assert told == {
        "station": "KT12", "lane": 1, "instrument": None, "certificate": "KD-1", "direction": "high",
        "shift_permille": 64, "since": AT - 86_400, "alarmed_at": AT + 3600, "until": None,
    }  # fmt: skip
    assert client("one").get(f"{V1}/findings/{overload}").json()["instrument_drifts"] == [told]
    with browser(base) as desk:
        desk.follow_redirects = True
        log_in(desk, "inspector")
        for path in (f"/findings/{overload}", f"/vehicles/{PLATES['OP1']}/weighings/{AT}"):
            page = desk.get(path).text
            assert "Thiết bị cân của trạm KT12, làn 1" in page
            assert "64 ‰, nên lần cân này có thể nặng hơn thực tế" in page
        drift("low", -52)
        assert "52 ‰: không bất lợi cho người lái xe" in desk.get(f"/findings/{overload}").text
        desk.get("/language/en")
        assert "Scale of station KT12, lane 1" in desk.get(f"/findings/{overload}").text
    assert store.execute("SELECT body::text, content FROM finding WHERE id = %s", (overload,)).fetchall() == before


@pytest.mark.parametrize(
    "times",
    [{"since": AT + 1}, {"until": AT}, {"alarmed": None}],
    ids=["not begun", "over", "warned only"],
)
def test_other_times_put_nothing_in_doubt(
    times: dict[str, int | None], overload: str, drift: Callable[..., None], client: Client
) -> None:
    drift("high", 64, **times)
    assert client().get(f"{V1}/findings/{overload}").json()["instrument_drifts"] == []


def test_each_view_is_the_same_in_every_form(overload: str, client: Client) -> None:
    for by in ("station", "hour", "day", "operator", "cargo"):
        url = f"{V1}/weighings/by/{by}"
        items = client().get(url, params=PERIOD).json()["items"]
        assert sum(one["weighings"] for one in items) == 2
        assert sum(one["over"] for one in items) == 1
        assert {one["heaviest_kg"] for one in items} == {24_000}
        text = client().get(url, params={**PERIOD, "format": "csv"}).text.lstrip("\ufeff")
        lines = list(csv.reader(io.StringIO(text)))[1:]
        assert [[line[0], int(line[1]), int(line[2])] for line in lines] == [
            [one["key"], one["weighings"], one["over"]] for one in items
        ]
        assert client().get(url, params={**PERIOD, "format": "xlsx"}).content[:2] == b"PK"


def test_an_operator_counts_its_own_and_pages_go_on(overload: str, client: Client) -> None:
    url = f"{V1}/weighings/by/operator"
    first = client().get(url, params={**PERIOD, "limit": "1"}).json()
    second = client().get(url, params={**PERIOD, "limit": "1", "cursor": first["next"]}).json()
    assert [one["key"] for one in (*first["items"], *second["items"])] == ["OP1", "OP2"]
    assert second["next"] is None
    (own,) = client("one").get(url, params=PERIOD).json()["items"]
    assert (own["key"], own["weighings"], own["over"], own["worst_percent"]) == ("OP1", 1, 1, 20.0)
    assert client("one").get(url, params={**PERIOD, "operator": "OP2"}).status_code == 404
    assert client("one").get(f"{V1}/instruments").status_code == 403
    assert client().get(f"{V1}/weighings/by/colour", params=PERIOD).status_code == 422


def test_without_a_period_the_page_is_of_the_days_that_end_with_the_last_weighing(
    module_database: str, store: Connection
) -> None:
    last = date_of(day_of(scalar(store, 'SELECT floor(extract(epoch FROM max("time")))::bigint FROM weighing')))
    later = NOW + 90 * DAY_S
    with running(module_database, clock=lambda: later) as base:
        for who, to in (("inspector", last), ("one", date_of(day_of(later)))):
            with browser(base) as desk:
                desk.follow_redirects = True
                log_in(desk, who)
                assert f'name="to" type="date" value="{to}"' in desk.get("/stations").text


@pytest.fixture
def origin(store: Connection) -> Iterator[None]:
    with store.transaction():
        placed(store, 105.5012, 21.2498)
        placed(store, 105.4991, 21.2511, PLATES["OP2"])  # of the same cell, and not over
    yield
    store.execute("DELETE FROM weighing_place")


@pytest.mark.usefixtures("overload", "origin")
def test_places_of_origin_are_ranked_by_the_overloads_that_stand(client: Client, base: str, store: Connection) -> None:
    path = f"{V1}/origins"
    ((place),) = client().get(path, params=PERIOD).json()["items"]
    assert place == {"lon": 105.5, "lat": 21.25, "journeys": 1, "weighed": 2, "vehicles": 1, "operators": ["OP1"],
                     "worst": 20.0}  # fmt: skip
    for more in ({"station": "KT12"}, {"operator": "OP1"}):
        assert len(client().get(path, params={**PERIOD, **more}).json()["items"]) == 1
    for more in ({"station": "KT13"}, {"operator": "OP2"}, {"from": "2024-01-01", "to": "2024-01-02"}):
        assert client().get(path, params={**PERIOD, **more}).json()["items"] == []
    with browser(base) as desk:
        log_in(desk, "inspector")
        page = desk.get("/origins", params=PERIOD).text
        assert "21,250; 105,500" in page
        assert 'href="/operators/OP1"' in page
        assert "2 (50,0%)" in page
        assert page.count("<circle") >= 3  # the place, the north arrow, the legend
        assert 'href="/origins?' in desk.get("/stations", params=PERIOD).text
        assert "Không có chuyến quá tải nào" in desk.get("/origins", params={**PERIOD, "station": "KT13"}).text


def test_days_are_written_as_people_write_them(base: str, overload: str) -> None:
    with browser(base) as desk:
        log_in(desk, "inspector")
        assert f'<th scope="row">{DATE:%d/%m/%Y}</th>' in desk.get("/stations", params=PERIOD).text


@pytest.mark.usefixtures("overload", "origin")
def test_places_of_origin_are_for_the_inspectorate(client: Client, base: str) -> None:
    assert client("one").get(f"{V1}/origins", params=PERIOD).status_code == 403
    with browser(base) as desk:
        log_in(desk, "one")
        assert desk.get("/origins").status_code == 403
        assert "/origins" not in desk.get("/stations", params=PERIOD).text
