"""Every page in a real browser, wide and on a phone: no error, no barrier, no sideways scroll, nothing of elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import PHONE, TABLET, WIDE, opened
from tests.browser.filled import Desk
from tests.browser.pages import PAGES, say_why, stand_before
from tests.browser.watched import Watched

pytestmark = pytest.mark.browser
Window = Callable[..., Watched]


@pytest.fixture(scope="module")
def inspector(request: pytest.FixtureRequest, desk: Desk, chromium: Browser) -> Iterator[Watched]:
    """An inspector who has said why he looks, and goes from page to page."""
    one = opened(chromium, desk, "inspector", request.param)
    say_why(one)
    yield one
    one.page.context.close()


@pytest.mark.parametrize("inspector", [WIDE, TABLET, PHONE], indirect=True)
@pytest.mark.parametrize("path", PAGES)
def test_a_page(path: str, inspector: Watched, desk: Desk) -> None:
    inspector.faults.clear()
    stand_before(inspector, desk, path)
    assert inspector.page.get_by_role("heading", level=1).is_visible()
    assert inspector.barriers() == []
    assert inspector.overhang() <= 0
    assert inspector.faults == []


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_the_log_in_page(width: int, window: Window) -> None:
    one = window(None, width)
    one.page.goto("/login")
    assert one.barriers() == []
    assert one.overhang() <= 0


def test_a_page_without_scripts_has_links_to_all_of_it(desk: Desk, window: Window) -> None:
    one = window()
    cookies = one.page.context.cookies()
    browser = one.page.context.browser
    assert browser is not None
    plain = browser.new_context(base_url=desk.url, java_script_enabled=False)
    plain.add_cookies(cookies)  # type: ignore[arg-type]
    page = plain.new_page()
    page.goto("/")
    page.get_by_role("searchbox").fill(desk.findings["speeding"].vehicle)
    page.get_by_role("button", name="Tìm").click()
    assert page.get_by_role("heading", level=1).inner_text() == desk.findings["speeding"].vehicle
    page.goto(f"/findings/{desk.findings['speeding'].id}")
    page.get_by_role("link", name="Bản đồ, biểu đồ").click()
    assert page.get_by_role("img", name="Bản đồ hành trình").is_visible()
    plain.close()
