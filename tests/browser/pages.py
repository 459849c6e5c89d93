"""Every page of the desk with something to show, and how to stand before it when all of it is there."""

from __future__ import annotations

from collections.abc import Iterator

from tests.browser.filled import Desk
from tests.browser.watched import Watched

PAGES = (
    "/", "/findings", "/operators", "/operators/{operator}", "/vehicles/{speeding.vehicle}",
    "/vehicles/{overload_gross.vehicle}/weighings/{overload_gross.at}", "/drivers/{weekly_driving.driver}",
    "/findings/{speeding.id}", "/findings/{weekly_driving.id}", "/findings/{overload_gross.id}",
    "/findings/{double_login.id}", "/findings/{moving_silence.id}", "/findings/{speeding.id}/record", "/search?q=12",
    "/findings/{continuous_driving.id}", "/findings/{daily_driving.id}", "/findings/{overload_payload.id}",
    "/findings/{overload_axle.id}", "/findings?near=21.5,106.7&radius_m=50000&road=QL1A", "/cases/{daily_driving.id}",
    "/reviews", "/reviews?excused=1", "/lists", "/stations", "/origins", "/lists/2026-W10/0", "/cases?state=all",
    "/password", "/reason",
)  # fmt: skip


def say_why(one: Watched) -> None:
    """Without a reason no person's week is shown."""
    one.page.goto("/reason")
    one.page.locator("#reason").fill("kế hoạch 12")  # by what it is: its label is said in two languages
    one.page.locator("form:has(#reason) button").click()


def walked(one: Watched, desk: Desk) -> Iterator[str]:
    """Each page by its path as written above, while it is open and whole."""
    say_why(one)
    for path in PAGES:
        stand_before(one, desk, path)
        yield path


def stand_before(one: Watched, desk: Desk, path: str) -> None:
    one.page.goto(path.format(operator=desk.operator, **desk.findings), wait_until="networkidle")
    if path.startswith("/vehicles/") and "weighings" not in path:
        one.page.wait_for_selector("#map[data-ready=yes]")
