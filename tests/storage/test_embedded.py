from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from journey.settings import Settings
from storage.commit import commit_batch, source_offset
from storage.database import Connection, connect, open_store, scalar
from storage.errors import StoreUnavailable
from storage.migrate import migrate
from storage.server.embedded import open_embedded, running_pid
from tests.storage.samples import fix, frame, stretch

ROOT = Path(__file__).parents[2]
HOLD = """
import sys, time
from pathlib import Path
from storage.server.embedded import open_embedded
with open_embedded(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


def start_other(folder: Path) -> subprocess.Popen[str]:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert other.stdout is not None
    assert other.stdout.readline().startswith("postgresql://")
    return other


def dispose(other: subprocess.Popen[str]) -> None:
    other.kill()
    other.communicate()


def commit_until_it_fails(connection: Connection) -> None:
    while True:
        commit_batch(connection, stretch("other", 0, 0))


def test_starts_creates_a_private_folder_and_stops(data_folder: Path) -> None:
    with open_embedded(data_folder) as url:
        assert data_folder.stat().st_mode & 0o777 == 0o700
        assert (data_folder / "postgres").stat().st_mode & 0o777 == 0o700
        assert running_pid(data_folder / "postgres") is not None
        with connect(url) as connection:
            assert (
                scalar(connection, "SELECT current_setting('fsync') || current_setting('synchronous_commit')") == "onon"
            )
    assert running_pid(data_folder / "postgres") is None
    with open_embedded(data_folder) as url, connect(url) as connection:
        assert scalar(connection, "SELECT current_database()") == "hanhtrinh"


def test_settings_choose_the_store(data_folder: Path) -> None:
    given = Settings(_env_file=None, database_url="postgresql://somewhere/else", data_folder=data_folder)
    with open_store(given) as url:
        assert url == "postgresql://somewhere/else"
    assert not data_folder.exists()
    with open_store(Settings(_env_file=None, data_folder=data_folder)) as url, connect(url):
        pass


def test_two_processes_share_a_folder_and_the_last_one_stops_it(data_folder: Path) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(open_embedded(data_folder))
        other = start_other(data_folder)
        stack.callback(dispose, other)
        pid = running_pid(data_folder / "postgres")
        with open_embedded(data_folder) as again:
            assert again == url
        assert running_pid(data_folder / "postgres") == pid
        other.communicate("")
        assert running_pid(data_folder / "postgres") == pid
    assert running_pid(data_folder / "postgres") is None


def test_the_starter_may_leave_first(data_folder: Path) -> None:
    starter = start_other(data_folder)
    with open_embedded(data_folder) as url:
        starter.communicate("")
        with connect(url) as connection:
            assert scalar(connection, "SELECT 1") == 1
    assert running_pid(data_folder / "postgres") is None


def test_a_killed_owner_does_no_harm(data_folder: Path) -> None:
    owner = start_other(data_folder)
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    assert running_pid(data_folder / "postgres") is not None
    with open_embedded(data_folder) as url, connect(url) as connection:
        assert scalar(connection, "SELECT 1") == 1
    assert running_pid(data_folder / "postgres") is None


def test_a_killed_server_recovers_what_was_committed(data_folder: Path) -> None:
    with open_embedded(data_folder) as url:
        with connect(url) as connection:
            migrate(connection)
            commit_batch(connection, stretch("s", 0, 10, frame([fix()])))
            pid = running_pid(data_folder / "postgres")
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            with pytest.raises(StoreUnavailable, match="resume where the store stands"):
                commit_until_it_fails(connection)
        # A second user comes while the first still holds the folder of the dead server.
        with open_embedded(data_folder) as again, connect(again) as connection:
            assert source_offset(connection, "s") == 10
            assert scalar(connection, "SELECT count(*) FROM fix") == 1
    assert running_pid(data_folder / "postgres") is None


def test_a_stale_number_of_a_living_process_is_no_server(data_folder: Path) -> None:
    with open_embedded(data_folder):
        pid_file = data_folder / "postgres" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
    assert not pid_file.exists()
    server_owner = (data_folder / "postgres").stat()
    # A process of the server's own account: PostgreSQL by itself would take it for the server and refuse to start.
    account = {"user": server_owner.st_uid} if os.geteuid() == 0 else {}
    other = subprocess.Popen(["sleep", "60"], cwd="/", **account)
    try:
        pid_file.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        os.chown(pid_file, server_owner.st_uid, server_owner.st_gid)
        with open_embedded(data_folder) as url, connect(url) as connection:
            assert scalar(connection, "SELECT 1") == 1
            assert running_pid(data_folder / "postgres") != other.pid
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_an_unfinished_set_up_is_done_again(data_folder: Path) -> None:
    (data_folder / "postgres.new").mkdir(parents=True)
    (data_folder / "postgres.new" / "PG_VERSION").write_text("18")
    with open_embedded(data_folder) as url, connect(url) as connection:
        assert scalar(connection, "SELECT 1") == 1
    assert not (data_folder / "postgres.new").exists()


def test_a_long_path_has_its_socket_elsewhere(data_folder: Path) -> None:
    folder = data_folder / ("a" * 60) / ("b" * 60)
    with open_embedded(folder) as url, connect(url) as connection:
        sockets = Path(str(scalar(connection, "SHOW unix_socket_directories")))
        assert sockets != folder / "postgres"
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert sockets.stat().st_uid == (folder / "postgres").stat().st_uid
    shutil.rmtree(sockets)


def test_a_folder_of_somebody_else_is_refused(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_embedded(data_folder):
        pass
    monkeypatch.setattr(os, "geteuid", lambda: (data_folder / "postgres").stat().st_uid + 1)
    with pytest.raises(StoreUnavailable, match="belongs to another user"), open_embedded(data_folder):
        pass


def test_an_unusable_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="choose another one"), open_embedded(tmp_path / "file" / "data"):
        pass


def test_waits_for_a_recovery_that_another_process_began(data_folder: Path) -> None:
    with open_embedded(data_folder) as url, connect(url) as connection:
        connection.execute("CREATE TABLE filled AS SELECT generate_series(1, 300000) AS number")
        connection.commit()
        pid = running_pid(data_folder / "postgres")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        while running_pid(data_folder / "postgres") is not None:
            time.sleep(0.01)
        others = [start_other(data_folder) for _ in range(2)]
        for other in others:
            dispose(other)
        with open_embedded(data_folder) as again, connect(again) as reader:
            assert scalar(reader, "SELECT count(*) FROM filled") == 300_000
