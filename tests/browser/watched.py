"""A page of which everything is noted that should not happen: errors, refusals of the policy, requests elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, Request, Response

_AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text(encoding="utf-8")
_GRAVE = ("serious", "critical")
_DRIVER = "GL Driver Message"  # a machine without a graphics card tells of its slowness


class Watched:
    """faults: in words, empty where all is well. expected: status codes that are meant to come."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self._url = page, url
        self.faults: list[str] = []
        self.expected: set[int] = set()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"error in a script: {error}"))
        page.on("request", self._request)
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        told = any(f"status of {status}" in message.text for status in self.expected)
        if message.type in ("error", "warning", "info") and _DRIVER not in message.text and not told:
            self.faults.append(f"{message.type} at {self.page.url}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self._url + "/", "blob:" + self._url, "data:")):
            self.faults.append(f"request to another host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.faults.append(f"{response.status} from {response.url}")

    def barriers(self) -> list[str]:
        """What axe finds on the page that keeps somebody out, serious or critical."""
        self.page.evaluate(_AXE)
        result: dict[str, Any] = self.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{one['id']}: {one['help']}: {[node['target'] for node in one['nodes']][:5]}"
            for one in result["violations"] if one["impact"] in _GRAVE
        ]  # fmt: skip

    def overhang(self) -> int:
        """By how many pixels the page is wider than its window."""
        return int(self.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth"))
