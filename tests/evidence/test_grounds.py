"""Explain and packages name the road that a limit rests on, its source and its days, and what was assumed of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.command import called
from tests.cli.samples import roads
from tests.evidence.checker import unpack
from tests.evidence.small import fast_folder, judged


def explained(folder: Path, database: str, **road: Any) -> tuple[str, dict[str, Any]]:
    fast_folder(folder)
    (folder / "roads.geojson").write_text(json.dumps(roads(**road)), encoding="utf-8")
    finding = judged(folder, database)["speeding"]
    done = called("explain", finding, DATABASE_URL=database)
    assert (done.code, "equal to the stored finding" in done.out) == (0, True), done
    out = folder / "out.zip"
    assert called("evidence", finding, "--out", out, DATABASE_URL=database).code == 0
    files = unpack(out, folder / "out")
    stated = json.loads(files["finding.json"])
    (line,) = [line for line in done.out.splitlines() if line.startswith("  road R1")]
    assert any(line.encode() in content for content in files.values())
    return line, stated


def test_a_sign_by_direction_is_named_with_its_days(tmp_path: Path, database: str) -> None:
    line, stated = explained(
        tmp_path, database, maxspeed_forward=70, maxspeed_backward=50, valid_from="2020-01-01", ref="QL1 km 12"
    )
    assert line.startswith("  road R1 QL1 km 12 Road: 70 km/h by speed.sign (")
    assert line.endswith("from authority, holds from 2020-01-01")
    assert (stated["limit"], "assumed" in stated["detail"]) == (70.0, False)


def test_what_was_assumed_is_said_and_gives_the_highest_limit(tmp_path: Path, database: str) -> None:
    line, stated = explained(tmp_path, database, urban=True, assumed=["maxspeed", "urban"])
    assert line.endswith("; assumed: maxspeed, urban, so the highest that may be")
    assert (stated["limit"], stated["detail"]["assumed"]) == (80.0, ["maxspeed", "urban"])
