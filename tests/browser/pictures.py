"""Take the desk's pictures of the docs anew: python -m tests.browser.pictures FOLDER (`make screenshots`)."""

from __future__ import annotations

import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from journey.casework import Step
from journey.settings import Settings
from storage.audit.log import By
from storage.cases.steps import take_step
from storage.database import connect, open_store
from storage.migrate import migrate
from storage.people.accounts import account_of
from tests.api.running import running
from tests.browser.conftest import CHROMIUM
from tests.browser.filled import SPEC, Desk, filled
from tests.people.samples import PASSWORD

# Name of the picture: path, width and height of the window, px; height None: the whole page.
PICTURES: dict[str, tuple[str, int, int | None]] = {
    "overview": ("/", 1180, None),
    "search": ("/search?q=12C", 1180, None),
    "findings": ("/findings", 1180, 900),
    "finding": ("/findings/{speeding.id}", 1180, None),
    "operators": ("/operators", 1180, 900),
    "operator": ("/operators/{operator}", 1180, None),
    "vehicle": ("/vehicles/{speeding.vehicle}", 1180, 1000),
    "driver": ("/drivers/{weekly_driving.driver}", 1180, None),
    "weighing": ("/vehicles/{overload_gross.vehicle}/weighings/{overload_gross.at}", 1180, None),
    "cases": ("/cases?state=all", 1180, 700),
    "case": ("/cases/{speeding.id}", 1180, None),
    "lists": ("/lists", 1180, 600),
    "list": ("/lists/2026-W10/0", 1180, 900),
    "dark": ("/findings/{overload_gross.id}", 1180, 1000),
    "phone": ("/cases/{speeding.id}", 390, 844),
}
_SCALE = 0.75  # of the pictures of wide windows: their text can still be read, and they are half as large
_COLOURS = 256  # by coverage: a median cut turns the few red lines of a map into violet ones
_NAMES = {"inspector": "Nguyễn Thị Lan", "supervisor": "Hoàng Văn Minh", "operator": "Lương Thu Hà"}


def take(folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="hanhtrinh-pictures-") as made:
        settings = Settings(database_url=None, data_folder=Path(made) / "store")
        with open_store(settings) as database:
            with connect(database) as connection:
                migrate(connection)
                connection.commit()
            findings = filled(database, Path(made) / "fleet")
            with connect(database) as connection:
                for login, name in _NAMES.items():
                    connection.execute("UPDATE person SET name = %s WHERE login = %s", (name, login))
                said = {Step.OPEN: None, Step.SEND: None, Step.DISPUTE: "Biển báo ở đó là 80 km/h, xem giấy kèm theo."}
                for step, note in said.items():
                    who = account_of(connection, "operator" if step == Step.DISPUTE else "inspector")
                    assert who is not None
                    take_step(
                        connection, By(who.person, "192.0.2.1"), findings["speeding"].id, step, note, SPEC.end + 600
                    )
                connection.commit()
            with (
                running(database, clock=lambda: SPEC.end + 3600) as url,
                sync_playwright() as playwright,
                playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]) as browser,
            ):
                desk = Desk(url, findings, str(findings["speeding"].operator))
                for name in PICTURES:
                    size = _picture(browser, desk, name, folder / f"desk-{name}.png")
                    print(f"desk-{name}.png: {size / 1000:.0f} kB")


def _picture(browser: Browser, desk: Desk, name: str, file: Path) -> int:
    path, width, height = PICTURES[name]
    context = browser.new_context(
        base_url=desk.url, locale="vi-VN", viewport={"width": width, "height": height or 800},
        device_scale_factor=_SCALE if width > 1000 else 1, color_scheme="dark" if name == "dark" else "light",
    )  # fmt: skip
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("Tên đăng nhập").fill("inspector")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url(f"{desk.url}/")
    page.goto("/reason")
    page.get_by_label("Lý do").fill("Kế hoạch 12/KH-TTr")
    page.get_by_role("button", name="Ghi và tiếp tục").click()
    page.goto(path.format(operator=desk.operator, **desk.findings), wait_until="networkidle")
    if name == "vehicle":
        page.wait_for_selector("#map[data-ready=yes]")
    taken = page.screenshot(full_page=height is None)
    context.close()
    with Image.open(BytesIO(taken)) as picture:
        few = picture.convert("RGB").quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(file, optimize=True)
    return file.stat().st_size


if __name__ == "__main__":
    take(Path(sys.argv[1]))
