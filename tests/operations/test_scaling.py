"""The page on scaling out: every rate stands on the page that it is taken from, and the arithmetic is right."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import ceil
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "scaling.md").read_text(encoding="utf-8")
FIGURE = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
VEHICLES = (5_000, 100_000, 1_000_000)
CORES = {"2 cores"}  # of the machine, not measured


def table(head: str) -> list[list[str]]:
    """Rows of the first table below a heading, without its own head."""
    lines = PAGE.split(f"\n## {head}\n")[1].split("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return rows[2:]


def number(text: str) -> float:
    return float(text.replace(",", ""))


MEASURED = table("What one does")


def anchors(text: str) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in heads}


@pytest.mark.parametrize("row", MEASURED, ids=[row[0] for row in MEASURED])
def test_a_rate_stands_on_the_page_that_it_is_taken_from(row: list[str]) -> None:
    _, rate, said = row
    linked = re.findall(r"\]\((\w+\.md)#([\w-]+)\)", said)
    assert linked
    texts = {page: (DOCS / page).read_text(encoding="utf-8") for page, _ in linked}
    for page, anchor in linked:
        assert anchor in anchors(texts[page]), f"{page}#{anchor}"
    measured, _, derived = rate.partition(" = ")
    there = {one for text in texts.values() for one in FIGURE.findall(text)}
    there |= {f"{number(one) / 1000:g}" for one in there}  # ms there, s here
    figures = FIGURE.findall(measured)
    for figure in figures:
        assert figure in there or any(figure in one for one in CORES), figure
    if derived:
        dividend, divisor = map(number, figures)
        (result,) = FIGURE.findall(derived)
        assert number(result) == pytest.approx(dividend / divisor, rel=2e-3)


def short(value: float, digits: int = 2) -> str:
    """As people write it: two digits, no needless zero."""
    return f"{float(f'{value:.{digits}g}'):g}"


def per_day(vehicles: int) -> float:
    return vehicles / 10 * 86_400


def processes(vehicles: int) -> int:
    return ceil(vehicles / 10 * 3 / 30_000)


# First words of a row, and what its cell must begin with for so many vehicles.
ROWS: dict[str, Callable[[int], str]] = {
    "fixes a second": lambda v: f"{v // 10:,}",
    "fixes a day": lambda v: f"{per_day(v) / 1e6:g} million" if v < 1e6 else f"{per_day(v) / 1e9:g} billion",
    "peak": lambda v: f"{v // 10 * 3:,}/s",
    "share of one ingest": lambda v: f"{100 * v / 10 * 3 / 66_581:.0f} %",
    "**ingest processes**": lambda v: f"{processes(v)} + 1",
    "check: vehicle-day": lambda v: f"{v // 10 * 3:,}/s",
    "**check workers**": lambda v: f"{ceil(v / 10 * 3 / 96_000)} + 1",
    "fresh on disk": lambda v: size(14 * 132 * per_day(v)),
    "compressed": lambda v: size(351 * 12.7 * per_day(v), 3),
    "**disk for a year**": lambda v: f"{short((14 * 132 + 351 * 12.7) * 4 / 3 * per_day(v) / 1e12)} TB",
    "written to disk": lambda v: f"{short(v / 10 * 132 * 2 / 1e6)} MB",
    "Kafka, a week": lambda v: size(7 * 3 * 60 * per_day(v)),
}


def size(value: float, digits: int = 2) -> str:
    if value < 1e12:
        return f"{value / 1e9:.0f} GB"
    return f"{value / 1e12:.{1 if value < 1e13 or digits > 2 else 0}f} TB"


@pytest.mark.parametrize("begins", ROWS)
def test_the_arithmetic_is_right(begins: str) -> None:
    (row,) = (row for row in table("The arithmetic") if row[0].startswith(begins))
    for cell, vehicles in zip(row[1:], VEHICLES, strict=True):
        made = ROWS[begins](vehicles)
        assert cell.startswith(made), (cell, made)


def test_hours_of_an_outage_are_worked_off_as_the_row_says() -> None:
    (row,) = (row for row in table("The arithmetic") if row[0].startswith("hours to work off"))
    seen = 0
    for cell, vehicles in zip(row[1:], VEHICLES, strict=True):
        for hours, count in re.findall(r"([\d.]+) h with (\d+)", cell):
            rest = int(count) * 30_000 - vehicles / 10
            assert number(hours) == pytest.approx(per_day(vehicles) / rest / 3600, abs=0.05)
            seen += 1
    assert seen == 4


def test_figures_in_the_text_follow_from_those_of_the_tables() -> None:
    hours = 43.2e6 * 366 / 192_104 / 3600
    assert f"43.2 million fixes × 366 days / 192,104/s = {hours:.0f} hours" in PAGE
    assert f"365 days × 129.6 bytes × 43.2 million = {365 * 129.6 * 43.2e6 / 1e12:.1f} TB" in PAGE
    assert f"40 bytes × 72 million = {40 * 72e6 / 1e9:.1f} GB" in PAGE
    assert f"at 100,000 vehicles reads {864e6 * 131.9 / 1e9:.0f} GB" in PAGE
