"""No column of a table is out of sight at a desk; on narrower windows its frame scrolls, and shows that it does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.filled import Desk
from tests.browser.pages import walked
from tests.browser.watched import Watched

pytestmark = pytest.mark.browser
Window = Callable[..., Watched]
_COLUMNS = (Path(__file__).parent / "columns.js").read_text(encoding="utf-8")
# Of a window of a desk's usual width; of a small notebook, of a tablet and of a phone, px.
_DESKS, _NARROW = (1180,), (1024, 768, 390)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", [*_DESKS, *_NARROW])
def test_every_column_is_in_sight_or_announced(width: int, language: str, desk: Desk, window: Window) -> None:
    one = window("inspector", width)
    one.page.context.add_cookies([{"name": "hanhtrinh_language", "value": language, "url": desk.url}])
    faults: dict[str, Any] = {}
    for path in walked(one, desk):
        hidden = one.page.evaluate(_COLUMNS)
        found = [table for table in hidden if width in _DESKS or not table[2]]
        if one.overhang() > 0:
            found.append(f"wider than its window by {one.overhang()} px")
        if found:
            faults[path] = found
    assert faults == {}


def test_a_column_out_of_sight_is_noticed(desk: Desk, window: Window) -> None:
    """What the test above looks with sees a table that is too wide for its frame."""
    one = window("inspector", _DESKS[0])
    one.page.goto("/operators", wait_until="networkidle")
    assert one.page.evaluate(_COLUMNS) == []
    one.page.evaluate("() => { document.querySelector('main table').style.width = '3000px'; }")
    ((beyond, _, announced),) = one.page.evaluate(_COLUMNS)
    assert beyond > 1000
    assert announced


def test_the_map_of_a_vehicle_fills_its_card(desk: Desk, window: Window) -> None:
    """No empty space stands under it: it ends where the cards beside it end, unless those are very long."""
    one = window("inspector", _DESKS[0])
    one.page.goto(f"/vehicles/{desk.findings['speeding'].vehicle}", wait_until="networkidle")
    one.page.wait_for_selector("#map[data-ready=yes]")
    left, right, drawn, box = one.page.evaluate("""() => {
      const bottom = (found) => document.querySelector(found).getBoundingClientRect().bottom;
      const height = (found) => document.querySelector(found).getBoundingClientRect().height;
      return [bottom(".even > .tall"), bottom(".even > div > .card:last-child"), height("#map canvas"), height("#map")];
    }""")
    assert abs(left - right) <= 24
    assert drawn >= box - 4
