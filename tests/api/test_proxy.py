"""Behind a proxy: what it says of a client counts, and what anybody else says of himself does not."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from storage.audit.log import entries
from storage.database import connect
from tests.api.desk import HTML
from tests.api.test_serve import serving
from tests.people.samples import PASSWORD, person

FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "6.6.6.6, 203.0.113.9"}


def log_in(url: str, **headers: str) -> httpx.Response:
    form = httpx.get(f"{url}/login", headers={**HTML, **headers})
    word = re.search(r'name="csrf" value="([^"]+)"', form.text)
    assert word is not None
    cookie = {"hanhtrinh_form": form.cookies["hanhtrinh_form"]}
    sent = {"csrf": word[1], "login": "lan", "password": PASSWORD}
    return httpx.post(f"{url}/login", data=sent, cookies=cookie, headers={**HTML, **headers})


@pytest.mark.parametrize(
    ("arguments", "address", "secure"),
    [(("--proxy", "127.0.0.1"), "203.0.113.9", True), ((), "127.0.0.1", False),
     (("--proxy", "192.0.2.1"), "127.0.0.1", False),
     (("--proxy", "127.0.0.1", "--workers", "2"), "203.0.113.9", True), (("--workers", "2"), "127.0.0.1", False)],
)  # fmt: skip
def test_only_the_named_proxy_is_believed(
    arguments: tuple[str, ...], address: str, secure: bool, database: str, tmp_path: Path
) -> None:
    with connect(database) as connection:
        person(connection, "lan", "inspector")
        connection.commit()
    with serving(tmp_path, *arguments, DATABASE_URL=database) as (_, url):
        answer = log_in(url, **FORWARDED)
        assert answer.status_code == 303
        (cookie,) = [one for one in answer.headers.get_list("set-cookie") if "_session=" in one]
        assert ("; Secure" in cookie) is secure
        assert ("Strict-Transport-Security" in answer.headers) is secure
        assert answer.headers["location"] == "/"  # no host that somebody sent
        hosted = httpx.get(f"{url}/", headers={**HTML, "Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        assert hosted.headers["location"].startswith("/login")
    with connect(database) as connection:
        (entry,) = entries(connection, 1, what="login")
    assert entry.address == address
