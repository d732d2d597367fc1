"""Soniox, simulated: live recognition of watermarked speech."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import msgspec
from websockets.http11 import Request

from adapters.inbound.simulators import soniox_messages as messages
from adapters.inbound.simulators.faults import Fault, FaultScript
from adapters.inbound.simulators.hearing import Listening, listening_for_watermarks
from adapters.inbound.simulators.http_upload import HttpAnswer, HttpRequest, split_target
from adapters.inbound.simulators.server import Listener, SimulatedConnection, listening
from adapters.inbound.simulators.soniox_session import SonioxConfig, SonioxEnded, SonioxLeg, SonioxSession
from domain.audio import SAMPLE_RATE

_PATH = "/transcribe-websocket"
_LONGEST_SECONDS = 300 * 60.0
"""Of audio in one session."""
_MOST_SESSIONS = 10
"""At once."""
_IDLE_SECONDS = 20.0
"""Without anything from the client, after which Soniox hangs up."""


class SimulatedSoniox:
    """A running simulation, and what it received."""

    def __init__(
        self, *, key: str, idle_seconds: float, longest_seconds: float, most_sessions: int, listening: Listening
    ) -> None:
        self.legs: list[SonioxLeg] = []
        """One for each session that began, in the order of opening."""
        self.listener: Listener
        self._key = key
        self._idle_seconds = idle_seconds
        self._longest_seconds = longest_seconds
        self._most_sessions = most_sessions
        self._listening = listening
        self._sessions = 0

    @property
    def url(self) -> str:
        """WebSocket address."""
        return f"ws://{self.listener.host}:{self.listener.port}{_PATH}"

    async def hang_up(self) -> None:
        """Breaks all connections that are open."""
        await self.listener.hang_up()

    def refuse(self, request: Request, fault: Fault | None) -> HttpAnswer | None:
        """Checks the path. All else Soniox tells within the session."""
        if fault is not None:
            return _answer(fault.status, fault.reason)
        path, _ = split_target(request.path)
        return None if path == _PATH else _answer(404, f"only {_PATH} is simulated")

    def answer(self, request: HttpRequest, fault: Fault | None) -> HttpAnswer:
        """Refuses: recordings are not simulated."""
        return _answer(404 if fault is None else fault.status, f"{request.path} is not simulated")

    async def converse(self, connection: SimulatedConnection) -> None:
        """Leads a session; what goes wrong in it is told before the connection is closed."""
        self._sessions += 1
        try:
            await self._lead(connection)
        except SonioxEnded as ended:
            if ended.error is not None:
                await connection.send(msgspec.json.encode(ended.error).decode())
            await connection.close()
        finally:
            self._sessions -= 1

    async def _lead(self, connection: SimulatedConnection) -> None:
        config = await self._config(connection)
        self._check(config, connection)
        leg = SonioxLeg(number=connection.number, config=config)
        self.legs.append(leg)
        async with self._listening() as hearing:
            session = SonioxSession(
                connection,
                leg,
                hearing=hearing,
                idle_seconds=self._idle_seconds,
                longest_seconds=self._longest_seconds,
            )
            await session.run()

    async def _config(self, connection: SimulatedConnection) -> SonioxConfig:
        with anyio.move_on_after(self._idle_seconds):
            message = await connection.recv()
            if not isinstance(message, str):
                raise SonioxEnded(messages.error(400, "Start request must be a text message."))
            try:
                return msgspec.json.decode(message, type=SonioxConfig)
            except msgspec.DecodeError:
                raise SonioxEnded(messages.error(400, "Start request is malformed.")) from None
        raise SonioxEnded(messages.error(408, "Start request timeout"))

    def _check(self, config: SonioxConfig, connection: SimulatedConnection) -> None:
        assert connection.request is not None  # noqa: S101 - there is no session without
        keys = [config.api_key, connection.request.headers.get("authorization", "").removeprefix("Bearer ")]
        given = [key for key in keys if key]
        if not given:
            raise SonioxEnded(messages.error(401, "Missing API key."))
        if len(given) > 1:
            raise SonioxEnded(messages.error(400, "The API key was given twice."))
        if given != [self._key]:
            raise SonioxEnded(messages.error(401, "Invalid API key."))
        if self._sessions > self._most_sessions:
            said = "Your project has exceeded max number of concurrent requests."
            raise SonioxEnded(messages.error(429, said, kind="max_concurrent_connections_reached"))
        if (config.audio_format, config.sample_rate, config.num_channels) != ("pcm_s16le", SAMPLE_RATE, 1):
            raise SonioxEnded(messages.error(400, f"only pcm_s16le, {SAMPLE_RATE} Hz, 1 channel is simulated"))


@asynccontextmanager
async def serve_soniox(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    script: FaultScript | None = None,
    key: str = "simulated",
    idle_seconds: float = _IDLE_SECONDS,
    longest_seconds: float = _LONGEST_SECONDS,
    most_sessions: int = _MOST_SESSIONS,
    hearing: Listening = listening_for_watermarks,
) -> AsyncIterator[SimulatedSoniox]:
    """Runs a simulation until the context is left; port 0 takes a free one.

    Of the faults, swapped results are not played: the pieces of Soniox's words come in one order only. The script's own
    `idle_seconds` is not used: its default would end sessions that Soniox bears for longer.

    Raises:
        OSError: the address is taken or is none.
    """
    script = script or FaultScript()
    simulation = SimulatedSoniox(
        key=key,
        idle_seconds=idle_seconds,
        longest_seconds=longest_seconds,
        most_sessions=most_sessions,
        listening=hearing,
    )
    async with listening(simulation, host=host, port=port, script=script) as listener:
        simulation.listener = listener
        yield simulation


def _answer(status: int, message: str) -> HttpAnswer:
    return HttpAnswer(status=status, content=messages.error(status, message))
