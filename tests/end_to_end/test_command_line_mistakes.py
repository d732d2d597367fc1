"""A mistake of a user is one line and an exit code, never a traceback."""

import json
import re
import wave
from pathlib import Path

import pytest

from tests.end_to_end.test_command_line import SAMPLE, Installation

LIGHT = {
    f"OMI_{port}": "fake"
    for port in (
        "VOICE_ACTIVITY_DETECTOR__NAME",
        "SPEECH_TO_TEXT__CHAIN",
        "BATCH_SPEECH_TO_TEXT__NAME",
        "SPEAKER_ENCODER__NAME",
        "TEXT_EMBEDDER__NAME",
    )
}
"""Adapters that load no models."""


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "data")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"OMI_PORT": "many"}, "OMI_PORT is 'many'"),
        ({"OMI_PROT": "80"}, "did you mean OMI_PORT?"),
        ({"OMI_LANGUAGE_MODEL__NAME": "oracle"}, "expected one of: "),
        ({"OMI_SPEECH_TO_TEXT__MOONSHINE__WORKERS": "x"}, "OMI_SPEECH_TO_TEXT__MOONSHINE__WORKERS"),
        ({"OMI_DATA_DIR": "/dev/null"}, "OMI_DATA_DIR is '/dev/null'"),
    ],
)
def test_a_wrong_setting_stops_the_start(installation: Installation, settings: dict[str, str], told: str) -> None:
    done = installation.run("serve", **settings)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"omi: [^\n]*\n", done.stderr), done.stderr
    assert told in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["stream", "absent.wav"], "there is no such file"),
        (["stream", str(SAMPLE), "--url", "ws://127.0.0.1:1"], "no server answers"),
        (["stream", str(SAMPLE), "--url", "nowhere"], "not an address"),
        (["stream", str(SAMPLE), "--url", "wss://elsewhere.example"], "--token"),
        (["memories", "--url", "http://127.0.0.1:1"], "no server answers"),
        (["memories", "unknown"], "Memory not found"),
        (["token", ""], "cannot be a user"),
    ],
)
def test_a_mistake_is_told_in_one_line(installation: Installation, arguments: list[str], told: str) -> None:
    done = installation.run(*arguments)
    assert done.returncode == 1
    assert re.fullmatch(r"omi: [^\n]*\n", done.stderr), done.stderr
    assert told in done.stderr


def test_silence_makes_no_memory(installation: Installation, tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "silence.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(32_000))
    done = installation.run("transcribe", tmp_path / "silence.wav")
    assert (done.returncode, done.stderr) == (1, "omi: silence.wav: nothing was said, so there is no memory\n")


def test_wrong_usage_has_an_exit_code_of_its_own(installation: Installation) -> None:
    assert installation.run("stream").returncode == 2


def test_config_tells_values_and_sources_but_no_secrets(installation: Installation) -> None:
    chosen = {"OMI_SPEECH_TO_TEXT__CHAIN": "deepgram,moonshine", "OMI_SPEECH_TO_TEXT__DEEPGRAM__API_KEY": "hush"}
    done = installation.run("config", "--json", **chosen)
    shown = {row["variable"]: (row["value"], row["source"]) for row in json.loads(done.stdout)}
    assert shown["OMI_SPEECH_TO_TEXT__CHAIN"] == ("deepgram,moonshine", "environment")
    assert shown["OMI_SPEECH_TO_TEXT__DEEPGRAM__API_KEY"] == ("********", "environment")
    assert shown["OMI_HOST"] == ("127.0.0.1", "default")
    assert "hush" not in done.stdout


def test_doctor_fails_when_something_is_broken(installation: Installation) -> None:
    done = installation.run("doctor", OMI_HOST="192.0.2.1", **LIGHT)
    assert done.returncode == 1
    assert re.search(r"port +broken .*set OMI_PORT", done.stdout)
    assert "\033" not in done.stdout
