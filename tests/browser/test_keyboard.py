"""The desk by keyboard alone: from the search to the evidence, every step seen, no way without a way out."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.filled import Desk
from tests.browser.pages import walked
from tests.browser.watched import Watched

pytestmark = pytest.mark.browser
Window = Callable[..., Watched]
_FOCUS = Path(__file__).with_name("focus.js").read_text(encoding="utf-8")
_STEPS_MAX = 400  # of the tab key on one page


def tabbed_to(page: Page, wanted: Callable[[dict[str, Any]], bool]) -> None:
    """Press Tab until the focus is on what is wanted; each stop on the way can be seen."""
    for _ in range(_STEPS_MAX):
        page.keyboard.press("Tab")
        focus = page.evaluate(_FOCUS)
        if focus is not None:
            assert focus["seen"], f"the focus on {focus['name']!r} is not seen: {focus['how']}"
            if wanted(focus):
                return
    pytest.fail(f"not reached by Tab at {page.url}")


def test_from_the_search_to_the_evidence_without_a_mouse(desk: Desk, window: Window, tmp_path: Path) -> None:
    speeding, page = desk.findings["speeding"], window().page
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type(speeding.vehicle[:5].lower(), delay=20)
    expect(page.locator("#found").get_by_role("link", name=speeding.vehicle)).to_be_visible()
    tabbed_to(page, lambda focus: focus["name"] == speeding.vehicle)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(speeding.vehicle)
    page.wait_for_selector("#map[data-ready=yes]")
    tabbed_to(page, lambda focus: focus["href"] == f"/findings/{speeding.id}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name="Bản đồ hành trình")).to_be_visible()
    tabbed_to(page, lambda focus: focus["href"] == f"/findings/{speeding.id}/evidence")
    with page.expect_download() as waited:
        page.keyboard.press("Enter")
    waited.value.save_as(tmp_path / "evidence.zip")
    with zipfile.ZipFile(tmp_path / "evidence.zip") as packed:
        assert packed.testzip() is None
        assert "summary.pdf" in packed.namelist()


def test_escape_closes_what_has_opened(desk: Desk, window: Window) -> None:
    page = window().page
    page.keyboard.press("/")
    page.keyboard.type(desk.findings["speeding"].vehicle[:5], delay=20)
    found = page.locator("#found").get_by_role("link").first
    expect(found).to_be_visible()
    page.keyboard.press("Escape")
    expect(found).to_be_hidden()
    page.locator(".me summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Đăng xuất")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Đăng xuất")).to_be_hidden()


def test_no_page_holds_the_focus_nor_hides_it(desk: Desk, window: Window) -> None:
    """Tab goes through a page and leaves it: no stop comes twice before every other has come."""
    one = window()
    faults = {}
    for path in walked(one, desk):
        page, stops = one.page, []
        page.evaluate("() => document.activeElement && document.activeElement.blur()")
        for _ in range(_STEPS_MAX):
            page.keyboard.press("Tab")
            focus = page.evaluate(_FOCUS)
            if focus is None or (len(stops) > 1 and focus["at"] == stops[0]["at"]):
                break
            if not stops or focus["at"] != stops[-1]["at"]:  # day, month and year of a date are one stop
                stops.append(focus)
        else:
            faults[path] = [f"no way out after {stops[-1]['name']!r}"]
            continue
        found = [f"not seen: {one['name']!r} {one['href']}" for one in stops if not one["seen"]]
        if len({one["at"] for one in stops}) < len(stops):
            found.append(f"no way out after {stops[-1]['name']!r}")
        if not stops or stops[0]["href"] != "#content":
            found.append("the first stop is not the way to the content")
        if found:
            faults[path] = found
    assert faults == {}
