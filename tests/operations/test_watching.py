"""What check tells of its queue and of lists that are overdue."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from psycopg.conninfo import make_conninfo

from cli.watching import QueueAge, StoreWatch, end_or_zero, list_overdue_s, watch_machine
from journey.localtime import day_start, name_week
from journey.metrics import CheckMetrics
from journey.settings import Settings
from storage.database import Connection, connect, transaction
from storage.proofs import FAILED, OUTAGE, PASSED, Counts, Proof, add_proof
from storage.roles import apply_roles
from storage.standing import Queue
from tests.api.filled import WEEK, fill
from tests.storage.samples import DAY

NOBODY = Queue(0, None, None)


def test_the_age_is_that_of_the_window_that_waits_longest() -> None:
    age = QueueAge()
    assert age.seconds(5) == 0
    age.look(Queue(2, 10, 20), 100)
    assert age.seconds(160) == 60
    age.look(Queue(2, 20, 30), 200)  # 10 is judged; 20 was seen at 100, 30 came since then
    assert age.seconds(260) == 160
    age.look(Queue(1, 30, 30), 300)
    assert age.seconds(360) == 160  # seen at 200
    age.look(NOBODY, 400)
    assert age.seconds(1000) == 0
    age.look(Queue(1, 31, 31), 1100)
    assert age.seconds(1101) == 1


def test_a_window_touched_again_waits_from_then_on() -> None:
    age = QueueAge()
    age.look(Queue(1, 10, 10), 0)
    age.look(Queue(1, 11, 11), 50)
    assert age.seconds(60) == 10


def test_the_age_rises_while_nobody_can_look() -> None:
    age = QueueAge()
    age.look(Queue(1, 10, 10), 0)
    assert [age.seconds(now) for now in (10, 100, 1000)] == [10, 100, 1000]


def test_a_list_is_overdue_when_its_week_is_closed_and_judged_and_nothing_published(connection: Connection) -> None:
    fill(connection, cases=False)
    monday = day_start(DAY - (DAY + 3) % 7)
    end, grace = monday + 7 * 86_400, 5 * 86_400
    assert name_week(monday) == WEEK

    def overdue(now: int) -> int:
        return list_overdue_s(connection, now, 5)

    connection.execute(
        "INSERT INTO day_summary "
        "SELECT id, %s, 1, 1, '{}', 0, 0, 0, 0, 'run-1' FROM (SELECT id FROM vehicle LIMIT 1) AS v",
        (DAY - 7,),
    )  # of the week before, of which there is no list
    assert overdue(end + grace - 7 * 86_400 - 1) == 0
    assert overdue(end + grace - 7 * 86_400) == 0
    assert overdue(end + grace - 7 * 86_400 + 60) == 60
    assert overdue(end + grace - 1) == 7 * 86_400 - 1
    assert overdue(end + grace + 60) == 0  # that of the week itself is published
    assert overdue(end + grace + 7 * 86_400 + 60) == 0  # nothing was recorded in the next


@pytest.mark.native_server
def test_the_role_of_check_may_look(connection: Connection, database: str) -> None:
    fill(connection, cases=False)
    apply_roles(connection)
    metrics = CheckMetrics(CollectorRegistry())
    with connect(make_conninfo(database, options="-c role=hanhtrinh_check")) as checker:
        StoreWatch(metrics, 5).look(checker)
    told = generate_latest(metrics.registry).decode()
    assert "\nhanhtrinh_check_waiting_windows 0.0" not in told
    assert "\nhanhtrinh_check_oldest_waiting_seconds 0.0\n" not in told


def test_disks_and_certificates_are_looked_at_when_asked_for(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    missing = tmp_path / "none.pem"
    settings = Settings(database_url="postgresql://x/y", disk_folder=tmp_path)
    watch_machine(registry, settings, [missing])
    told = generate_latest(registry).decode()
    assert f'hanhtrinh_disk_bytes{{folder="{tmp_path}"}}' in told
    assert f'hanhtrinh_certificate_end_timestamp_seconds{{file="{missing}"}} 0.0' in told
    assert "process_resident_memory_bytes" in told
    missing.write_text("no certificate")
    assert end_or_zero(missing) == 0


def test_the_last_proof_that_came_to_its_end_is_told_by_rule(connection: Connection) -> None:
    def told(*proofs: tuple[str, dict[str, Counts]]) -> dict[str, float]:
        for outcome, rules in proofs:
            with transaction(connection):
                add_proof(connection, Proof(0, 0, outcome, "files", "2026-W09", 1, 1, 0, None, None, "", "", "", "", [],
                                            rules))  # fmt: skip
        watch.look(connection)
        lines = (line.rsplit(" ", 1) for line in generate_latest(metrics.registry).decode().splitlines())
        return {name.removeprefix("hanhtrinh_check_proof_"): float(value) for name, value in lines
                if name.startswith("hanhtrinh_check_proof_")}  # fmt: skip

    metrics = CheckMetrics(CollectorRegistry())
    watch = StoreWatch(metrics, 5)
    assert told() == {"ended_timestamp_seconds": 0}
    first = told((FAILED, {"speeding": Counts(6, 5, 0), "gone": Counts(0, 0, 2)}))
    assert first["ended_timestamp_seconds"] > 1_700_000_000
    assert first['findings{rule="speeding",what="missing"}'] == 1
    assert first['findings{rule="gone",what="extra"}'] == 2
    assert told((OUTAGE, {"speeding": Counts(6, 0, 0)})) == first  # an outage says nothing of the rules
    last = told((PASSED, {"speeding": Counts(7, 7, 0)}))
    assert {name: value for name, value in last.items() if "{" in name} == {
        'findings{rule="speeding",what="planted"}': 7,
        'findings{rule="speeding",what="missing"}': 0,
        'findings{rule="speeding",what="extra"}': 0,
    }
