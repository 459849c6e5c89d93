"""A store on a disk of its own that can be filled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.disk.small import Ballast, give, mounted


@pytest.fixture
def small(server: str, _template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Ballast]]:
    """URL of a store whose tables lie on a small disk, and what fills that."""
    files = Path(str(conninfo_to_dict(server)["host"]))
    name = "hanhtrinh_small"
    with mounted(files.parent / "small", 160) as folder, psycopg.connect(server, autocommit=True) as admin:
        (folder / "tables").mkdir()
        give(folder / "tables", files)
        admin.execute(f"CREATE TABLESPACE small LOCATION '{folder / 'tables'}'")  # type: ignore[arg-type]
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {_template} TABLESPACE small")  # type: ignore[arg-type]
        yield make_conninfo(server, dbname=name), Ballast(folder)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]
        admin.execute("DROP TABLESPACE small")
