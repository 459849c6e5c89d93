"""What check tells of its queue and of lists that are overdue."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from psycopg.conninfo import make_conninfo

from cli.watching import QueueAge, StoreWatch, backup_made, end_or_zero, list_overdue_s, watch_machine
from journey.localtime import day_start, name_week
from journey.metrics import CheckMetrics
from journey.settings import Settings
from storage.database import Connection, connect, transaction
from storage.jobs import DONE, add_run
from storage.jobs import FAILED as FAILED_RUN
from storage.lists.deliveries import DELIVERED, Sending, begin, end
from storage.lists.deliveries import FAILED as DELIVERY_FAILED
from storage.proofs import FAILED, OUTAGE, PASSED, Counts, Proof, add_proof
from storage.roles import apply_roles
from storage.upkeep.standing import Queue
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


def test_the_newest_whole_backup_is_told(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    watch_machine(registry, Settings(database_url="postgresql://x/y", backup_folder=tmp_path))

    def told() -> float | None:
        return registry.get_sample_value("hanhtrinh_backup_made_timestamp_seconds", {"folder": str(tmp_path)})

    assert told() == 0
    for name, made_at in (("a.dump", 1000), ("a.dump.json", 1000), ("b.dump", 2000), ("c.dump.json", 3000)):
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (made_at, made_at))
    assert told() == 1000  # b has no account yet, of c the account alone is left
    (tmp_path / "b.dump.json").write_bytes(b"")
    os.utime(tmp_path / "b.dump.json", (2000, 2000))
    assert told() == 2000
    assert backup_made(tmp_path / "nowhere") == 0


def test_a_job_fails_from_its_first_failure_after_it_was_done_last(connection: Connection) -> None:
    def ran(job: str, slot: str, outcome: str, hours_ago: int) -> dict[str, float | None]:
        add_run(connection, job, slot, outcome, 0, "")
        move = "UPDATE job_run SET ended_at = now() - %s * interval '1 hour' WHERE id = (SELECT max(id) FROM job_run)"
        connection.execute("SET LOCAL session_replication_role = replica")  # rows are never changed else
        connection.execute(move, (hours_ago,))
        connection.commit()
        StoreWatch(metrics, 5).look(connection)
        return {work: metrics.registry.get_sample_value("hanhtrinh_check_job_failing_seconds", {"work": work})
                for work in ("keep", "amend")}  # fmt: skip

    metrics = CheckMetrics(CollectorRegistry())
    assert ran("keep", "2026-03-01", FAILED_RUN, 40) == {"keep": pytest.approx(40 * 3600, abs=60), "amend": None}
    assert ran("keep", "2026-03-01", DONE, 39)["keep"] == 0
    assert ran("keep", "2026-03-02", FAILED_RUN, 9)["keep"] == pytest.approx(9 * 3600, abs=60)
    assert ran("keep", "2026-03-02", FAILED_RUN, 1)["keep"] == pytest.approx(9 * 3600, abs=60)
    assert ran("amend", "2026-03-02", DONE, 1) == {"keep": pytest.approx(9 * 3600, abs=60), "amend": 0}
    assert ran("keep", "2026-03-03", DONE, 0)["keep"] == 0
    # Of a job that was taken out of the schedule while it failed nothing is told for ever.
    assert ran("amend", "2026-03-03", FAILED_RUN, 50)["amend"] == 0


def test_a_list_is_undelivered_until_its_recipient_has_it(connection: Connection) -> None:
    fill(connection, cases=False)
    metrics = CheckMetrics(CollectorRegistry())
    (position,) = connection.execute("SELECT min(position) FROM list").fetchone() or (None,)
    sending = Sending(position, "so", "drop", "key")

    def told() -> float | None:
        connection.commit()
        StoreWatch(metrics, 5).look(connection)
        return metrics.registry.get_sample_value("hanhtrinh_check_undelivered_seconds", {"recipient": "so"})

    assert told() is None
    attempt = begin(connection, sending)
    end(connection, sending, attempt, DELIVERY_FAILED, "no answer")
    connection.execute("SET LOCAL session_replication_role = replica")  # rows are never changed else
    connection.execute("UPDATE delivery SET at = at - interval '5 hours'")
    assert told() == pytest.approx(5 * 3600, abs=60)
    attempt = begin(connection, sending)
    assert told() == pytest.approx(5 * 3600, abs=60)
    end(connection, sending, attempt, DELIVERED, "taken")
    assert told() == 0


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
