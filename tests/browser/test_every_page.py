"""Every page in a real browser, wide and on a phone: no error, no barrier, no sideways scroll, nothing of elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import PHONE, TABLET, WIDE
from tests.browser.filled import Desk
from tests.browser.pages import PAGES, say_why, stand_before
from tests.browser.watched import Watched

pytestmark = pytest.mark.browser
Window = Callable[..., Watched]


@pytest.mark.parametrize("width", [WIDE, TABLET, PHONE])
@pytest.mark.parametrize("path", PAGES)
def test_a_page(path: str, width: int, desk: Desk, window: Window) -> None:
    one = window("inspector", width)
    page = one.page
    say_why(one)
    stand_before(one, desk, path)
    assert page.get_by_role("heading", level=1).is_visible()
    assert one.barriers() == []
    assert one.overhang() <= 0


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
