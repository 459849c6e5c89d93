"""What schemathesis is told when it runs from outside (tests.api.outside): which ids there are, what is no fault."""

from __future__ import annotations

import os
from typing import Any

import httpx
import schemathesis
from schemathesis import Case, HookContext
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response

from tests.api.known import known, name, worth_telling

with httpx.Client(
    base_url=os.environ["OUTSIDE_URL"], headers={"Authorization": f"Bearer {os.environ['OUTSIDE_TOKEN']}"}, timeout=30
) as _client:
    _THERE = known(_client)


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    name(_THERE, case)


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    return worth_telling(failure, case, response)
