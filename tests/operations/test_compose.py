"""docker-compose.yml and the Dockerfile, as far as they can be checked without an engine."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from cli.schedule.settings import read_schedule
from ingest.configuration import Configuration, read
from ingest.sources.http import Settings as Http
from journey.settings import Settings
from tests.operations.commands import fault

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if one["image"].startswith("hanhtrinh:")}
SCHEMA = json.loads((Path(__file__).parent / "compose" / "compose-spec.json").read_text(encoding="utf-8"))
# Settings of the composition root itself, which no Settings has.
BESIDE = {"HANHTRINH_SECRETS_FOLDER"}


class _Loader(yaml.SafeLoader):
    """Takes `!override`, by which compose replaces what it would merge."""


_Loader.add_constructor("!override", lambda loader, node: loader.construct_mapping(node, deep=True))
OVERRIDE: dict[str, Any] = yaml.load((ROOT / "compose.override.yml.example").read_bytes(), _Loader)  # noqa: S506


@pytest.mark.parametrize("content", [COMPOSE, OVERRIDE], ids=["docker-compose.yml", "override"])
def test_it_is_of_the_compose_specification(content: dict[str, Any]) -> None:
    faults = jsonschema_rs.validator_for(SCHEMA).iter_errors(content)
    assert [f"{list(one.instance_path)}: {one.message}" for one in faults] == []


def test_the_schema_finds_a_mistake() -> None:
    wrong = {"services": {"a": {"image": "x:1", "prots": ["1:1"]}}}
    assert not jsonschema_rs.validator_for(SCHEMA).is_valid(wrong)


def test_it_has_every_part() -> None:
    parts = "store kafka mqtt rabbitmq ingest check api proxy scheduler prometheus grafana"
    assert set(parts.split()) <= set(SERVICES)
    assert set(OVERRIDE["services"]) <= set(SERVICES)


@pytest.mark.parametrize(
    ("name", "command"),
    [(name, one["command"]) for services in (SERVICES, OVERRIDE["services"]) for name, one in services.items()
     if name in OURS and "command" in one and "entrypoint" not in OURS[name]],
)  # fmt: skip
def test_every_command_of_ours_is_one(name: str, command: list[str]) -> None:
    assert fault(command) is None


def test_the_image_has_the_program_of_the_backup() -> None:
    assert OURS["backup"]["entrypoint"] == ["backup"]
    assert "COPY deploy/backup.sh /opt/hanhtrinh/bin/backup" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_settings_of_the_scheduler_are_read() -> None:
    schedule = read_schedule(ROOT / "deploy" / "schedule.toml")
    assert schedule.publish is not None
    assert schedule.keep is not None
    assert schedule.prove is not None
    folders = [volume.split(":")[1] for volume in SERVICES["scheduler"]["volumes"]]
    assert str(schedule.publish.folder) in folders


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_may_do_more_than_it_must(name: str) -> None:
    one = SERVICES[name]
    user, _, group = str(one["user"]).partition(":")
    assert int(user) > 0
    assert int(group) > 0
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert one["mem_limit"]
    assert one["cpus"]
    assert re.search(r":v?\d+\.\d+(\.\d+)?", one["image"]), "an image is named by its version"
    assert "privileged" not in one
    once = one["restart"] == "on-failure"
    assert once or name in {"scheduler", "backup"} or one["healthcheck"]["test"], name


@pytest.mark.parametrize("name", SERVICES)
def test_what_it_mounts_is_there(name: str) -> None:
    one = SERVICES[name]
    for volume in one.get("volumes", ()):
        source, target, *mode = volume.split(":")
        if source.startswith("./"):
            assert (ROOT / source).exists(), source
            assert mode == ["ro"], f"{source} is ours to change, not a container's"
        elif not source.startswith("/"):
            assert source in COMPOSE["volumes"]
        assert target.startswith("/")
    for secret in one.get("secrets", ()):
        assert (secret if isinstance(secret, str) else secret["source"]) in COMPOSE["secrets"]
    for other in one.get("depends_on", {}):
        assert other in SERVICES


@pytest.mark.parametrize("name", OURS)
def test_every_setting_is_one(name: str) -> None:
    known = {f"HANHTRINH_{field.upper()}" for field in Settings.model_fields} | BESIDE
    assert set(OURS[name].get("environment", ())) <= known
    files = [one["target"] for one in OURS[name]["secrets"] if not isinstance(one, str)]
    assert files == ["hanhtrinh_database_url"]
    assert {one.upper() for one in files} <= known


def test_no_secret_stands_in_the_file() -> None:
    for name, one in SERVICES.items():
        for variable, value in one.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|TOKEN|KEY$", variable) and not variable.endswith("LIST_KEY"):
                assert str(value).startswith("/run/secrets"), f"{name}: {variable}"
    assert all(set(one) == {"file"} for one in COMPOSE["secrets"].values())


def test_a_command_makes_every_secret_file_and_overwrites_none(tmp_path: Path) -> None:
    run = [str(ROOT / "scripts" / "make-secrets"), "desk.example.vn", str(tmp_path / "secrets")]
    subprocess.run(run, check=True, capture_output=True)
    made = {path.name: path.read_bytes() for path in (tmp_path / "secrets").iterdir()}
    assert {Path(one["file"]).name for one in COMPOSE["secrets"].values()} == set(made)
    assert made["store_api_password"].decode() in made["store_api_url"].decode()
    assert len({made[name] for name in made if name.endswith("_password") and made[name]}) == 6
    subprocess.run(run, check=True, capture_output=True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "secrets").iterdir()} == made
    assert "/secrets/" in (ROOT / ".gitignore").read_text().split()


def _ingest(tmp_path: Path) -> Configuration:
    """The settings of ingest, with files in the places of secrets."""
    for name in ("consumer_password", "tls_certificate"):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(0o600)
    text = (ROOT / "deploy" / "ingest.toml").read_text(encoding="utf-8")
    assert set(re.findall(r"/run/secrets/(\w+)", text)) <= set(COMPOSE["secrets"])
    (tmp_path / "ingest.toml").write_text(text.replace("/run/secrets", str(tmp_path)), encoding="utf-8")
    return read(tmp_path / "ingest.toml")


def test_the_settings_of_ingest_are_read(tmp_path: Path) -> None:
    configuration = _ingest(tmp_path)
    assert {getattr(one, "host", "") for one in configuration.connections} <= {*SERVICES, "0.0.0.0", ""}  # noqa: S104
    assert [one.transport for one in configuration.connections] == ["mqtt", "kafka", "amqp", "http", "http"]


def test_the_self_proof_has_its_database_its_way_in_and_nobody_else_comes_by_it(tmp_path: Path) -> None:
    """Made before whoever needs it starts, by who may; its port is open within the network alone."""
    setup = SERVICES["setup-proof"]
    assert setup["command"] == ["prove", "setup"]
    assert setup["secrets"] == SERVICES["setup"]["secrets"] == SERVICES["scheduler"]["secrets"]
    once = {"condition": "service_completed_successfully"}
    assert setup["depends_on"]["setup"] == once
    for services, names in ((SERVICES, ("ingest", "check", "scheduler")), (OVERRIDE["services"], ("ingest",))):
        for name in names:
            assert services[name]["depends_on"]["setup-proof"] == once, name
    (way,) = (one for one in _ingest(tmp_path).connections if one.proof)
    assert isinstance(way, Http)
    prove = read_schedule(ROOT / "deploy" / "schedule.toml").prove
    assert prove is not None
    assert prove.address == f"http://ingest:{way.port}"
    assert "ports" not in SERVICES["ingest"]
    assert str(way.port) not in (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")


def test_no_backup_holds_the_self_proofs_database() -> None:
    """It is another database than the one of the URL, which is all that a backup reads."""
    assert SERVICES["backup"]["secrets"] == SERVICES["setup"]["secrets"]
    script = (ROOT / "deploy" / "backup.sh").read_text(encoding="utf-8")
    assert re.findall(r"hanhtrinh db backup|pg_dump\w*", script) == ["hanhtrinh db backup"]


def test_prometheus_asks_services_that_there_are_at_their_ports() -> None:
    settings = yaml.safe_load((ROOT / "dashboards" / "prometheus.yml").read_text(encoding="utf-8"))
    asked = {name: one["port"] for job in settings["scrape_configs"] for one in job.get("dns_sd_configs", ())
             for name in one["names"]}  # fmt: skip
    assert asked == {"ingest": 9108, "check": 9109, "api": 8000, "machine": 9100}
    assert set(asked) <= set(SERVICES)
    for name, flag in (("check", "--port"), ("api", "--port")):
        command = SERVICES[name]["command"]
        assert command[command.index(flag) + 1] == str(asked[name])


def test_hadolint_has_nothing_to_say() -> None:
    program = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([program, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def _copied() -> list[str]:
    """What the first stage of the Dockerfile takes from the checkout."""
    first = (ROOT / "Dockerfile").read_text(encoding="utf-8").split("\nFROM")[1]
    return [name for line in re.findall(r"^COPY (.+)$", first, re.MULTILINE) for name in line.split()[:-1]]


def test_the_image_gets_what_the_package_holds_and_nothing_more() -> None:
    copied = _copied()
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")}
    assert {*copied, "deploy/backup.sh"} == allowed
    packages = re.search(r"^packages = (\[.*\])$", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert packages
    assert set(json.loads(packages[1])) <= set(copied)


@pytest.mark.operations
def test_the_steps_of_the_image_run_in_a_clean_folder(tmp_path: Path) -> None:
    source, target = tmp_path / "src", tmp_path / "opt"
    for name in _copied():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, source / name)
    steps = [source / "scripts" / "install-app", target]
    environ = {"PATH": f"{Path(sys.base_prefix) / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(steps, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(source)  # the image has only the second stage
    program = target / "bin" / "hanhtrinh"
    for arguments in (["ingest", "--example"], ["law", "check"], ["db", "roles"], ["check", "--help"]):
        line = [program, *arguments]
        done = subprocess.run(line, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        assert done.stdout
    assert not (target / "bin" / "pytest").exists()
