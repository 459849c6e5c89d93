"""One rig after another for the tests that all transports share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.rigs import RIGS, Rig


@pytest.fixture(params=sorted(RIGS))
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    yield from RIGS[request.param](request)
