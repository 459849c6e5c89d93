"""The whole OpenAPI document against the running app: whatever is sent, the answer is one that the document knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, strategies
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from api.app import make_app
from tests.api.known import Known, known, name, sent_as_it_is
from tests.api.running import parts
from tests.api.walking import V1

_APP = make_app(parts("postgresql://nowhere/none", lambda: 0))
OPERATIONS = {one.ok().label: one.ok() for one in schemathesis.openapi.from_dict(_APP.openapi()).get_all_operations()}
# Some bounds are told in words, since no schema can say them: which days there are, how long a period may be.
_NOT_ASKED = [positive_data_acceptance]
_EXAMPLES = 40


@pytest.fixture(scope="module")
def there(client: Callable[..., httpx.Client]) -> Known:
    """Ids that the store has: of what is made up at random most operations know nothing."""
    return known(client())


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_in_the_document(label: str, base: str, secrets: dict[str, str], there: Known) -> None:
    """No 500; status, media type and form of every answer as documented; what is wrongly sent is refused."""
    operation = OPERATIONS[label]
    modes = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @hypothesis.settings(max_examples=_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @hypothesis.given(case=strategies.one_of(modes))
    def tried(case: Any) -> None:
        hypothesis.assume(sent_as_it_is(case))
        name(there, case)
        headers = {"Authorization": f"Bearer {secrets['inspector']}"}
        case.call_and_validate(base_url=base, headers=headers, excluded_checks=_NOT_ASKED)

    tried()


def test_every_operation_with_an_id_is_asked_about_what_there_is(there: Known) -> None:
    asked = {one.path for one in OPERATIONS.values() if "{" in one.path}
    assert asked - there.paths.keys() == {f"{V1}/weighings/by/{{by}}"}  # of five words that the document names


def test_links_lead_to_operations_and_name_their_parameters() -> None:
    by_id = {one.definition.raw["operationId"]: one for one in OPERATIONS.values()}
    links = [link for one in by_id.values()
             for link in one.definition.raw["responses"]["200"].get("links", {}).values()]  # fmt: skip
    assert len(links) >= 10
    for link in links:
        named = {one["name"] for one in by_id[link["operationId"]].definition.raw["parameters"] if one["in"] == "path"}
        assert link["parameters"].keys() == named, link


def test_every_route_of_the_api_is_in_the_document() -> None:
    assert len(OPERATIONS) >= 19
    assert all(label.split()[1].startswith("/api/v1/") for label in OPERATIONS)
