"""What is shipped for deploying: the image, what goes into it, and that the settings it names are settings."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.dockerfile import Stage, sent_to_builder, stages_of
from bootstrap.adapters import adapter_class, settings_class
from bootstrap.known_settings import DEFAULTS
from bootstrap.settings import load

ROOT = Path(__file__).parent.parent
MASTER_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


@pytest.fixture
def stages() -> list[Stage]:
    return stages_of((ROOT / "Dockerfile").read_text())


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text())


def check_settings(environment: dict[str, str], folder: Path) -> None:
    """As the start does: every setting is known, and every adapter that is chosen takes its own."""
    settings = load(environment, folder=folder)
    for port in DEFAULTS:
        for name in settings.names(port):
            kind = settings_class(adapter_class(port, name))
            if kind is not None:
                settings.of_adapter(port, name, kind)


def test_the_image_starts_from_a_release_that_is_named(stages: list[Stage]) -> None:
    assert {stage.base for stage in stages} == {"python:3.11.13-slim-bookworm"}


def test_nobody_in_particular_runs_the_server(stages: list[Stage]) -> None:
    assert stages[-1].last("USER").text == "10001:10001"
    assert stages[-1].last("VOLUME").text == "/data"


def test_a_stop_drains(stages: list[Stage]) -> None:
    assert stages[-1].last("STOPSIGNAL").text == "SIGTERM"
    assert stages[-1].last("CMD").words == ["omi", "serve"]  # not through a shell, which would keep the signal


def test_packages_are_installed_by_their_hashes_alone(stages: list[Stage]) -> None:
    installs = [step.text for step in stages[0].steps if "pip install" in step.text]
    assert installs
    for text in installs[:-1]:
        assert "--no-deps --require-hashes" in text
    assert "--no-deps --no-build-isolation ." in installs[-1]


def test_the_health_check_is_a_program_that_compiles(stages: list[Stage]) -> None:
    check = stages[-1].last("HEALTHCHECK")
    words = type(check)("", check.text.partition("CMD ")[2]).words
    assert words[:2] == ["python", "-c"]
    compile(words[2], "health check", "exec")
    assert "/health/live" in words[2]


def test_what_the_image_copies_is_sent_and_nothing_else_is(stages: list[Stage]) -> None:
    copied = {
        word.rstrip("/")
        for step in stages[0].steps
        if step.name == "COPY" and not step.text.startswith("--from")
        for word in step.words[:-1]
    }
    sent = sent_to_builder(ROOT)
    assert {path.parts[0] for path in sent} == copied
    assert not [path for path in sent if path.suffix == ".pyc" or path.name.startswith(".env")]


def test_settings_of_the_image_are_settings(stages: list[Stage], tmp_path: Path) -> None:
    named = {name: value for name, value in stages[-1].environment().items() if name.startswith("OMI_")}
    check_settings(named, tmp_path)
    assert named["OMI_DATA_DIR"] == stages[-1].last("VOLUME").text


@pytest.mark.parametrize("server", ["omi-1", "omi-2"])
def test_settings_of_the_composition_are_settings(server: str, tmp_path: Path) -> None:
    service = read("compose.yaml")["services"][server]
    check_settings(service["environment"] | {"OMI_METRICS__KEY": "a-key-for-metrics"}, tmp_path)
    assert service["stop_grace_period"] == "15s"
    assert service["read_only"]


def test_the_proxy_knows_both_servers_and_keeps_their_numbers_in() -> None:
    proxy = (ROOT / "deploy" / "nginx.conf").read_text()
    assert all(f"server {name}:8000" in proxy for name in ("omi-1", "omi-2"))
    assert "location = /metrics { return 404; }" in proxy
    assert proxy.count("{") == proxy.count("}")


def test_settings_on_cloud_run_are_settings_and_secrets_are_not_written_down(tmp_path: Path) -> None:
    container = read("deploy/cloud-run.yaml")["spec"]["template"]["spec"]["containers"][0]
    plain = {one["name"]: one["value"] for one in container["env"] if "value" in one}
    secret = [one["name"] for one in container["env"] if "secretKeyRef" in one.get("valueFrom", {})]
    stand_ins = dict.fromkeys(secret, "redis://redis/0") | {"OMI_VAULT__SHARED__MASTER_KEY": MASTER_KEY}
    check_settings(plain | stand_ins | {"OMI_METRICS__KEY": "a-key-for-metrics"}, tmp_path)
    assert not [name for name in plain if name.endswith(("_KEY", "_URL", "_TOKEN", "_ACCOUNT"))]
    assert {"OMI_REDIS__URL", "OMI_METRICS__KEY", "OMI_VAULT__SHARED__MASTER_KEY"} <= set(secret)


def test_sockets_on_cloud_run_last_as_long_as_they_may() -> None:
    template = read("deploy/cloud-run.yaml")["spec"]["template"]
    assert template["spec"]["timeoutSeconds"] == 3600
    assert template["metadata"]["annotations"]["run.googleapis.com/cpu-throttling"] == "false"
    probes = template["spec"]["containers"][0]
    assert probes["startupProbe"]["httpGet"]["path"] == probes["livenessProbe"]["httpGet"]["path"] == "/health/live"
