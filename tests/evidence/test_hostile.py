"""Names that are markup, formulas or control characters somewhere come out as the text that they are."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from cli.visible import visible
from tests.cli.command import called
from tests.evidence.checker import has_page, read_json, unpack, verify
from tests.evidence.small import fast_folder, judged

NAMES = ["=1+1", "#EVAL(READ(1))", "<SCRIPT>ALERT(1)</SCRIPT>", "*A* _B_ $C$ @D", "[BOLD]X[/]", "'A' & \\B;",
         "]]>\u202eA", "#PANIC()", "12\x0bC"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_stay_text(name: str, emptied: str, tmp_path: Path) -> None:
    fast_folder(tmp_path / "records", plate=name, operator=f"{name} Ltd", road=f"{name} road")
    found = judged(tmp_path / "records", emptied)
    for rule in ("speeding", "overload_gross"):
        folder = tmp_path / rule
        done = called("evidence", found[rule], "--out", tmp_path / f"{rule}.zip", DATABASE_URL=emptied)
        assert (done.code, done.err) == (0, "")
        files = unpack(tmp_path / f"{rule}.zip", folder)
        assert verify(folder)[0] == 0
        assert read_json(folder, "finding.json")["vehicle"] == name
        assert has_page(files["summary.pdf"], 1, tmp_path)
        rows = list(csv.DictReader(io.StringIO(files["fixes.csv"].decode())))
        # One leading apostrophe where a spreadsheet would take the text for a formula, and nothing else.
        assert {row["vehicle"] for row in rows} == {f"'{name}" if name[0] in "=+-@'" else name}
        for file, content in files.items():
            if file.endswith(".svg"):
                texts = "".join(ET.fromstring(content).itertext())  # noqa: S314 - our own
                assert name.replace("\x0b", "\ufffd") in texts
        assert f"vehicle {visible(name)}, driver" in files["explanation.txt"].decode()
        assert called("explain", found[rule], DATABASE_URL=emptied).code == 0
