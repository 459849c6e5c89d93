"""Pages in the dark and on paper: every text can be read, nothing is cut, and paper is black on white."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import PHONE, WIDE
from tests.browser.filled import Desk
from tests.browser.pages import walked
from tests.browser.watched import Watched

pytestmark = pytest.mark.browser
Window = Callable[..., Watched]
PAPER = 703  # px: A4 less the margins of the style, at 96 px an inch
_ON_PAPER = Path(__file__).with_name("on_paper.js").read_text(encoding="utf-8")
_DRAWN = """() => [...document.querySelectorAll("main svg.drawing")].map((one) => {
  const box = one.getBoundingClientRect();
  return [Math.round(box.width), Math.round(box.height)];
})"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_printed_whole_and_black_on_white(scheme: str, desk: Desk, window: Window) -> None:
    one = window("inspector", PAPER, scheme)
    faults: dict[str, list[Any]] = {}
    for path in walked(one, desk):
        one.page.emulate_media(media="print")
        found: list[Any] = one.page.evaluate(_ON_PAPER)
        drawn = one.page.evaluate(_DRAWN)
        found += [f"a drawing of {size} px" for size in drawn if min(size) < 80]
        if path.startswith(("/operators/", "/vehicles/", "/drivers/", "/findings/{")) and not drawn:
            found.append("no map or chart is printed")
        if found:
            faults[path] = found
        one.page.emulate_media(media="screen")
    assert faults == {}


def test_the_buttons_print(desk: Desk, window: Window) -> None:
    page = window().page
    page.goto(f"/findings/{desk.findings['speeding'].id}", wait_until="networkidle")
    page.evaluate("() => { window.print = () => { window.printed = true; }; }")
    page.get_by_role("button", name="In", exact=True).click()
    assert page.evaluate("() => window.printed")


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_every_page_can_be_read_in_the_dark(width: int, desk: Desk, window: Window) -> None:
    one = window("inspector", width, "dark")
    faults = {}
    for path in walked(one, desk):
        ground = one.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        found = one.barriers() + ([] if ground == "rgb(17, 23, 29)" else [f"ground {ground}"])
        if one.overhang() > 0:
            found.append(f"wider than its window by {one.overhang()} px")
        if found:
            faults[path] = found
    assert faults == {}


def test_the_log_in_page_can_be_read_in_the_dark(window: Window) -> None:
    one = window(None, PHONE, "dark")
    one.page.goto("/login")
    assert one.barriers() == []
    assert one.overhang() <= 0


def test_a_finding_leaves_no_column_empty(desk: Desk, window: Window) -> None:
    """Of each row of cards the shorter side is no less than half as high as the longer."""
    one = window()
    for rule in (
        "speeding",
        "weekly_driving",
        "overload_gross",
        "double_login",
        "moving_silence",
        "continuous_driving",
    ):
        one.page.goto(f"/findings/{desk.findings[rule].id}", wait_until="networkidle")
        ends = one.page.evaluate("""() => {
          const ends = new Map();
          for (const card of document.querySelectorAll(".record > .card:not(.across)")) {
            const box = card.getBoundingClientRect();
            const end = ends.get(Math.round(box.left)) || [box.top, 0];
            ends.set(Math.round(box.left), [Math.min(end[0], box.top), Math.max(end[1], box.bottom)]);
          }
          return [...ends.values()].map(([top, bottom]) => bottom - top);
        }""")
        assert len(ends) == 2, rule
        assert min(ends) >= max(ends) / 2, (rule, ends)


def test_reviews_on_paper_say_why_each_may_be_innocent(desk: Desk, window: Window) -> None:
    """On paper nothing can be opened: reasons are printed once for each sign, and none of the closed lists."""
    page = window().page
    page.goto("/reviews", wait_until="networkidle")
    signs = set(page.locator("td.w:has(+ td)").all_inner_texts())
    page.emulate_media(media="print")
    told = page.locator("main section .print-only h3")
    assert {one.split(" Cần")[0] for one in signs} >= set(told.all_inner_texts()) != set()
    assert page.locator("main section .print-only li").count() >= 4 * told.count()
    assert [one.is_visible() for one in page.locator("details").all() if one.is_visible()] == []


def test_on_a_phone_cards_of_a_table_show_all_its_columns(desk: Desk, window: Window) -> None:
    one = window("inspector", PHONE)
    seen = 0
    for path in ("/lists", "/lists/2026-W10/0", "/cases?state=all", f"/operators/{desk.operator}", "/reviews", "/"):
        one.page.goto(path, wait_until="networkidle")
        beyond: list[int] = one.page.evaluate("""() => [...document.querySelectorAll(".scroll:has(.stack-rows)")]
          .map((box) => box.scrollWidth - box.clientWidth)""")
        seen += len(beyond)
        assert all(px <= 0 for px in beyond), (path, beyond)
    assert seen >= 6


def test_the_legend_of_a_moving_map_is_not_printed_beside_the_drawing(desk: Desk, window: Window) -> None:
    page = window().page
    page.goto(f"/vehicles/{desk.findings['speeding'].vehicle}", wait_until="networkidle")
    page.wait_for_selector("#map[data-ready=yes]")
    assert page.locator("#map-legend").is_visible()
    page.emulate_media(media="print")
    assert not page.locator("#map-legend").is_visible()
