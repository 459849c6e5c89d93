"""Whatever is refused at the desk is said in Vietnamese there."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

from api.pages._refusals import in_vietnamese
from journey.casework import Actor, Course, Standing, State, Step, refusal
from storage.cases import attachments
from storage.cases import steps as casesteps
from storage.people.accounts import ROLES

_RAISED = re.compile(r'(?:StepRefused|FileRefused|FileConflict)\(\s*f?"([^"]*)"')
_PLACE = re.compile(r"\{[^}]*\}")
_TIMES = (0, 100)


def refusals() -> set[str]:
    """All that the rules of cases say, and all that storage says of steps and documents."""
    courses: list[Course | None] = [None]
    courses += [
        Course(state=state, standing=standing, sent=sent, operator=operator, sent_by=1, due=due)
        for state, standing, sent, operator, due in product(State, Standing, (True, False), ("OP1", None), (50, None))
    ]
    actors = [Actor(id=number, role=role, operator="OP1" if role == "operator" else None)
              for role, number in product(ROLES, (1, 2))]  # fmt: skip
    found = {
        said
        for step, course, actor, now, note in product(Step, courses, actors, _TIMES, (None, "why"))
        if (said := refusal(step, course, actor, now, note)) is not None
    }
    for module in (attachments, casesteps):
        assert module.__file__ is not None
        text = Path(module.__file__).read_text(encoding="utf-8")
        found |= {_PLACE.sub("7", one) for one in _RAISED.findall(text)}
    return found


def test_every_refusal_has_its_vietnamese() -> None:
    found = refusals()
    assert len(found) > 60
    assert {one for one in found if in_vietnamese(one) is None} == set()
