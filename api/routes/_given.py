"""What routes are given: the caller, the pool, the parts."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from api.access import Caller, get_caller
from api.parts import Parts, get_parts, get_pool
from storage.server.pool import Pool

GivenCaller = Annotated[Caller, Depends(get_caller)]
GivenParts = Annotated[Parts, Depends(get_parts)]
GivenPool = Annotated[Pool, Depends(get_pool)]
