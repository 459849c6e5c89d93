"""A real Prometheus over the real processes: what boards and alerts name exists, and every expression answers."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
import yaml

from cli.stations.watching import watch_stations
from dashboards.parts import METRICS
from storage.commit import commit_batch
from storage.database import connect, transaction
from storage.jobs import DONE, add_run
from storage.proofs import PASSED, Counts, Proof, add_proof
from storage.registry import save_registry
from tests.brokers.certificates import Certificates
from tests.brokers.process import HOST, Server, accepts, free_port, program
from tests.casefolder import LAW
from tests.live.records import REGISTRY, many_each
from tests.operations.grafana import panels
from tests.operations.system import System, running, until
from tests.operations.test_alerts import ALERTS, FOLDER
from tests.operations.test_dashboards import BOARDS
from tests.stations.test_watch_command import STEP_S, combination
from tests.storage.samples import stretch

pytestmark = pytest.mark.operations

EXPRESSIONS = sorted(
    {target["expr"] for board in BOARDS.values() for panel in panels(board, METRICS.uid or "")
     for target in panel["targets"]}
)  # fmt: skip
# Counted only when it happens: their series begin then. Everything else has data as soon as something was received.
ONLY_WHEN_IT_HAPPENS = {
    "hanhtrinh_ingest_lost_messages_total": "no broker discarded anything",
    "hanhtrinh_ingest_store_waits_total": "the store was there",
    "hanhtrinh_ingest_reopened_total": "no connection was lost",
    "hanhtrinh_check_undelivered_seconds": "nobody is to be delivered anything",
    "hanhtrinh_check_findings_total": "kept by change",
}
PROVEN = Proof(0, 0, PASSED, "http", "2026-W09", 9, 9, 0, 2.0, 3.0, "law", "method", "code", "planted = found",
               [], {"speeding": Counts(3, 3, 0)})  # fmt: skip
_NAME = re.compile(r"\b((?:hanhtrinh|node|process)_\w+|up)\b(?!\s*\()")


def metrics_of(expr: str) -> set[str]:
    return set(_NAME.findall(re.sub(r'"[^"]*"|\{\{.*?\}\}', "", expr)))


class Prometheus:
    """Asks a running Prometheus."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def ask(self, expr: str) -> list[dict[str, Any]]:
        answer = self.client.get("/query", params={"query": expr}).json()
        assert answer["status"] == "success", (expr, answer)
        return list(answer["data"]["result"])


@pytest.fixture(scope="module")
def scraped(
    module_database: str, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[System, Prometheus]]:
    """The processes after some records, and Prometheus with our settings but for addresses and interval."""
    folder = tmp_path_factory.mktemp("prometheus")
    with connect(module_database) as connection:
        save_registry(connection, REGISTRY)
        with transaction(connection):
            add_proof(connection, PROVEN)
            add_run(connection, "keep", "2026-03-01", DONE, 0, "")
        now, dice = int(time.time()), Random(7)
        weighed = [combination(number, dice, time=now - STEP_S * (500 - number)) for number in range(500)]
        commit_batch(connection, stretch("scale", 0, 1, weighings=weighed))
        watch_stations(connection, (), LAW, now)
    with ExitStack() as stack:
        system = stack.enter_context(running(folder, module_database, certificates))
        machine = free_port()
        listen = f"--web.listen-address={HOST}:{machine}"
        exporter = Server([program("prometheus-node-exporter"), listen], folder, lambda: accepts(machine))
        exporter.start()
        stack.callback(exporter.stop)
        prometheus = stack.enter_context(_prometheus(folder / "server", {**system.ports, "machine": machine}))
        for first in range(0, 3000, 500):  # spread, so that rates have several samples to go by
            system.send([*many_each(first, first + 500, 10), b"{"])
            assert system.api.get("/operators").status_code == 200
            time.sleep(1.1)
        rate = "sum(rate(hanhtrinh_check_windows_total[5m])) > 0 and sum(rate(hanhtrinh_api_requests_total[5m])) > 0"
        until(lambda: bool(prometheus.ask(rate)), "records are judged and Prometheus has seen it")
        yield system, prometheus


@pytest.fixture(scope="module")
def names(scraped: tuple[System, Prometheus]) -> set[str]:
    """Every name that the processes' /metrics declare, whether it has a value by now or not."""
    system, prometheus = scraped
    found = {row["metric"]["__name__"] for row in prometheus.ask('{__name__=~".+"}')}
    for job in system.ports:
        for name, kind in re.findall(r"^# TYPE (\S+) (\w+)$", system.metrics(job), re.MULTILINE):
            found |= {f"{name}_bucket", f"{name}_count", f"{name}_sum"} if kind == "histogram" else {name}
    return found


@contextmanager
def _prometheus(folder: Path, ports: dict[str, int]) -> Iterator[Prometheus]:
    settings = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    port = free_port()
    settings["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    settings["rule_files"] = [str(FOLDER / "alerts.yml")]
    settings.pop("alerting")
    for job in settings["scrape_configs"]:
        job.pop("dns_sd_configs", None)
        job["static_configs"] = [{"targets": [f"{HOST}:{ports.get(job['job_name'], port)}"]}]
    folder.mkdir()
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    arguments = [f"--config.file={file}", f"--storage.tsdb.path={folder / 'data'}",
                 f"--web.listen-address={HOST}:{port}"]  # fmt: skip
    server = Server([program("prometheus"), *arguments], folder, lambda: accepts(port))
    server.start()
    try:
        with httpx.Client(base_url=f"http://{HOST}:{port}/api/v1") as client:
            yield Prometheus(client)
    finally:
        server.stop()


def test_every_job_is_scraped(scraped: tuple[System, Prometheus]) -> None:
    _, prometheus = scraped
    until(lambda: len(prometheus.ask("up == 1")) == 5, "five jobs are up")
    jobs = {row["metric"]["job"] for row in prometheus.ask("up == 1")}
    assert jobs == {"ingest", "check", "api", "machine", "prometheus"}


@pytest.mark.parametrize("expr", EXPRESSIONS)
def test_every_expression_of_a_board_has_data(expr: str, scraped: tuple[System, Prometheus], names: set[str]) -> None:
    missing = metrics_of(expr) - names
    assert missing == set(), f"nothing exports {missing}"
    if not scraped[1].ask(expr):
        assert metrics_of(expr) & set(ONLY_WHEN_IT_HAPPENS), f"{expr}: no data"


@pytest.mark.parametrize("alert", ALERTS, ids=[alert["alert"] for alert in ALERTS])
def test_every_alert_rests_on_metrics_that_there_are(
    alert: dict[str, Any], scraped: tuple[System, Prometheus], names: set[str]
) -> None:
    """The expression answers; it is empty because nothing is wrong, not because a metric is missing."""
    used = metrics_of(alert["expr"])
    assert used - names == set()
    for metric in used - set(ONLY_WHEN_IT_HAPPENS):
        assert scraped[1].ask(metric), f"{metric} has no data"
    scraped[1].ask(alert["expr"])


def test_nobody_is_woken_by_a_system_that_is_well(scraped: tuple[System, Prometheus]) -> None:
    """But for records of last year, a certificate of two days and the disk of this machine."""
    expected = {"DataLate", "OperatorSilent", "CertificateEnding", "CertificateEnded", "DiskFilling", "RejectionShare"}
    said = {row["metric"]["alertname"] for row in scraped[1].ask('ALERTS{alertstate="firing"}')}
    assert said <= expected


def test_the_values_are_what_the_processes_know(scraped: tuple[System, Prometheus], certificates: Certificates) -> None:
    _, prometheus = scraped

    def value(expr: str) -> float:
        ((row),) = prometheus.ask(expr)
        return float(row["value"][1])

    assert value("sum(hanhtrinh_ingest_received_records_total)") == 3006
    assert value('sum(hanhtrinh_ingest_records_total{fate="rejected"})') == 6
    until(lambda: value("hanhtrinh_check_waiting_windows") == 0, "nothing waits")
    until(lambda: value("hanhtrinh_check_oldest_waiting_seconds") == 0, "nothing waits any more")
    assert value("hanhtrinh_check_list_overdue_seconds") == 0
    ends = value(f'hanhtrinh_certificate_end_timestamp_seconds{{file="{certificates.server.certificate}"}}')
    assert 0 < ends - time.time() < 3 * 86_400
    assert 0 < value('max(hanhtrinh_disk_free_bytes{job="check"})') < value('max(hanhtrinh_disk_bytes{job="check"})')
