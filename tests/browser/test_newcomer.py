"""A newcomer makes the demonstration and reaches the desk by what it prints."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.api.test_serve import serving
from tests.browser.watched import Watched
from tests.cli.command import hanhtrinh

pytestmark = pytest.mark.browser


def test_the_demonstration_ends_at_the_desk(chromium: Browser) -> None:
    with tempfile.TemporaryDirectory(prefix="hanhtrinh-test-") as made:
        folder = Path(made) / "demo"
        first, second = (hanhtrinh("demo", "--folder", folder, cwd=Path(made)) for _ in range(2))
        assert (first.code, second.code) == (0, 0), first.err + second.err
        found = [re.search(r"then (http://\S+), login (\S+), password (\S+)", one.out) for one in (first, second)]
        (address, login, password), (_, _, another) = (one.groups() for one in found if one is not None)
        assert address == "http://127.0.0.1:8000/"
        assert password != another  # made each time, kept nowhere
        with serving(Path(made), "--data", str(folder)) as (_, url):
            page = chromium.new_context(base_url=url, locale="vi-VN").new_page()
            watched = Watched(page, url)
            page.goto("/")
            page.get_by_label("Tên đăng nhập").fill(login)
            page.get_by_label("Mật khẩu").fill(another)
            page.get_by_role("button", name="Đăng nhập").click()
            page.wait_for_url(f"{url}/")
            assert page.get_by_text("phát hiện chắc chắn trong tuần").is_visible()
            page.context.close()
            assert watched.faults == []
