"""Speechmatics, simulated: live recognition of watermarked speech.

There are no keep-alive messages: faults of the moment `silence` begin when the client first tells of a pause.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.http11 import Request

from adapters.inbound.simulators.faults import Fault, FaultScript
from adapters.inbound.simulators.hearing import Listening, listening_for_watermarks
from adapters.inbound.simulators.http_upload import HttpAnswer, HttpRequest, split_target
from adapters.inbound.simulators.server import Listener, SimulatedConnection, listening
from adapters.inbound.simulators.speechmatics_session import Leg, SpeechmaticsSession

_PATH = "/v2"
_IDLE_SECONDS = 3600.0
"""After which Speechmatics ends a session without audio."""


class SimulatedSpeechmatics:
    """A running simulation, and what it received."""

    def __init__(self, *, key: str, idle_seconds: float, listening: Listening) -> None:
        self.legs: list[Leg] = []
        """One for each session, in the order of opening."""
        self.listener: Listener
        self._key = key
        self._idle_seconds = idle_seconds
        self._listening = listening

    @property
    def url(self) -> str:
        """WebSocket address."""
        return f"ws://{self.listener.host}:{self.listener.port}{_PATH}"

    async def hang_up(self) -> None:
        """Breaks all connections that are open."""
        await self.listener.hang_up()

    def refuse(self, request: Request, fault: Fault | None) -> HttpAnswer | None:
        """Checks path and key, as Speechmatics does before it agrees to an upgrade."""
        path, _ = split_target(request.path)
        if fault is not None:
            return _refused(fault.status, "scripted")
        if path != _PATH and not path.startswith(f"{_PATH}/"):
            return _refused(404, f"only {_PATH} is simulated")
        if request.headers.get("authorization", "") != f"Bearer {self._key}":
            return _refused(401, "not authorised")
        return None

    async def converse(self, connection: SimulatedConnection) -> None:
        """Leads a session."""
        leg = Leg(number=connection.number)
        self.legs.append(leg)
        async with self._listening() as hearing:
            await SpeechmaticsSession(connection, leg, hearing=hearing, idle_seconds=self._idle_seconds).run()

    def answer(self, request: HttpRequest, fault: Fault | None) -> HttpAnswer:
        """Refuses recordings: they are not simulated."""
        status = 404 if fault is None else fault.status
        return _refused(status, f"{request.path} is not simulated")


@asynccontextmanager
async def serve_speechmatics(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    script: FaultScript | None = None,
    key: str = "simulated",
    idle_seconds: float = _IDLE_SECONDS,
    hearing: Listening = listening_for_watermarks,
) -> AsyncIterator[SimulatedSpeechmatics]:
    """Runs a simulation until the context is left; port 0 takes a free one.

    The script's own `idle_seconds` is not used: its default would end sessions that Speechmatics bears for an hour.

    Raises:
        OSError: the address is taken or is none.
    """
    simulation = SimulatedSpeechmatics(key=key, idle_seconds=idle_seconds, listening=hearing)
    async with listening(simulation, host=host, port=port, script=script or FaultScript()) as listener:
        simulation.listener = listener
        yield simulation


def _refused(status: int, detail: str) -> HttpAnswer:
    return HttpAnswer(status=status, content={"code": status, "detail": detail})
