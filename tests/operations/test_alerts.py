"""Alerts: each proven by promtool to be told and not to be told, and each with a page that says what to do."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.brokers.process import program
from tests.operations.commands import faults_of

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "dashboards"
RULES = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))
ALERTS: list[dict[str, Any]] = [rule for group in RULES["groups"] for rule in group["rules"]]
NAMES = [alert["alert"] for alert in ALERTS]
RUNBOOKS = ROOT / "docs" / "runbooks"


def promtool(*arguments: str | Path, folder: Path = FOLDER) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program("promtool"), *arguments], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.operations
def test_promtool_finds_every_alert_told_where_it_must_be() -> None:
    for arguments in (("check", "rules", "alerts.yml"), ("test", "rules", "alerts_test.yml")):
        done = promtool(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.operations
def test_prometheus_and_alertmanager_take_their_settings(tmp_path: Path) -> None:
    done = promtool("check", "config", "prometheus.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    asked = [program("amtool"), "check-config", "alertmanager.yml"]
    checked = subprocess.run(asked, cwd=FOLDER, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def told_alone(name: str, expr: str, folder: Path) -> int:
    """What promtool ends with over one alert, with this expression, and the cases of it alone."""
    rule = {**next(one for one in ALERTS if one["alert"] == name), "expr": expr}
    changed = {"groups": [{"name": "alone", "rules": [rule]}]}
    tests = yaml.safe_load((FOLDER / "alerts_test.yml").read_text(encoding="utf-8"))
    kept = []
    for one in tests["tests"]:
        one.pop("promql_expr_test", None)
        one["alert_rule_test"] = [case for case in one.get("alert_rule_test", ()) if case["alertname"] == name]
        kept += [one] if one["alert_rule_test"] else []
    for file, content in (("alerts.yml", changed), ("alerts_test.yml", {**tests, "tests": kept})):
        (folder / file).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return promtool("test", "rules", "alerts_test.yml", folder=folder).returncode


@pytest.mark.operations
@pytest.mark.parametrize("alert", ALERTS, ids=NAMES)
def test_the_tests_see_an_alert_that_is_never_told(alert: dict[str, Any], tmp_path: Path) -> None:
    """Each alert in turn is made to say nothing: its test must fail."""
    assert told_alone(alert["alert"], f"({alert['expr']}) and on () vector(0) > 0", tmp_path) == 1


def _nearer(expr: str) -> str | None:
    """The expression with its first figure a tenth nearer to what is well; None: it has no figure but 0 and 1."""
    found = re.search(r"([<>]) (\d+(?:\.\d+)?)(?![\d.])", expr)
    if found is None or float(found[2]) in (0, 1):
        return None
    figure = float(found[2]) * (1.1 if found[1] == "<" else 0.9)
    return expr[: found.start()] + f"{found[1]} {figure:.6f}" + expr[found.end() :]


@pytest.mark.operations
@pytest.mark.parametrize("alert", [one for one in ALERTS if _nearer(one["expr"])], ids=lambda one: one["alert"])
def test_the_tests_see_an_alert_that_is_told_too_soon(alert: dict[str, Any], tmp_path: Path) -> None:
    """Each figure in turn is made a tenth stricter: a test of what is just well must fail."""
    expr = _nearer(alert["expr"])
    assert expr is not None
    assert told_alone(alert["alert"], expr, tmp_path) == 1


def test_each_alert_is_tested_where_it_is_told_and_where_it_is_not() -> None:
    tests = yaml.safe_load((FOLDER / "alerts_test.yml").read_text(encoding="utf-8"))["tests"]
    cases = [case for one in tests for case in one.get("alert_rule_test", ())]
    for told in (True, False):
        assert {case["alertname"] for case in cases if bool(case["exp_alerts"]) is told} == set(NAMES), told


# What has to wake somebody, or be told in the morning: the list that this project set out with, by the alerts that do.
WANTED = {
    "intake stopped": {"IntakeStopped", "IntakeAbsent", "ConnectionDown"},
    "lag": {"IntakeBehind", "DataLate"},
    "rejection share": {"RejectionShare"},
    "an operator silent": {"OperatorSilent"},
    "commit slow": {"CommitSlow"},
    "check queue old": {"CheckQueueOld"},
    "list not made": {"ListNotMade"},
    "disk": {"DiskFilling", "DiskFullSoon"},
    "certificate near its end": {"CertificateEnding", "CertificateEnded"},
    "self-proof failed": {"SelfProofFailed", "SelfProofNotRun"},
    "a list that does not arrive": {"ListNotDelivered"},
    "a job of the schedule that fails": {"JobFailing"},
    "no backup": {"BackupOld"},
}


@pytest.mark.parametrize("what", WANTED)
def test_there_is_an_alert_of(what: str) -> None:
    assert WANTED[what] <= set(NAMES)


def test_each_alert_has_a_page_and_each_page_an_alert() -> None:
    named = {alert["annotations"]["runbook"] for alert in ALERTS}
    pages = {f"docs/runbooks/{path.name}" for path in RUNBOOKS.glob("*.md") if path.name != "README.md"}
    assert named == pages
    overview = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    for alert in ALERTS:
        (line,) = (line for line in overview.splitlines() if line.startswith("|") and alert["alert"] in line)
        assert Path(alert["annotations"]["runbook"]).name in line


@pytest.mark.parametrize("alert", ALERTS, ids=NAMES)
def test_a_page_says_what_it_means_and_what_to_do(alert: dict[str, Any]) -> None:
    text = (ROOT / alert["annotations"]["runbook"]).read_text(encoding="utf-8")
    for part in ("**Means.**", "**Look at**", "**Do", "**Done when**"):
        assert part in text
    look = text[text.index("**Look at**") : text.index("**Do")]
    assert re.search(r"`(?:hanhtrinh|docker|curl|openssl|df|iostat) ", look), "the first thing is a command to run"
    good = text[text.index("**Done when**") :].split("\n\n")[0]
    assert "`" in good, "what good looks like is what a command or a metric shows"
    assert alert["labels"]["severity"] in {"warning", "critical"}
    for page in re.findall(r"\]\(([\w-]+\.md)\)", text):
        assert (RUNBOOKS / page).exists(), page


@pytest.mark.parametrize("path", sorted(RUNBOOKS.glob("*.md")), ids=lambda path: path.stem)
def test_every_command_in_a_page_exists(path: Path) -> None:
    assert faults_of(path.read_text(encoding="utf-8")) == []
