"""What a deployment sets is what holds; by default it is what docs/people.md says."""

from __future__ import annotations

from pathlib import Path

import pytest

from journey.casework import Terms
from journey.settings import Settings
from storage.cases.attachments import BYTES_MAX
from storage.cases.steps import TERMS, terms_of
from storage.people.sessions import POLICY, Policy, policy_of
from storage.people.throttle import Limits


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # no .env of whoever runs this


def test_the_defaults_of_the_settings_are_those_of_the_functions() -> None:
    assert policy_of(Settings()) == POLICY
    assert terms_of(Settings()) == TERMS
    assert Settings().attachment_mib * 2**20 == BYTES_MAX


def test_a_deployment_sets_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("SESSION_IDLE_MIN", 10), ("SESSION_HOURS", 8), ("LOGIN_FAILURES", 5), ("ADDRESS_FAILURES", 50),
        ("CASE_ANSWER_DAYS", 15), ("CASE_DECISION_DAYS", 45),
    ):  # fmt: skip
        monkeypatch.setenv(f"HANHTRINH_{name}", str(value))
    assert policy_of(Settings()) == Policy(600, 28_800, Limits(5, 50, 900))
    assert terms_of(Settings()) == Terms(15, 45)


def test_the_page_for_administrators_names_every_setting_with_its_default() -> None:
    page = (Path(__file__).parents[2] / "docs/people.md").read_text(encoding="utf-8")
    defaults = Settings().model_dump()
    for name in ("session_idle_min", "session_hours", "login_failures", "address_failures", "case_answer_days",
                 "case_decision_days", "attachment_mib"):  # fmt: skip
        assert f"| `HANHTRINH_{name.upper()}` | {defaults[name]} |" in page
