"""What people come for, from the first click to the last."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from storage.audit.log import entries
from storage.database import connect
from tests.browser.conftest import PHONE
from tests.browser.filled import Desk
from tests.browser.watched import Watched

pytestmark = pytest.mark.browser
Window = Callable[..., Watched]


def test_from_a_plate_to_its_evidence(desk: Desk, window: Window, tmp_path: Path, session_database: str) -> None:
    speeding, page = desk.findings["speeding"], window().page
    page.keyboard.press("/")
    page.keyboard.type(speeding.vehicle[:4].lower(), delay=20)
    page.locator("#found").get_by_role("link", name=speeding.vehicle).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(speeding.vehicle)
    page.locator(f"a[href='/findings/{speeding.id}']").click()
    expect(page.get_by_role("img", name="Bản đồ hành trình")).to_be_visible()
    expect(page.get_by_role("img", name="Tốc độ của xe")).to_be_visible()
    expect(page.get_by_text("Nghị định 168/2024/NĐ-CP").first).to_be_visible()
    expect(page.get_by_text("trùng khớp trong mọi trường")).to_be_visible()
    with page.expect_download() as waited:
        page.get_by_role("link", name="Tải gói chứng cứ").click()
    path = tmp_path / "evidence.zip"
    waited.value.save_as(path)
    with zipfile.ZipFile(path) as packed:
        assert {"summary.pdf", "map.svg", "speed.svg", "manifest.json", "verify.py"} <= set(packed.namelist())
    with connect(session_database) as connection:
        (entry,) = entries(connection, 1, subject=speeding.id)
    assert (entry.login, entry.what) == ("inspector", "evidence")


def test_a_dispute_is_filed_and_decided(desk: Desk, window: Window, tmp_path: Path) -> None:
    id_ = desk.findings["speeding"].id
    inspector = window("inspector").page
    inspector.goto(f"/findings/{id_}")
    inspector.get_by_role("button", name="Mở hồ sơ").click()
    inspector.get_by_text("Gửi đơn vị vận tải", exact=True).first.click()
    inspector.get_by_role("button", name="Gửi đơn vị vận tải").click()
    expect(inspector.locator(".head .state")).to_have_text("Đã gửi đơn vị vận tải")

    operator = window("operator", PHONE).page
    operator.goto("/cases")
    operator.get_by_role("link", name="Quá tốc độ").first.click()
    paper = tmp_path / "giấy kiểm định.pdf"
    paper.write_bytes(b"%PDF-1.4\n1 0 obj\n%%EOF\n")
    operator.get_by_text("Đính kèm tài liệu", exact=True).first.click()
    operator.get_by_label("PDF, JPEG hoặc PNG").set_input_files(paper)
    operator.get_by_role("button", name="Đính kèm").click()
    expect(operator.get_by_role("link", name="giấy kiểm định.pdf")).to_be_visible()
    operator.get_by_text("Phản đối, nêu lý do", exact=True).first.click()
    operator.locator("#note-dispute").fill("Biển báo ở đó là 80 km/h, xem giấy kèm theo.")
    operator.get_by_role("button", name="Phản đối, nêu lý do").click()
    expect(operator.locator(".head .state")).to_have_text("Đơn vị phản đối")

    supervisor = window("supervisor").page
    supervisor.goto("/")
    supervisor.get_by_role("link", name="Đơn vị phản đối").click()
    supervisor.get_by_role("link", name="Quá tốc độ").first.click()
    expect(supervisor.get_by_text("Biển báo ở đó là 80 km/h")).to_be_visible()
    with supervisor.expect_download() as waited:
        supervisor.get_by_role("link", name="giấy kiểm định.pdf").click()
    assert waited.value.suggested_filename == "giấy kiểm định.pdf"
    supervisor.get_by_text("Hủy phát hiện, đơn vị đúng", exact=True).first.click()
    supervisor.locator("#note-overturn").fill("Biển báo đúng là 80 km/h.")
    supervisor.get_by_role("button", name="Hủy phát hiện, đơn vị đúng").click()
    expect(supervisor.locator(".head .state")).to_have_text("Đã quyết định: hủy, đơn vị đúng")
    operator.reload()
    expect(operator.get_by_text("Biển báo đúng là 80 km/h.")).to_be_visible()


def test_the_language_is_switched_and_stays(desk: Desk, window: Window) -> None:
    one = window()
    page = one.page
    page.goto(f"/operators/{desk.operator}")
    page.get_by_role("link", name="EN", exact=True).click()
    assert page.url.endswith(f"/operators/{desk.operator}")
    expect(page.get_by_role("heading", name="Trend by week")).to_be_visible()
    page.goto(f"/findings/{desk.findings['overload_gross'].id}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Gross mass beyond what road or bridge bears")
    assert page.locator("html").get_attribute("lang") == "en"
    expect(page.get_by_text("Decree 168/2024/ND-CP, Art. 34").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert one.barriers() == []
    page.get_by_role("link", name="VI", exact=True).click()
    expect(page.get_by_role("link", name="Tổng quan")).to_be_visible()


def test_the_keyboard_reaches_everything(window: Window) -> None:
    page = window().page
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Đến nội dung chính")
    expect(skip).to_be_focused()
    assert page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.querySelector('main').contains(document.activeElement)")


def test_why_somebody_looks_at_a_person_is_asked_first(desk: Desk, window: Window) -> None:
    licence, page = desk.findings["weekly_driving"].driver, window().page
    page.goto(f"/drivers/{licence}")
    page.get_by_label("Lý do").fill("kế hoạch 12")
    page.get_by_role("button", name="Ghi và tiếp tục").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(str(licence))
    expect(page.get_by_role("img", name="Tuần của giấy phép lái xe")).to_be_visible()
    expect(page.get_by_text("kế hoạch 12")).to_be_visible()


def test_logging_out_ends_it(window: Window) -> None:
    page = window().page
    page.locator(".me summary").click()
    page.get_by_role("button", name="Đăng xuất").click()
    page.goto("/findings")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đăng nhập")
