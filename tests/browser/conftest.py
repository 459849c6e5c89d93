"""A desk over a judged week of a fleet, and the system's Chromium to look at it with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from cli.fleet import FleetSpec, generate, write
from journey.casework import Step
from journey.model import Finding
from storage.audit import By
from storage.casesteps import take_step
from storage.database import connect
from storage.findings import load_findings
from tests.api.running import running
from tests.browser.watched import Watched
from tests.cli.command import called
from tests.people.samples import PASSWORD, person

SPEC = FleetSpec(vehicles=20, days=7, split_feeds=True, scale=True)
CHROMIUM = os.environ.get("HANHTRINH_TEST_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
WIDE, PHONE = 1280, 360


class Desk(NamedTuple):
    """findings: one of each rule. operator: that of the one of speeding, for whom the login `operator` is."""

    url: str
    findings: dict[str, Finding]
    operator: str


@pytest.fixture(scope="session")
def desk(session_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("fleet")
    write(generate(SPEC), folder)
    files = [*sorted(folder.glob("feed.*")), folder / "weighings.ndjson"]
    commands: tuple[tuple[Any, ...], ...] = (
        ("import", folder), ("replay", *files), ("check",),
        ("list", "publish", "--week", "2026-W10", "--unsigned", "--folder", folder / "lists"),
    )  # fmt: skip
    for command in commands:
        done = called(*command, DATABASE_URL=session_database)
        assert done.code == 0, done
    with connect(session_database) as connection:
        found = {one.rule: one for one in load_findings(connection, SPEC.begin, SPEC.end)}
        operator = found["speeding"].operator
        assert operator is not None
        for login, role in (("inspector", "inspector"), ("supervisor", "supervisor")):
            person(connection, login, role)
        person(connection, "operator", "operator", operator)
        by = By(person(connection, "opener", "inspector"), "test")
        for step in (Step.OPEN, Step.SEND):
            take_step(connection, by, found["daily_driving"].id, step, None, SPEC.end + 60)
        connection.commit()
    with running(session_database, clock=lambda: SPEC.end + 3600) as url:
        yield Desk(url, found, operator)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.fail(f"{CHROMIUM} is not there: scripts/install-browser, or name one in HANHTRINH_TEST_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def window(desk: Desk, chromium: Browser) -> Iterator[Callable[..., Watched]]:
    """A browser of somebody, logged in; every page of it is watched to the end of the test."""
    made: list[Watched] = []

    def of(login: str | None = "inspector", width: int = WIDE) -> Watched:
        context = chromium.new_context(viewport={"width": width, "height": 900}, locale="vi-VN", base_url=desk.url)
        page: Page = context.new_page()
        watched = Watched(page, desk.url)
        made.append(watched)
        if login is not None:
            page.goto("/login")
            page.get_by_label("Tên đăng nhập").fill(login)
            page.get_by_label("Mật khẩu").fill(PASSWORD)
            page.get_by_role("button", name="Đăng nhập").click()
            page.wait_for_url(f"{desk.url}/")
        return watched

    yield of
    for one in made:
        one.page.context.close()
    assert [fault for one in made for fault in one.faults] == []
