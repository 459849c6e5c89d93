"""Places on the grid of 1e-7 degrees: what has up to seven decimals is not changed by one bit."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from journey.track import fix_frame
from tests.storage.samples import fix

STEPS = st.integers(-2_140_000_000, 2_140_000_000)


def placed(lon: float, lat: float = 0.0) -> float:
    return float(fix_frame([fix(lon=lon, lat=lat)])["lon"][0])


@given(STEPS)
def test_seven_decimals_stay_as_they_are(steps: int) -> None:
    sent = float(str(Decimal(steps).scaleb(-7)))
    assert placed(sent).hex() == (sent + 0.0).hex()


@given(st.floats(-214, 214, allow_nan=False))
def test_more_decimals_go_to_the_nearest_step(degrees: float) -> None:
    assert abs(Decimal(placed(degrees)) - Decimal(degrees)) <= Decimal("0.5e-7") + Decimal("1e-13")
    assert placed(placed(degrees)) == placed(degrees)


@given(st.floats(214, allow_nan=False, allow_infinity=False))
def test_what_is_nowhere_stays_nowhere(degrees: float) -> None:
    assert (placed(degrees), placed(-degrees)) == (214.0, -214.0)
