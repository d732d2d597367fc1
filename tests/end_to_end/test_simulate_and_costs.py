"""The developer tool that stands in for a vendor: hearing, refusing, and what it would have cost."""

import json
import re
import signal
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest

from adapters.inbound.command_line.live_socket import address, connected
from domain.audio import Codec
from domain.watermark import speech, text_of
from tests.end_to_end.test_command_line import SAMPLE, Installation
from tests.end_to_end.test_command_line_mistakes import LIGHT

pytestmark = pytest.mark.alone

WORDS = 16
KEY = "the-right-key"
PATIENCE = 20
SPOKEN = speech(0, 10, pause=800)


@contextmanager
def started(installation: Installation, *arguments: str, **settings: str) -> Iterator[list[str]]:
    """A command that runs until Ctrl-C, and its first lines."""
    process = installation.start(*arguments, **settings)
    try:
        yield [process.stdout.readline().strip() for _ in range(4)]
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in errors


def settings_in(lines: list[str]) -> dict[str, str]:
    return dict(line.split("=", 1) for line in lines if line.startswith("OMI_"))


def pointed_at(lines: list[str], **settings: str) -> dict[str, str]:
    """What the simulation says to set, on a machine without models."""
    return {**LIGHT, **settings_in(lines), "OMI_SPEECH_TO_TEXT__CHAIN": lines[0].split(",")[0], **settings}


def remembered(output: str) -> dict:
    """The memory among the events that a command printed."""
    events = [json.loads(line) for line in output.splitlines()]
    [memory] = [e["memory"] for e in events if isinstance(e, dict) and e["type"] == "new_memory_created"]
    return memory


def transcript(memory: dict) -> str:
    return " ".join(segment["text"] for segment in memory["transcript_segments"])


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "data")


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Numbered words."""
    path = tmp_path / "numbers.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(speech(0, WORDS, pause=800) + bytes(32_000))
    return path


@pytest.mark.parametrize("vendor", ["deepgram", "soniox", "speechmatics"])
def test_a_server_pointed_at_a_simulation_hears_with_it(
    vendor: str, installation: Installation, recording: Path
) -> None:
    with started(installation, "simulate", vendor) as lines:
        assert re.match(rf"{vendor}, simulated, listens on ws://127\.0\.0\.1:\d+", lines[0])
        done = installation.run("transcribe", "--json", recording, **pointed_at(lines))
    assert done.returncode == 0, done.stderr
    heard = transcript(remembered(done.stdout))
    assert re.findall(r"word\d+", heard) == [text_of(number) for number in range(WORDS)]
    told = json.loads(installation.run("costs", "--json").stdout)
    [cost] = told["costs"]
    assert (cost["user"], cost["recognizer"], cost["connections"]) == ("me", vendor, 1)
    assert re.fullmatch(r"0\.00\d{4}", cost["dollars"])
    assert told["dollars"] == cost["dollars"] != "0.000000"


def test_a_simulation_can_understand_people(installation: Installation) -> None:
    with started(installation, "simulate", "deepgram", "--hear", "speech") as lines:
        done = installation.run("transcribe", "--json", SAMPLE, **pointed_at(lines))
    assert done.returncode == 0, done.stderr
    heard = transcript(remembered(done.stdout))
    assert "what you can do for your country" in heard.lower()


def test_a_script_makes_the_simulation_fail(installation: Installation, recording: Path, tmp_path: Path) -> None:
    script = tmp_path / "faults.toml"
    script.write_text('[[faults]]\nkind = "close"\nafter_seconds = 2\nconnections = [1]\n')
    with started(installation, "simulate", "soniox", "--script", str(script)) as lines:
        chain = {"OMI_SPEECH_TO_TEXT__CHAIN": "soniox,fake"}
        done = installation.run("transcribe", "--json", recording, **pointed_at(lines, **chain))
    memory = remembered(done.stdout)
    heard = transcript(memory)
    assert re.findall(r"word\d+", heard) == [text_of(number) for number in range(WORDS)]
    assert memory["coverage"]["gaps"] == []
    assert "fake" in memory["coverage"]["transcribed"]


def test_a_script_that_is_none_is_told_in_one_line(installation: Installation, tmp_path: Path) -> None:
    script = tmp_path / "faults.toml"
    script.write_text('[[faults]]\nkind = "earthquake"\n')
    done = installation.run("simulate", "deepgram", "--script", script)
    assert done.returncode == 1
    assert re.fullmatch(r"omi: [^\n]*earthquake[^\n]*\n", done.stderr), done.stderr


def test_without_recognition_there_are_no_costs(installation: Installation) -> None:
    assert installation.run("costs").stdout == "Nothing was recognized.\n"
    assert json.loads(installation.run("costs", "--days", "30", "--json").stdout) == {
        "costs": [],
        "dollars": "0.000000",
    }


@pytest.mark.parametrize("vendor", ["deepgram", "soniox", "speechmatics"])
def test_a_wrong_key_is_one_clear_line_of_the_doctor(vendor: str, installation: Installation) -> None:
    with started(installation, "simulate", vendor, "--key", KEY) as lines:
        setting = f"OMI_SPEECH_TO_TEXT__{vendor.upper()}__API_KEY"
        done = installation.run("doctor", **pointed_at(lines, **{setting: "another", "OMI_PORT": "0"}))
    [line] = [line for line in done.stdout.splitlines() if line.startswith(f"speech_to_text: {vendor}")]
    assert done.returncode == 1
    assert "broken" in line
    assert setting in line
    assert KEY not in done.stdout


def test_a_wrong_key_is_told_to_the_client_while_it_speaks(installation: Installation) -> None:
    setting = {"OMI_SPEECH_TO_TEXT__DEEPGRAM__API_KEY": "another"}
    with (
        started(installation, "simulate", "deepgram", "--key", KEY) as lines,
        started(installation, "serve", **pointed_at(lines, **setting)) as welcome,
    ):
        url, token = welcome[0].split()[3], welcome[2].split()[1]
        status = anyio.run(_first_status, url, token)
    assert status["status"] == "recognizer:none"
    assert "OMI_SPEECH_TO_TEXT__DEEPGRAM__API_KEY" in json.dumps(status)


async def _first_status(url: str, token: str) -> dict:
    """What the server says of itself to a client that speaks."""
    where = address(url, codec=Codec.PCM16, language="en", interim="false")
    with anyio.fail_after(PATIENCE):
        async with connected(where, token=token) as socket:
            for at in range(0, len(SPOKEN), 8_000):
                await socket.send(SPOKEN[at : at + 8_000])
            async for message in socket:
                content = json.loads(message)
                if isinstance(content, dict) and content["type"] == "service_status":
                    return content
    raise AssertionError("the server said nothing of itself")
