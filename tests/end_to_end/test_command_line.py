"""The `omi` command as people run it: in processes of its own, with real models, on a folder of its own."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "examples" / "sample.wav"
QUESTION = "what can you do for your country"
OMI = [sys.executable, "-m", "bootstrap.main"]


class Installation:
    """A folder of data, and commands that work on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""

    def environment(self, **settings: str) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("OMI_")}
        own = {"OMI_DATA_DIR": str(self.folder), "OMI_PORT": "0", "OMI_CONVERSATION__SILENCE_SECONDS": "30"}
        return {**inherited, **own, **settings}

    def run(self, *arguments: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
        command = [*OMI, *map(str, arguments)]
        environment = self.environment(**settings)
        return subprocess.run(
            command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30
        )

    def start(self, *arguments: str | Path, **settings: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*OMI, *map(str, arguments)],
            cwd=ROOT,
            env=self.environment(**settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("installation"))


@pytest.fixture(scope="module")
def welcome(installation: Installation) -> Iterator[list[str]]:
    """A server that listens, and what it said."""
    server = installation.start("serve")
    lines = [server.stdout.readline() for _ in range(4)]
    installation.url = lines[0].split()[3] if lines[0] else ""
    yield lines
    server.send_signal(signal.SIGINT)
    _, errors = server.communicate(timeout=15)
    assert server.returncode == 0
    assert "Traceback" not in errors


@pytest.fixture(scope="module")
def events(welcome: list[str], installation: Installation) -> list[dict]:
    """What a client was told while it sent the sample."""
    assert welcome
    done = installation.run("stream", "--speed", "0", "--json", "--url", installation.url, SAMPLE)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_server_tells_where_it_is_and_what_to_try(welcome: list[str]) -> None:
    address, interface, token, try_it = welcome
    assert re.match(r"Omi listens on http://127\.0\.0\.1:\d+ ", address)
    assert interface.strip().endswith("/documentation")
    assert len(token.split()[1]) > 100
    assert try_it.strip().endswith("stream examples/sample.wav")


def test_the_words_of_a_recording_come_back(events: list[dict]) -> None:
    said = " ".join(s["text"] for event in events if event["type"] == "segments" for s in event["segments"]).lower()
    assert "fellow americans" in said
    assert "you can do for your country" in said


def test_a_memory_is_made_when_the_recording_ends(events: list[dict]) -> None:
    assert events[-1]["type"] == "new_memory_created"
    assert "country" in events[-1]["memory"]["structured"]["title"].lower()


def test_search_finds_it_in_the_stores_and_through_the_server(events: list[dict], installation: Installation) -> None:
    for where in ([], ["--url", installation.url]):
        done = installation.run("search", QUESTION, "--json", *where)
        assert [found["memory"]["id"] for found in json.loads(done.stdout)] == [events[-1]["memory_id"]], done.stderr


def test_a_question_is_answered_with_what_was_said_and_where(events: list[dict], installation: Installation) -> None:
    answer = installation.run("ask", "What shall Americans ask what they can do for?").stdout
    assert "country" in answer
    assert events[-1]["memory_id"] in answer


def test_a_memory_is_listed_and_shown(events: list[dict], installation: Installation) -> None:
    memory_id = events[-1]["memory_id"]
    assert installation.run("memories").stdout.startswith(memory_id)
    shown = installation.run("memories", memory_id).stdout
    assert memory_id in shown
    assert "fellow Americans" in shown
    assert "\033" not in shown


@pytest.mark.usefixtures("events")
def test_users_do_not_see_the_memories_of_others(installation: Installation) -> None:
    assert json.loads(installation.run("memories", "--user", "somebody", "--json").stdout) == []
    token = installation.run("token", "somebody", "--days", "1").stdout.strip()
    asked = installation.run("memories", "--json", "--url", installation.url, "--token", token)
    assert json.loads(asked.stdout) == []


@pytest.mark.usefixtures("welcome")
@pytest.mark.parametrize("command", [["memories"], ["stream", str(SAMPLE)]])
def test_a_wrong_token_is_refused(command: list[str], installation: Installation) -> None:
    done = installation.run(*command, "--url", installation.url, "--token", "wrong")
    assert done.returncode == 1
    assert re.fullmatch(r"omi: .* does not accept the token; .*\n", done.stderr)


@pytest.mark.usefixtures("welcome")
def test_a_recording_can_be_broken_off(installation: Installation) -> None:
    client = installation.start("stream", "--json", "--url", installation.url, SAMPLE)
    assert [json.loads(client.stdout.readline())["type"] for _ in range(2)] == ["recording", "interim"]
    client.send_signal(signal.SIGINT)
    _, errors = client.communicate(timeout=10)
    assert (client.returncode, errors.strip()) == (130, "")


@pytest.mark.usefixtures("welcome")
def test_a_second_server_says_why_it_does_not_start(installation: Installation) -> None:
    done = installation.run("serve", OMI_PORT=installation.url.rpartition(":")[2])
    assert done.returncode == 1
    assert re.fullmatch(r"omi: cannot listen on .*\n", done.stderr)


@pytest.mark.usefixtures("welcome")
def test_doctor_knows_a_server_of_ours(installation: Installation) -> None:
    done = installation.run("doctor", "--json", OMI_PORT=installation.url.rpartition(":")[2])
    findings = {found["name"]: found["diagnosis"] for found in json.loads(done.stdout)}
    assert done.returncode == 0, done.stdout
    assert findings["port"]["finding"].startswith("a server of ours answers")
    assert findings["speech_to_text: moonshine"]["condition"] == "working"


def test_a_recording_becomes_a_memory_without_a_server(tmp_path: Path) -> None:
    alone = Installation(tmp_path)
    done = alone.run("transcribe", SAMPLE)
    assert done.returncode == 0, done.stderr
    assert "for your country" in done.stdout
    assert "fellow" in alone.run("search", QUESTION).stdout.lower()
    assert list((tmp_path / "journal").iterdir()) == []
