"""Other disks full, for real: where lists go, deliveries, backups and logs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cli.delivery.drop import send
from cli.delivery.parcel import NotDelivered, Parcel
from cli.delivery.settings import Drop
from ingest.sources.http import Settings as Http
from storage.access import issue
from storage.database import connect, scalar
from storage.registry import save_registry
from tests.brokers.process import HOST, free_port
from tests.chaos.process import Ingest
from tests.cli.command import called
from tests.disk.small import Ballast, mounted
from tests.live.records import REGISTRY, many_each

pytestmark = pytest.mark.operations


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk", 4) as folder:
        yield folder


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_list_whose_folder_is_full_is_sealed_and_written_later(database: str, disk: Path, tmp_path: Path) -> None:
    folder, ballast = disk / "lists", Ballast(disk)
    folder.mkdir()
    ballast.fill()
    publish = ("list", "publish", "--week", "2025-W41", "--unsigned", "--folder")
    done = called(*publish, folder, DATABASE_URL=database)
    assert done.code == 2, done
    assert "cannot be written: No space left on device; make room, or name another --folder" in done.err
    assert "Traceback" not in done.err
    assert [path for path in folder.iterdir() if path.suffix == ".part"] == []
    ballast.drop()
    done = called(*publish, folder, DATABASE_URL=database)
    assert done.code == 0, done
    assert "the same files were written again" in done.err
    assert called(*publish, tmp_path / "elsewhere", DATABASE_URL=database).code == 0
    assert files(folder) == files(tmp_path / "elsewhere")
    with connect(database) as connection:
        assert scalar(connection, "SELECT count(*) FROM list") == 1


def test_a_delivery_into_a_full_folder_is_told_and_leaves_no_half_file(disk: Path) -> None:
    ballast = Ballast(disk)
    ballast.fill()
    parcel = Parcel("a", "1", "words", 0, "k" * 64, {"a.csv": b"x" * 100_000, "a.manifest.json": b"{}"})
    to = Drop(name="drop", channel="drop", since="2025-01-01", folder=disk)
    with pytest.raises(NotDelivered, match="No space left on device"):
        send(to, parcel)
    assert [path.name for path in disk.iterdir()] == ["ballast"]
    ballast.drop()
    assert send(to, parcel).startswith("2 files, 2 written")


def test_a_backup_that_finds_no_room_leaves_nothing(database: str, disk: Path) -> None:
    Ballast(disk).fill()
    done = called("db", "backup", disk / "store.dump", DATABASE_URL=database)
    assert done.code != 0
    assert "Traceback" not in done.err
    assert "No space left" in done.err
    assert [path.name for path in disk.iterdir()] == ["ballast"]


def test_a_full_disk_of_logs_stops_nobody(database: str, disk: Path) -> None:
    with connect(database) as connection:
        save_registry(connection, REGISTRY)
        token = issue(connection, "OP1")
        connection.commit()
    port = free_port()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    ingest = Ingest(
        disk / "ingest", database, [Http(name="http", transport="http", port=port)],
        environment={"HANHTRINH_LOG_LEVEL": "debug"},
    )  # fmt: skip
    with ingest:
        ingest.wait_ready()
        Ballast(disk).fill()
        size = ingest.log.stat().st_size
        for payload in many_each(0, 200, 10):
            answer = httpx.post(f"http://{HOST}:{port}/v1/fixes", content=payload, headers=headers, timeout=60)
            assert answer.status_code == 200
        assert ingest.ready()
        assert ingest.log.stat().st_size - size < 1 << 16
        assert ingest.stop() == 0
    with connect(database) as connection:
        assert scalar(connection, "SELECT count(*) FROM fix") == 200
