"""Four people talk, over three reconnects and a change of vendor: each segment has its speaker, strangers have no name.

Real voices, the real server, its real models. The owner uploads a profile; two people become known because the user
says once who they were; the fourth stays a stranger.
"""

import io
import json
import os
import subprocess
import sys
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from benchmarks.server_process import ROOT, ServerProcess, free_port
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE
from tests.support import recordings
from tests.support.talk_of_four import (
    ANNA,
    BEN,
    ENROLLMENT,
    FIRST_MEETING,
    OWNER,
    STRANGER,
    TALK,
    Turn,
    speaker_of,
    turns,
)

pytestmark = pytest.mark.alone

AUDIO = Path(os.environ.get("OMI_TEST_AUDIO", ROOT.parent / "shared" / "audio"))
USER, KEY = "owner", "a-key-for-tests"
PACKET = SAMPLE_RATE // 10 * SAMPLE_BYTES
SPEED = 3.0
"""Times real time: what two recognizers keep up with."""
HEARD, LABELED = 2.5, 5.0
"""Seconds until the last words of a connection are there, and until they have their speaker at the latest."""
JUDGED = 1.5
"""Seconds: every longer segment has to be right."""


class Vendor:
    """`omi simulate deepgram`, which really recognizes, in a process that can be killed."""

    def __init__(self) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "bootstrap.main", "simulate", "deepgram", "--hear", "speech"]
        options = ["--port", str(self.port), "--key", KEY]
        self.process = subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    vendor = Vendor()
    yield vendor
    vendor.kill()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, vendor: Vendor) -> Iterator[ServerProcess]:
    settings = {
        "OMI_SPEECH_TO_TEXT__CHAIN": "deepgram,moonshine",
        "OMI_SPEECH_TO_TEXT__DEEPGRAM__API_KEY": KEY,
        "OMI_SPEECH_TO_TEXT__DEEPGRAM__URL": f"ws://127.0.0.1:{vendor.port}",
        "OMI_TEXT_EMBEDDER__NAME": "fake",
    }
    server = ServerProcess(tmp_path_factory.mktemp("server"), settings=settings)
    anyio.run(server.start)
    yield server
    anyio.run(server.stop)


class Phone:
    """A client of `/v4/listen` that shows what it is told."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self.segments: dict[str, dict[str, Any]] = {}
        self.suggestions: list[dict[str, Any]] = []
        self.created: list[dict[str, Any]] = []
        self.vendors: list[str] = []

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Any]:
        """A connection, read all the while."""
        address = self._server.address.replace("http", "ws", 1)
        query = "codec=pcm16&sample_rate=16000&language=en"
        headers = {"Authorization": f"Bearer {self._server.token(USER)}"}
        async with (
            connect(f"{address}/v4/listen?{query}", additional_headers=headers, compression=None) as socket,
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(self._read, socket)
            yield socket
            tasks.cancel_scope.cancel()

    async def say(self, socket: Any, turn: Turn) -> None:
        """At a multiple of real time."""
        for start in range(0, len(turn.pcm), PACKET):
            await socket.send(turn.pcm[start : start + PACKET])
            await anyio.sleep(0.1 / SPEED)

    async def until_labeled(self) -> None:
        """Until the last words came, and every longer segment has a voice."""
        with anyio.move_on_after(LABELED):
            await anyio.sleep(HEARD)
            while any(s["speaker_id"] == 0 and s["end"] - s["start"] >= JUDGED for s in self.segments.values()):
                await anyio.sleep(0.1)

    async def until_created(self) -> dict[str, Any]:
        with anyio.fail_after(60):
            while not self.created:
                await anyio.sleep(0.1)
        return self.created.pop()

    async def _read(self, socket: Any) -> None:
        try:
            async for text in socket:
                if text != "ping":
                    self._take(json.loads(text))
        except ConnectionClosed:
            pass

    def _take(self, message: Any) -> None:
        if isinstance(message, list):
            self.segments |= {segment["id"]: segment for segment in message}
            return
        match message["type"]:
            case "segments_deleted":
                for gone in message["segment_ids"]:
                    self.segments.pop(gone, None)  # it may be of words that came while nobody was connected
            case "speaker_label_suggestion":
                self.suggestions.append(message)
            case "memory_created":
                self.created.append(message["memory"])
            case "service_status":
                self.vendors.append(message["status"])


@asynccontextmanager
async def api(server: ServerProcess) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {server.token(USER)}"}
    async with httpx.AsyncClient(base_url=server.address, headers=headers, timeout=30) as http:
        yield http


def as_wav(name: str) -> bytes:
    body = io.BytesIO()
    with wave.open(body, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(SAMPLE_BYTES)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(recordings.read(AUDIO / name))
    return body.getvalue()


async def make_known(server: ServerProcess, phone: Phone) -> dict[str, str]:
    """The owner's profile, and two people whom the user names after a first meeting; their identifiers."""
    people: dict[str, str] = {}
    async with api(server) as http:
        upload = {"file": ("profile.wav", as_wav(ENROLLMENT), "audio/wav")}
        (await http.post("/v3/upload-audio", files=upload)).raise_for_status()
        meeting = turns(AUDIO, FIRST_MEETING)
        async with phone.connected() as socket:
            for turn in meeting:
                await phone.say(socket, turn)
            await socket.send('{"type":"end_conversation"}')
            memory = await phone.until_created()
        for name in (ANNA, BEN):
            person = (await http.post("/v1/users/people", json={"name": name})).raise_for_status().json()
            people[name] = person["id"]
        shift = meeting[0].start / SAMPLE_RATE - memory["transcript_segments"][0]["start"]
        for index, segment in enumerate(memory["transcript_segments"]):
            who = people[speaker_of(meeting, segment["start"] + shift, segment["end"] + shift)]
            assigned = await http.patch(
                f"/v1/memories/{memory['id']}/segments/{index}/assign",
                params={"assign_type": "person_id", "value": who, "use_for_speech_training": True},
            )
            assigned.raise_for_status()
    return people


async def hold_the_talk(phone: Phone, vendor: Vendor, talk: list[Turn]) -> dict[str, Any]:
    """Two turns for each connection; the vendor goes away in the middle of the third."""
    for first in range(0, len(talk), 2):
        async with phone.connected() as socket:
            for number, turn in enumerate(talk[first : first + 2], start=first):
                if number == 4:
                    vendor.kill()
                await phone.say(socket, turn)
            await phone.until_labeled()
            if first + 2 == len(talk):
                await socket.send('{"type":"end_conversation"}')
                return await phone.until_created()
    raise AssertionError


def wrong(segments: list[dict[str, Any]], talk: list[Turn], people: dict[str, str]) -> list[str]:
    """Segments that somebody else said than they say."""
    found: list[str] = []
    for segment in segments:
        if segment["end"] - segment["start"] < JUDGED:
            continue
        truth = speaker_of(talk, segment["start"], segment["end"])
        said = OWNER if segment["is_user"] else {v: k for k, v in people.items()}.get(segment["person_id"], STRANGER)
        if said != truth:
            where = f"{segment['start']:.1f}-{segment['end']:.1f} s"
            found.append(f"{where}: {truth}, labeled {said} (voice {segment['speaker_id']})")
    return found


@pytest.mark.timeout(180)
async def test_everybody_is_recognized_and_the_stranger_never_named(server: ServerProcess, vendor: Vendor) -> None:
    phone = Phone(server)
    people = await make_known(server, phone)
    phone = Phone(server)
    talk = turns(AUDIO, TALK)
    memory = await hold_the_talk(phone, vendor, talk)
    assert any(status.startswith("recognizer:moonshine") for status in phone.vendors)
    segments = memory["transcript_segments"]
    assert wrong(segments, talk, people) == []
    assert {suggested["person_id"] for suggested in phone.suggestions} == {"user", *people.values()}
    live = sorted(phone.segments.values(), key=lambda segment: segment["start"])
    assert wrong(live, talk, people) == []
    by_voice: dict[str, set[int]] = {}
    for segment in [*live, *segments]:
        if segment["end"] - segment["start"] >= JUDGED:
            by_voice.setdefault(speaker_of(talk, segment["start"], segment["end"]), set()).add(segment["speaker_id"])
    assert {who: len(numbers) for who, numbers in by_voice.items()} == dict.fromkeys((OWNER, ANNA, BEN, STRANGER), 1)
