"""A desk over a judged week of a fleet, and the system's Chromium to look at it with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.api.running import running
from tests.browser.filled import SPEC, Desk, filled
from tests.browser.watched import Watched
from tests.people.samples import PASSWORD

CHROMIUM = os.environ.get("HANHTRINH_TEST_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
WIDE, TABLET, PHONE = 1280, 768, 360


@pytest.fixture(scope="session")
def desk(session_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    findings = filled(session_database, tmp_path_factory.mktemp("fleet"))
    with running(session_database, clock=lambda: SPEC.end + 3600) as url:
        yield Desk(url, findings, str(findings["speeding"].operator))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.fail(f"{CHROMIUM} is not there: scripts/install-browser, or name one in HANHTRINH_TEST_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def opened(
    chromium: Browser, desk: Desk, login: str | None, width: int, scheme: Literal["light", "dark"] = "light"
) -> Watched:
    """A browser of somebody, logged in; nobody: at no page yet."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, locale="vi-VN", base_url=desk.url,
                                   color_scheme=scheme)  # fmt: skip
    page: Page = context.new_page()
    watched = Watched(page, desk.url)
    if login is not None:
        page.goto("/login")
        page.get_by_label("Tên đăng nhập").fill(login)
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.get_by_role("button", name="Đăng nhập").click()
        page.wait_for_url(f"{desk.url}/")
    return watched


@pytest.fixture
def window(desk: Desk, chromium: Browser) -> Iterator[Callable[..., Watched]]:
    """A browser of somebody, logged in; every page of it is watched to the end of the test."""
    made: list[Watched] = []

    def of(login: str | None = "inspector", width: int = WIDE, scheme: Literal["light", "dark"] = "light") -> Watched:
        made.append(opened(chromium, desk, login, width, scheme))
        return made[-1]

    yield of
    for one in made:
        one.page.context.close()
    assert [fault for one in made for fault in one.faults] == []
