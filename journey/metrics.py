"""Every Prometheus metric of ours, each with unit and meaning. Made once at the root and handed down; nothing global.

Labels: `connection` is its name in the settings; `operator` that of the vehicle, the sender's where it is not known,
empty where neither is; `fate` is stored, duplicate or rejected; `reason` and `flag` are those of journey.model.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_COUNTS = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
_ONE = ("connection",)


class IngestMetrics:
    """What the intake process tells at /metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, meaning: str, labels: tuple[str, ...] = _ONE) -> Counter:
            return Counter(f"hanhtrinh_ingest_{name}", meaning, labels, registry=registry)

        def gauge(name: str, meaning: str, labels: tuple[str, ...] = _ONE) -> Gauge:
            return Gauge(f"hanhtrinh_ingest_{name}", meaning, labels, registry=registry)

        def histogram(name: str, meaning: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(f"hanhtrinh_ingest_{name}", meaning, _ONE, buckets=buckets, registry=registry)

        self.registry = registry
        self.messages = counter("messages", "Messages committed and acknowledged.")
        self.received = counter("received_records", "Records committed, whatever became of them: the sum of the fates.",
                                ("connection", "operator"))  # fmt: skip
        self.records = counter(
            "records", "Records committed, by what became of them.", ("connection", "operator", "fate")
        )
        self.conflicts = counter("conflicts", "Duplicates that say something else than the copy that stood.",
                                 ("connection", "operator"))  # fmt: skip
        self.flagged = counter("flagged", "Fixes that carried a flag when they came.", ("connection", "operator"))
        self.rejected = counter("rejected", "Records kept as rejections.", ("connection", "sender", "reason"))
        self.lost = counter("lost_messages", "Messages that a broker discarded before they were taken.")
        self.store_waits = counter("store_waits", "Commits put off because the database was away or busy.")
        self.reopened = counter("reopened", "Times that a lost connection was opened again.")
        self.waiting = gauge("waiting_records", "Records received and not yet committed.")
        self.behind = gauge("behind_messages", "Messages that wait at the broker, where it tells: Kafka's lag.")
        self.up = gauge("up", "1 while the connection takes data in, 0 while its broker is away or it is held.")
        self.paused = gauge("paused", "1 while the connection is held because too much of it is rejected.")
        self.newest_fix = gauge("newest_fix_timestamp_seconds", "Latest time of a fix that was not ahead, Unix s.",
                                ("connection", "operator"))  # fmt: skip
        self.commit_seconds = histogram("commit_seconds", "Time of one transaction, s.", _SECONDS)
        self.batch_seconds = histogram(
            "batch_seconds", "From the receipt of a batch's first message to its commit, s.", _SECONDS
        )
        self.batch_records = histogram("batch_records", "Records of one transaction.", _COUNTS)


class CheckMetrics:
    """What a following `hanhtrinh check` tells at /metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, meaning: str, labels: tuple[str, ...] = ()) -> Counter:
            return Counter(f"hanhtrinh_check_{name}", meaning, labels, registry=registry)

        self.registry = registry
        self.windows = counter("windows", "Vehicle-days judged.")
        self.fixes = counter("fixes", "Fixes read for it, those around the vehicle-days included.")
        self.findings = counter(
            "findings", "Findings by what became of them: added, withdrawn or changed.", ("change",)
        )
        self.waiting = Gauge(
            "hanhtrinh_check_waiting_windows", "Vehicle-days that wait to be judged.", registry=registry
        )
        self.oldest_waiting = Gauge(
            "hanhtrinh_check_oldest_waiting_seconds",
            "How long the window that waits longest has been seen waiting by this process, s; 0: none waits.",
            registry=registry,
        )
        self.list_overdue = Gauge(
            "hanhtrinh_check_list_overdue_seconds",
            "Since when the list of the latest closed week could have been published and was not, s; 0: it was, or "
            "nothing was recorded in it.",
            registry=registry,
        )
        self.job_failing = Gauge(
            "hanhtrinh_check_job_failing_seconds",
            "Since when a job of the schedule has failed each time, s; 0: it was done last, or is tried no more.",
            ("work",),  # Prometheus has a `job` of its own
            registry=registry,
        )
        self.undelivered = Gauge(
            "hanhtrinh_check_undelivered_seconds",
            "Since when a list is tried that has not reached a recipient, s; 0: all has, or is tried no more.",
            ("recipient",),
            registry=registry,
        )
        self.proof_ended = Gauge(
            "hanhtrinh_check_proof_ended_timestamp_seconds",
            "When the last self-proof that nothing of ours kept from its end has ended, Unix s; 0: none ever has.",
            registry=registry,
        )
        self.proof_findings = Gauge(
            "hanhtrinh_check_proof_findings",
            "Findings of that self-proof: planted, missing or extra.",
            ("rule", "what"),
            registry=registry,
        )
        self.instrument_drift = Gauge(
            "hanhtrinh_check_instrument_drift",
            "How the instrument of a weigh station stands: 0 as it was or not known yet, 1 warned, 2 in alarm.",
            ("station", "lane", "instrument"),
            registry=registry,
        )
        self.unread_plates = Gauge(
            "hanhtrinh_check_unread_plates_ratio",
            "Plates not read, of the weighings of a lane on the last whole local day; none where nothing was weighed.",
            ("station", "lane"),
            registry=registry,
        )
        self.lane_weighings = Gauge(
            "hanhtrinh_check_lane_weighings",
            "Weighings of a lane on the last whole local day.",
            ("station", "lane"),
            registry=registry,
        )
        self.station_silent = Gauge(
            "hanhtrinh_check_station_silent_seconds",
            "How long an open weigh station has sent no weighing, s; 0: it is closed.",
            ("station",),
            registry=registry,
        )
        self.station_silence = Gauge(
            "hanhtrinh_check_station_silence_seconds",
            "From when on that is a silence, by the station's own usual gaps, s.",
            ("station",),
            registry=registry,
        )
        self.round_seconds = Histogram(
            "hanhtrinh_check_round_seconds", "Time of one round, s.", buckets=_SECONDS, registry=registry
        )


class MachineMetrics:
    """What a process tells of the machine it runs on. Each is looked at when it is asked for."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.disk_free = Gauge(
            "hanhtrinh_disk_free_bytes", "Free on the disk of a folder, for those who may write there.", ("folder",),
            registry=registry,
        )  # fmt: skip
        self.disk = Gauge("hanhtrinh_disk_bytes", "Size of the disk of a folder.", ("folder",), registry=registry)
        self.backup_made = Gauge(
            "hanhtrinh_backup_made_timestamp_seconds",
            "When the newest whole backup in a folder was made, Unix s; 0: there is none, or it cannot be read.",
            ("folder",),
            registry=registry,
        )
        self.certificate_end = Gauge(
            "hanhtrinh_certificate_end_timestamp_seconds",
            "When the first certificate of a file ends, Unix s; 0: the file cannot be read.",
            ("file",),
            registry=registry,
        )


class ApiMetrics:
    """What `hanhtrinh serve` tells at /metrics. `route` is the name of the route, empty where there is none."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.requests = Counter(
            "hanhtrinh_api_requests", "Requests answered, by status.", ("route", "status"), registry=registry
        )
        self.seconds = Histogram(
            "hanhtrinh_api_seconds", "From a request to the end of its answer, s.", ("route",), buckets=_SECONDS,
            registry=registry,
        )  # fmt: skip
