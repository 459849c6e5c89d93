"""Every page in a real browser, wide and on a phone: no error, no barrier, no sideways scroll, nothing of elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import PHONE, WIDE, Desk
from tests.browser.watched import Watched

pytestmark = pytest.mark.browser
Window = Callable[..., Watched]
PAGES = (
    "/", "/findings", "/operators", "/operators/{operator}", "/vehicles/{speeding.vehicle}",
    "/vehicles/{overload_gross.vehicle}/weighings/{overload_gross.at}", "/drivers/{weekly_driving.driver}",
    "/findings/{speeding.id}", "/findings/{weekly_driving.id}", "/findings/{overload_gross.id}",
    "/findings/{double_login.id}", "/findings/{moving_silence.id}", "/findings/{speeding.id}/record", "/search?q=12",
    "/findings/{continuous_driving.id}", "/findings/{daily_driving.id}", "/findings/{overload_payload.id}",
    "/findings/{overload_axle.id}", "/findings?near=21.5,106.7&radius_m=50000&road=QL1A", "/cases/{daily_driving.id}",
    "/reviews", "/reviews?excused=1", "/lists", "/stations", "/lists/2026-W10/0", "/cases?state=all", "/password",
    "/reason",
)  # fmt: skip


@pytest.mark.parametrize("width", [WIDE, PHONE])
@pytest.mark.parametrize("path", PAGES)
def test_a_page(path: str, width: int, desk: Desk, window: Window) -> None:
    one = window("inspector", width)
    page = one.page
    page.goto("/reason")
    page.get_by_label("Lý do").fill("kế hoạch 12")
    page.get_by_role("button", name="Ghi và tiếp tục").click()
    page.goto(path.format(operator=desk.operator, **desk.findings), wait_until="networkidle")
    if path.startswith("/vehicles/") and "weighings" not in path:
        page.wait_for_selector("#map[data-ready=yes]")
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
