"""What must hold of the code as a whole: no figure of law in Python, the layers, the plug-ins, sizes, docstrings."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from api.exports import EXPORTS
from ingest.protocols import PROTOCOLS
from rules.checks import all_rules

ROOT = Path(__file__).parents[1]
PACKAGES = ("journey", "rules", "ingest", "storage", "api", "cli", "dashboards")
SOURCES = sorted(path.relative_to(ROOT) for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
LINES_MAX = 300

# Where a figure of law, tolerance or method could hide: nothing here may hold a number but those explained below.
_CHECK = ("checking.py", "drivers.py", "spans.py", "weeks.py", "explaining.py")
JUDGING = [path for path in SOURCES if path.parts[0] == "rules" or (path.parts[0] == "cli" and path.name in _CHECK)]

# Nothing and one; the neighbour on either side; both of a pair.
COUNTING = {0, 1, 2}
# File and number: what it means there. None is a figure that a lawgiver or a method could change.
MEANINGS: dict[str, dict[float, str]] = {
    "cli/checking/windows.py": {
        600: "windows of one transaction",
        64: "windows of the first",
        20.0: "s between two refreshes",
        8: "windows of the smallest",
        32: "letters of a hash",
    },
    "cli/checking/spans.py": {6: "hours loaded around a span at first", 3600: "s in 1 h", 64: "days judged at once"},
    "cli/checking/weeks.py": {4: "factor by which a margin of loading grows"},
    "cli/explaining/derivation.py": {10: "tenths in 1 km/h, for printing"},
    "rules/activity.py": {1000: "mm in 1 m"},
    "rules/checks/moving_silence.py": {1000: "mm in 1 m"},
    "rules/checks/overload.py": {
        1000: "permille in a whole; kg in 1 t, for printing",
        100: "percent in a whole",
        200: "twice that: half a unit of the last printed place",
        12: "letters of a hash",
        64: "weighings from which on they are judged in columns first",
        3: "groups of more axles are told of in a note; the law names groups of one to three",
    },
    "rules/checks/speeding.py": {10: "tenths in 1 km/h, for printing"},
    "rules/cuts.py": {10: "tenths in 1 km/h", 3.6: "km/h in 1 m/s"},
    "rules/edges.py": {8: "bytes of a hash"},
    "rules/law.py": {16: "letters of a hash"},
    "rules/lawfile.py": {
        3600: "s in 1 h",
        60: "s in 1 min",
        1000: "kg in 1 t, mm in 1 m",
        10: "tenths in 1 km/h; shortest description in letters",
        8: "shortest citation in letters",
        20: "shortest rationale in letters",
    },
    "rules/roads/limits.py": {10: "tenths in 1 km/h"},
    "rules/weighings/masses.py": {3: "axles of a tridem, by its name"},
    "rules/weighings/overload.py": {3: "axles of a tridem, by its name", 100: "percent in a whole"},
    "rules/weighings/plate_reading.py": {},
    "rules/weighings/faults.py": {1000: "permille in a whole"},
    "rules/procedure.py": {12: "months in a year"},
    "rules/quality.py": {10: "tenths in 1 km/h", 3.6: "km/h in 1 m/s"},
    "rules/registered.py": {40: "bits for an instant in a combined key"},
    "rules/roads/index.py": {
        1000: "mm in 1 m",
        80.0: "latitude beyond which the search box has no use",
        360: "degrees of a circle",
        180: "degrees of half a circle",
        1.01: "search box, one percent wider than needed",
        16: "bits of the number of fixes looked up in one pass",
    },
    "rules/roads/grid.py": {
        0.001: "degrees of a cell of the grid",
        360: "degrees of longitude",
        180: "degrees of half of them",
        90: "degrees of latitude to a pole",
    },
    "rules/risk/gamma.py": {4096: "steps of a series", 200: "halvings", 1e-15: "least step", 1e-300: "instead of 0"},
    "rules/risk/accounts.py": {100: "percent in a whole"},
    "rules/risk/checks.py": {100: "percent in a whole"},
    "rules/risk/exposure.py": {
        10: "base of a fine unit",
        12: "its exponent",
        1000: "permille in a whole",
        3600: "s in 1 h",
        60: "s in 1 min",
        1e6: "mm in 1 km",
    },
    "rules/roads/alongway.py": {
        1000: "mm in 1 m",
        100: "percent",
        36.0: "tenths of km/h in 1 m/s",
        6: "standard deviations beyond which a normal density is nothing",
        1e-6: "what tells no weights apart",
    },
    "rules/roads/ways.py": {1j: "two numbers as one key", 0.5: "the middle of a piece"},
    "rules/stations/between.py": {1000: "mm in 1 m", 3.6: "km/h in 1 m/s"},
    "rules/roads/agreement.py": {
        1000: "mm in 1 m",
        36.0: "tenths of km/h in 1 m/s",
        3.6: "km/h in 1 m/s",
        100: "percent",
    },
    "rules/roads/limitgrid.py": {6: "bits of cells along a block", 1.05: "margin of a search"},
    "rules/roads/matched.py": {
        40: "bits for s in a combined key",
        1000: "mm in 1 m",
        10: "dm in 1 m",
        90: "quarter turn",
        180: "half turn",
        360: "full turn",
    },
    "rules/roads/slices.py": {40: "bits for s in a combined key"},
    "rules/roads/speedproof.py": {10: "tenths in 1 km/h"},
    "rules/risk/file.py": {8: "shortest citation in letters"},
    "rules/service.py": {32: "bits for a day in a combined key"},
    "rules/stations/joining.py": {40: "bits for an instant in a combined key"},
    "rules/stations/origins.py": {40: "bits for an instant in a combined key", 0.0: "metres before the first fix"},
    "rules/stations/passages.py": {1000: "mm in 1 m", 360: "degrees of a circle"},
    "rules/stations/detours.py": {100: "percent in a whole"},
    "rules/stations/opening.py": {60: "s in 1 min, min in 1 h"},
    "rules/stations/sightings.py": {40: "bits for an instant in a combined key", 0.0: "metres before the first fix"},
    "rules/stations/silent.py": {40: "bits for an instant in a combined key"},
    "rules/stations/unweighed.py": {180: "degrees of half a circle"},
    "rules/summaries.py": {32: "bits for a day in a combined key", 3: "printed decimals"},
}
# Figures of law and method in any unit that someone could be tempted to write.
FIGURES = {
    14_400, 36_000, 172_800, 900, 300, 1800, 120, 30, 200_000, 65, 10_000, 16_000, 24_000, 30_000, 34_000, 48_000, 3200,
    1200, 50, 5, 7, 20_000, 2000, 48,
}  # fmt: skip


def numbers(path: Path) -> Iterator[tuple[int, float]]:
    """Line and value of each number written in a file."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float, complex):
            yield node.lineno, node.value


@pytest.mark.parametrize("path", JUDGING, ids=str)
def test_no_figure_of_law_or_tolerance_in_python(path: Path) -> None:
    allowed = COUNTING | set(MEANINGS.get(path.as_posix(), {}))
    unexplained = [f"{path}:{line}: {value}" for line, value in numbers(path) if value not in allowed]
    assert not unexplained, "figures belong into rules/law with citation or rationale; other numbers are explained here"


def test_every_explained_number_is_still_there() -> None:
    for name, meanings in MEANINGS.items():
        present = {value for _, value in numbers(Path(name))}
        assert set(meanings) <= present, f"{name}: {sorted(set(meanings) - present)}"


def test_the_list_of_meanings_lets_no_known_figure_pass() -> None:
    allowed = COUNTING.union(*MEANINGS.values())
    assert not allowed & FIGURES


def test_the_search_for_figures_finds_them(tmp_path: Path) -> None:
    file = tmp_path / "rule.py"
    file.write_text('LIMIT = 4 * 3_600\ndef f(x=-1.5, *, y=120): return {"a": x > 0x41}\n', encoding="utf-8")
    assert sorted(value for _, value in numbers(file)) == [1.5, 4, 65, 120, 3600]


def test_import_contracts_are_kept(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename="pyproject.toml", no_cache=True)
    said = capsys.readouterr().out
    assert status == EXIT_STATUS_SUCCESS, said
    assert "2 kept, 0 broken" in said


def test_the_plug_ins_are_those_listed() -> None:
    """A file lost, or one too many, is seen here; a new one adds its line."""
    assert [rule.id for rule in all_rules()] == [
        "continuous_driving",
        "daily_driving",
        "double_login",
        "moving_silence",
        "overload",
        "speeding",
        "weekly_driving",
    ]
    assert sorted(PROTOCOLS) == [
        "cabspotting",
        "csv_v1",
        "json_v1",
        "tajo",
        "tmg_w",
        "tmg_w_2016",
        "tmg_w_lb",
        "traccar",
        "ufms",
        "ufms_frames",
        "ufms_json",
        "weighing_csv",
        "weighing_v1",
    ]
    assert list(EXPORTS) == [
        "amendment_csv",
        "amendment_json",
        "amendment_pdf",
        "amendment_xlsx",
        "counters_csv",
        "counters_json",
        "weekly_csv",
        "weekly_json",
        "weekly_pdf",
        "weekly_xlsx",
    ]


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    lines = {path.as_posix(): len((ROOT / path).read_bytes().splitlines()) for path in SOURCES}
    assert {path: count for path, count in lines.items() if count > LINES_MAX} == {}


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_every_module_says_what_it_is(path: Path) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert not text or ast.get_docstring(ast.parse(text))


def test_every_package_was_looked_at() -> None:
    assert {path.parts[0] for path in SOURCES} == set(PACKAGES)
    assert len(SOURCES) > 80
