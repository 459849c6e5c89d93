"""The page of a weighing: what is wrong with its record, plates like its own, and where it lies on a track."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.localtime import date_of, day_of
from journey.model import Scale
from journey.plates import plate
from journey.registry import Registration, Registry
from rules.weighings.plate_reading import PlateIndex
from storage.commit import commit_batch
from storage.database import Connection, connect
from storage.registry import save_registry
from storage.stations.placed import registered_near
from tests.api.desk import browser, log_in
from tests.api.filled import LICENCES, PLATES
from tests.cli.command import called
from tests.storage.samples import NOON, stretch, weighing

AT = NOON + 60
READ = PLATES["OP1"][:-1] + ("1" if PLATES["OP1"][-1] != "1" else "2")
SCALE = Scale("WIM-9", "KD-9", "2020-01-31", 10, 123, 850, "pictures/9.jpg")
KNOWN = ("12C12345", "12C12356", "12C1235", "29LD00678", "粤B·12345", "a%b", "a_b")


@pytest.fixture(scope="module")
def odd(store: Connection) -> None:
    """A weighing of OP1's vehicle whose plate was read wrong by a character, and that contradicts itself."""
    one = weighing(plate=READ, time=AT, gross_kg=30_000, spacing_mm=(3600, 0), ticket=PLATES["OP1"], scale=SCALE)
    store.autocommit = False
    commit_batch(store, stretch("odd", 0, 1, weighings=[one]))
    store.autocommit = True


def test_what_is_wrong_is_said_and_a_plate_is_suggested_to_the_office(odd: None, lan: httpx.Client) -> None:
    text = lan.get(f"/vehicles/{READ}/weighings/{AT}").text
    for said in ("Tổng các trục và khối lượng toàn bộ khác nhau", "Hai trục cách nhau 0 mm", "Giấy kiểm định đã hết",
                 "Biển số đọc chưa chắc chắn", "có trên nhiều bản ghi khác nhau", "WIM-9", "KD-9", "31/01/2020",
                 "12,3 km/h", "85,0%", "pictures/9.jpg", "Chưa đặt lần cân này lên hành trình"):  # fmt: skip
        assert said in text, said
    assert f'chỉ khác một ký tự, để tham khảo, không tự sửa: <a href="/vehicles/{PLATES["OP1"]}"' in text
    lan.get("/language/en")
    assert "suggested and never put in its place" in lan.get(f"/vehicles/{READ}/weighings/{AT}").text


def test_another_operator_sees_nothing_of_it(odd: None, base: str) -> None:
    with browser(base) as desk:
        log_in(desk, "two")
        assert desk.get(f"/vehicles/{READ}/weighings/{AT}").status_code == 404


def test_a_record_without_fault_says_none(lan: httpx.Client) -> None:
    text = lan.get(f"/vehicles/{PLATES['OP2']}/weighings/{AT}").text
    assert "không xét" not in text
    assert "chỉ khác một ký tự" not in text


def test_its_place_on_the_track_is_shown_with_driver_origin_and_clock(store: Connection, lan: httpx.Client) -> None:
    ((hash_, vehicle, driver),) = store.execute(
        """SELECT w.hash, w.vehicle_id, d.id FROM weighing w JOIN vehicle v ON v.id = w.vehicle_id, driver d
           WHERE v.plate = %s AND w."time" = to_timestamp(%s::bigint) AND d.licence = %s""",
        (PLATES["OP1"], AT, LICENCES["OP1"]),
    ).fetchall()
    store.execute(
        """INSERT INTO weighing_place VALUES (%s, %s, to_timestamp(%s::bigint), 'KT12', %s, 'passed',
           to_timestamp(%s::bigint), 4, 37, %s, to_timestamp(%s::bigint), to_timestamp(%s::bigint), 106.5, 21.75, 12400)
        """,
        (hash_, day_of(AT), AT, vehicle, AT + 64, driver, AT - 7200, AT - 3600),
    )
    store.execute("INSERT INTO station_clock VALUES ('KT12', %s, 60, 5, 12, 20, 'x')", (day_of(AT),))
    path = f"/vehicles/{PLATES['OP1']}/weighings/{AT}"
    text = lan.get(path).text
    for said in ("có trên hành trình: xe qua trạm vào lúc cân; cách trạm 37 m", f"?day={date_of(day_of(AT))}",
                 f'<a href="/drivers/{LICENCES["OP1"]}">', "tại 21.75000, 106.50000; từ đó đi 12,4 km",
                 "thiết bị giám sát trừ trạm: 60 giây, phân tán 5 giây, theo 12 lượt qua"):  # fmt: skip
        assert said in text, said
    store.execute("UPDATE station_clock SET spread_s = NULL")
    assert "quá ít lượt qua để so đồng hồ" in lan.get(path).text
    store.execute("DELETE FROM weighing_place")
    assert "Chưa đặt lần cân này lên hành trình" in lan.get(path).text


@pytest.fixture(scope="module")
def known(module_database: str) -> Iterator[Connection]:
    with connect(module_database) as connection:
        save_registry(connection, Registry(vehicles=tuple(Registration(one, "OP1", "truck") for one in KNOWN)))
        yield connection


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(KNOWN), st.integers(0, 9), st.sampled_from("018BSD%_\\"), st.sampled_from("=+-~"))
def test_the_store_suggests_what_an_index_of_all_plates_does(
    known: Connection, name: str, place: int, letter: str, what: str
) -> None:
    changed = {"=": name, "+": name[:place] + letter + name[place:], "-": name[:place] + name[place + 1 :],
               "~": name[:place] + letter + name[place + 1 :]}[what]  # fmt: skip
    read = plate(changed)
    with known.transaction():
        every = [
            one
            for (one,) in known.execute(
                "SELECT plate FROM vehicle v WHERE EXISTS (SELECT FROM registration r WHERE r.vehicle_id = v.id)"
            ).fetchall()
        ]
        near = registered_near(known, read)
    assert PlateIndex(near).suggest(read) == PlateIndex(every).suggest(read)


def test_the_command_says_the_same_of_the_record(odd: None, module_database: str) -> None:
    day = str(date_of(day_of(AT)))
    told = called("station", "faults", "--from", day, "--to", day, DATABASE_URL=module_database).out
    (line,) = (one for one in told.splitlines() if READ in one)
    for kind in ("axle_sum", "zero_spacing", "plate_unsure", "certificate_over", "ticket_twice", PLATES["OP1"]):
        assert kind in line
