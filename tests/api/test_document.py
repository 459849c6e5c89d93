"""The whole OpenAPI document against the running app: whatever is sent, the answer is one that the document knows."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.openapi.checks import PositiveDataAcceptance  # noqa: F401

schema = schemathesis.pytest.from_fixture("document")


@pytest.fixture(scope="module")
def document(base: str):
    return schemathesis.openapi.from_url(f"{base}/api/v1/openapi.json")


@schema.parametrize()
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_in_the_document(case, secrets: dict[str, str]) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {secrets['inspector']}"})
