"""A scale in alarm that shows too much: what it weighed is for review only, on lists, in amendments and in packages."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest

from journey.casework import Step
from storage.audit.log import By
from storage.cases.steps import take_step
from storage.database import connect
from storage.stations.instruments import doubted
from tests.cli.command import Done, called
from tests.cli.samples import START
from tests.evidence.checker import read_json, unpack, verify
from tests.evidence.small import fast_folder, judged
from tests.people.samples import person

WEEK, DAY_S = "2025-W10", 86_400
AT = START + 90
CLOSED = 1_741_000_200 + 20 * DAY_S
_DRIFT = """
    INSERT INTO instrument_drift (station, lane, instrument, certificate, direction, since, warned_at, alarmed_at,
                                  until, watching, after, shift_permille)
    VALUES ('KT12', %s, NULL, NULL, %s, to_timestamp(%s::bigint), to_timestamp(%s::bigint), to_timestamp(%s::bigint),
            to_timestamp(%s::bigint), 100, 40, %s)
"""


class Office(NamedTuple):
    url: str
    folder: Path
    ids: dict[str, str]

    def run(self, *arguments: str | Path) -> Done:
        done = called(*arguments, DATABASE_URL=self.url)
        assert done.code == 0, done
        return done

    def drift(self, direction: str = "high", shift: int = 64, lane: int = 1, since: int = AT - DAY_S,
              alarmed: int | None = AT + 3600, until: int | None = None) -> None:  # fmt: skip
        with connect(self.url) as connection:
            connection.execute("DELETE FROM instrument_drift")
            connection.execute(_DRIFT, (lane, direction, since, since, alarmed, until, shift))

    def doubted(self) -> set[str]:
        with connect(self.url) as connection:
            return doubted(connection, self.ids.values())

    def publish(self) -> list[dict[str, str]]:
        self.run("list", "publish", "--week", WEEK, "--folder", self.folder / "lists", "--made-at", str(CLOSED),
                 "--unsigned")  # fmt: skip
        return self.rows(f"danh-sach-{WEEK}.csv")

    def rows(self, name: str) -> list[dict[str, str]]:
        text = (self.folder / "lists" / name).read_text(encoding="utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def packed(self, name: str, rule: str = "overload_gross") -> bytes:
        path = self.folder / f"{name}.zip"
        self.run("evidence", self.ids[rule], "--out", path, "--language", "en")
        return path.read_bytes()


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    folder = tmp_path / "case"
    folder.mkdir()
    fast_folder(folder)
    return Office(database, tmp_path, judged(folder, database))


def overloads(office: Office) -> set[str]:
    return {id_ for rule, id_ in office.ids.items() if rule.startswith("overload_")}


def words(office: Office) -> str:
    book = openpyxl.load_workbook(office.folder / "lists" / f"danh-sach-{WEEK}.xlsx")
    return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell)


def test_it_is_on_no_list_and_the_list_says_why(office: Office) -> None:
    office.drift()
    assert overloads(office)
    assert office.doubted() == overloads(office)
    assert {one["Mã phát hiện"] for one in office.publish()} == set(office.ids.values()) - overloads(office)
    said = words(office)
    assert f"chưa liệt kê vì thiết bị cân bị cảnh báo lệch: {len(overloads(office))}." in said
    assert "0 phát hiện ở mức “chắc chắn” không được liệt kê vì hồ sơ" in said


@pytest.mark.parametrize(
    "other",
    [{"direction": "low", "shift": -52}, {"lane": 2}, {"since": AT + 1}, {"until": AT}, {"alarmed": None}],
    ids=["shows less", "another lane", "not begun", "over", "warned only"],
)
def test_what_is_not_against_the_driver_takes_nothing_from_the_list(office: Office, other: dict[str, Any]) -> None:
    office.drift(**other)
    assert office.doubted() == set()
    assert {one["Mã phát hiện"] for one in office.publish()} == set(office.ids.values())
    assert "cảnh báo lệch" not in words(office)


def test_learned_after_publication_it_is_amended_and_again_when_it_turns_out_wrong(office: Office) -> None:
    assert {one["Mã phát hiện"] for one in office.publish()} == set(office.ids.values())
    amend = ("list", "amend", "--week", WEEK, "--folder", office.folder / "lists", "--unsigned", "--made-at")
    office.drift()
    office.run(*amend, str(CLOSED + 60))
    rows = office.rows(f"danh-sach-{WEEK}-sua-doi-1.csv")
    assert {one["Mã phát hiện"] for one in rows} == overloads(office)
    assert all("Thiết bị cân bị cảnh báo lệch vào lúc cân" in " ".join(one.values()) for one in rows)
    with connect(office.url) as connection:
        connection.execute("DELETE FROM instrument_drift")
    office.run(*amend, str(CLOSED + 120))
    assert {one["Mã phát hiện"] for one in office.rows(f"danh-sach-{WEEK}-sua-doi-2.csv")} == overloads(office)


def test_confirmed_by_a_person_it_is_listed_and_the_note_says_so(office: Office) -> None:
    office.drift()
    one = office.ids["overload_gross"]
    with connect(office.url) as connection:
        lan, own = person(connection, "lan", "inspector", None), person(connection, "own", "operator", "OP1")
        for place, (who, step) in enumerate(((lan, Step.OPEN), (lan, Step.SEND), (own, Step.ACCEPT))):
            take_step(connection, By(who, ""), one, step, "why", AT + DAY_S + place)
    assert one in {row["Mã phát hiện"] for row in office.publish()}
    assert f"Phát hiện {one} đã được xác nhận trong hồ sơ dù thiết bị cân" in words(office)


def test_a_package_says_it_stays_the_same_to_the_byte_and_verifies(office: Office) -> None:
    sound = office.packed("sound")
    office.drift()
    doubt = office.packed("doubt")
    assert doubt != sound
    assert doubt == office.packed("again")
    folder = office.folder / "unpacked"
    files = unpack(office.folder / "doubt.zip", folder)
    assert verify(folder)[0] == 0
    (drift,) = read_json(folder, "weighing.json")["instrument_drifts"]
    assert (drift["direction"], drift["shift_permille"], drift["since"]) == ("high", 64, AT - DAY_S)
    assert any("CHỈ ĐỂ XEM XÉT: thiết bị cân" in one for one in read_json(folder, "manifest.json")["warnings"])
    before = unpack(office.folder / "sound.zip", office.folder / "before")
    assert "instrument_drifts" not in read_json(office.folder / "before", "weighing.json")
    # The finding, its arithmetic and its law are the same; and gone again, so is the package.
    same = ("finding.json", "explanation.txt", "law.json", "fixes.csv")
    assert all(files[name] == before[name] for name in same)
    with connect(office.url) as connection:
        connection.execute("DELETE FROM instrument_drift")
    assert office.packed("later") == sound
    office.drift("low", -52)
    low = unpack_warnings(office)
    assert not any("thiết bị cân" in one for one in low)


def unpack_warnings(office: Office) -> list[str]:
    office.packed("low")
    unpack(office.folder / "low.zip", office.folder / "low")
    assert read_json(office.folder / "low", "weighing.json")["instrument_drifts"]
    said: list[str] = read_json(office.folder / "low", "manifest.json")["warnings"]
    return said
