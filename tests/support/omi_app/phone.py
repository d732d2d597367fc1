"""The app with a device attached: it connects, connects again, and does what it does when it is told something."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
from anyio.abc import TaskGroup
from msgspec import Struct

from ports.clock import Clock
from tests.support.omi_app.eras import Era
from tests.support.omi_app.lines import CUT, Closed, Line, Lines, Refused
from tests.support.omi_app.rest import Rest, SignedOut, Tokens
from tests.support.omi_app.screen import Screen

RETRY_SECONDS = 15.0
"""After which the app looks whether it has to connect again."""
KEEP_ALIVE = b"\x8a\x00"
"""Two bytes; never audio."""
PIECE = 8192
"""Characters of a photo in one message."""
PLACE = {"latitude": 52, "longitude": 13.4, "altitude": 30.5, "accuracy": 5, "time": "2026-01-01T12:00:00.000Z"}
"""As the app sends it: with keys that nobody asked for, and an int where it has one."""


class Audio(Struct, frozen=True):
    """What a device sends."""

    codec: str = "pcm16"
    sample_rate: int = 16_000


MICROPHONE = Audio()


class Phone:
    """One app on one phone. `attached` runs it."""

    def __init__(
        self,
        era: Era,
        *,
        user: str,
        rest: Rest,
        tokens: Tokens,
        network: Lines | None,
        clock: Clock,
        audio: Audio = MICROPHONE,
        language: str = "en",
    ) -> None:
        self.era = era
        self.screen = Screen(era)
        self.network = network
        """None: there is none."""
        self.codes: list[int | None] = []
        """With which the server closed sockets."""
        self.unsent = 0
        """Packets that came while there was no socket: the app forgets them."""
        self.opened = 0
        self._user = user
        self._rest = rest
        self._tokens = tokens
        self._clock = clock
        self.audio = audio
        self._language = language
        self._line: Line | None = None
        self._network_back = anyio.Event()
        self._changed = anyio.Event()
        self._is_on = False
        self._wants_another = False

    @property
    def is_connected(self) -> bool:
        return self._line is not None

    @asynccontextmanager
    async def attached(self) -> AsyncIterator["Phone"]:
        """With a device that streams; detached at the end, when the app closes its socket."""
        async with anyio.create_task_group() as tasks:
            self._is_on = True
            tasks.start_soon(self._stay_connected, tasks)
            try:
                yield self
            finally:
                self._is_on = False
                with anyio.CancelScope(shield=True):
                    await self._hang_up(1000)
                tasks.cancel_scope.cancel()

    async def hear(self, packet: bytes) -> bool:
        """A packet came from the device. Tells whether it was sent: without a socket it is lost."""
        if self._line is None:
            self.unsent += 1
            return False
        try:
            await self._line.send(packet)
        except Closed:
            self.unsent += 1
            return False
        return True

    async def lose_network(self) -> None:
        """The socket is gone, and no other can be had."""
        self.network = None
        self._network_back = anyio.Event()
        await self._hang_up(CUT)

    def regain_network(self, network: Lines) -> None:
        """The app is told of it, and connects."""
        self.network = network
        self._network_back.set()

    async def change_audio(self, audio: Audio) -> None:
        """Another device: the socket is closed, and another one opened at once."""
        self.audio = audio
        await self._anew()

    async def assign(self, speaker: int, *, person: str, name: str, segments: list[str]) -> None:
        """The user says whose voice one is."""
        await self._say(
            {"type": "speaker_assigned", "speaker_id": speaker, "person_id": person, "person_name": name}
            | {"segment_ids": segments}
        )

    async def photograph(self, name: str, picture: bytes) -> None:
        """A camera took a picture."""
        text = base64.b64encode(picture).decode()
        pieces = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
        for index, piece in enumerate(pieces):
            await self._say({"type": "image_chunk", "id": name, "index": index, "total": len(pieces), "data": piece})

    async def skip_question(self) -> None:
        """The user does not want to answer what they are asked."""
        await self._say({"type": "skip_question"})

    async def process_now(self) -> dict[str, Any]:
        """The user wants the memory now."""
        answer: dict[str, Any] = await self._rest.ask(self.era.processes)
        return answer

    async def until(self, holds: Callable[[], bool]) -> None:
        """Waits until what came over the socket makes something hold."""
        while not holds():
            self._changed = anyio.Event()
            await self._changed.wait()

    async def _stay_connected(self, tasks: TaskGroup) -> None:
        while self._is_on:
            if await self._connect():
                await self._listen(tasks)
                self.screen.forget()
            if self._wants_another:
                self._wants_another = False
            else:
                await self._wait_for_next_try()

    async def _wait_for_next_try(self) -> None:
        """A timer looks every 15 seconds; with the network back, the app tries at once, and then ever later."""
        async with anyio.create_task_group() as either:
            either.start_soon(self._sleep, RETRY_SECONDS, either.cancel_scope)
            await self._network_back.wait()
            either.cancel_scope.cancel()
        if self._network_back.is_set():
            self._network_back = anyio.Event()
            await self._clock.sleep(1)

    async def _sleep(self, seconds: float, then: anyio.CancelScope) -> None:
        await self._clock.sleep(seconds)
        then.cancel()

    async def _connect(self) -> bool:
        for attempt in range(self.era.tries):
            if self.network is None:
                return False
            try:
                self._line = await self.network.open(self.era.path, self._query(), self._headers())
            except Refused as refused:
                if refused.status == 401:
                    await self._tokens.refresh()
                await self._clock.sleep(int(1.5**attempt))
            except Closed:
                await self._clock.sleep(int(1.5**attempt))
            else:
                self.opened += 1
                self._tell()
                return True
        return False

    async def _listen(self, tasks: TaskGroup) -> None:
        line = self._line
        assert line is not None
        if self.era.awaits_ready:
            await self._say({"type": "client_state", "foreground": True, "transcript_visible": True})
        try:
            while self._line is line:
                await self._take(await line.receive(), tasks)
        except Closed as closed:
            if self._line is line:
                self._line = None
                self.codes.append(closed.code)
            self._tell()

    async def _take(self, text: str, tasks: TaskGroup) -> None:
        if text == "ping" and self.era.answers_ping:
            await self.hear(KEEP_ALIVE)
        event = self.screen.read(text)
        self._tell()
        if event is None:
            return
        if event["type"] == "new_processing_memory_created":
            tasks.start_soon(self._tell_place, event["processing_memory_id"])
        if event["type"] == self.era.created and self.era.starts_anew:
            await self._anew()

    async def _tell_place(self, memory: str) -> None:
        """What is over by then is 404, which the app passes over."""
        body = {"geolocation": PLACE, "emotional_feedback": False}
        await self._rest.ask(
            "PATCH /v1/processing-memories/{memory_id}", memory_id=memory, body=body, status_expected=(200, 404)
        )

    async def _anew(self) -> None:
        """The old one is closed just before the new one is opened: the server has both for a while."""
        self._wants_another = True
        await self._hang_up(1000)

    async def _hang_up(self, code: int) -> None:
        if self._line is not None:
            line, self._line = self._line, None
            await line.close(code)

    async def _say(self, message: dict[str, Any]) -> None:
        if self._line is not None:
            await self._line.send(json.dumps(message))

    def _query(self) -> dict[str, Any]:
        audio = {"language": self._language, "sample_rate": self.audio.sample_rate, "codec": self.audio.codec}
        return {**audio, "uid": self._user, **self.era.parameters}

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens.current}"} if self.era.sends_token else {}

    def _tell(self) -> None:
        self._changed.set()


__all__ = ["Audio", "Phone", "SignedOut"]
