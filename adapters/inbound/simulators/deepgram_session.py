"""One live session of the simulated Deepgram."""

import anyio
import msgspec
from msgspec import Struct

from adapters.inbound.simulators import deepgram_messages as messages
from adapters.inbound.simulators.faults import FaultKind, Moment
from adapters.inbound.simulators.hearing import Hearing
from adapters.inbound.simulators.server import SimulatedConnection
from domain.audio import SAMPLE_RATE, samples, seconds
from domain.watermark import HeardWord

_DEFAULT_ENDPOINTING = 10
"""Milliseconds."""
_LONGEST_RESULT = 3 * SAMPLE_RATE
"""Who speaks without a pause gets final words this often."""
_LONGEST_SILENCE = SAMPLE_RATE
"""Silence is accounted for, with a final result without words, this often."""
_BEYOND = 10.0
"""Seconds by which stamps are wrong where a script demands it."""


class Leg(Struct, kw_only=True):
    """What one session received and said."""

    number: int
    """Of the connection, counted from 1."""
    options: dict[str, str]
    """The query of the request."""
    samples: int = 0
    """Of audio."""
    messages: list[str] = []
    """Types of the text messages, in order."""
    audio_messages: list[int] = []
    """Their lengths in bytes."""
    finalized: list[HeardWord] = []
    """Words that were reported as final, on the clock of this leg."""


class _Control(Struct, frozen=True):
    type: str = ""


class DeepgramSession:
    """Listens, and speaks as Deepgram does."""

    def __init__(self, connection: SimulatedConnection, leg: Leg, *, hearing: Hearing, idle_seconds: float) -> None:
        self._connection = connection
        self._leg = leg
        self._idle_seconds = idle_seconds
        self._hearing = hearing
        self._request_id = messages.new_request_id()
        self._reported_to = 0
        """Position up to which final results were given."""
        self._held_back: messages.Results | None = None
        self._diarize = leg.options.get("diarize") == "true"
        self._interim = leg.options.get("interim_results") == "true"
        self._endpointing = samples(float(leg.options.get("endpointing", _DEFAULT_ENDPOINTING)) / 1000)

    async def run(self) -> None:
        """Leads the session to its end. Raises ConnectionClosed when it ends early."""
        await self._reach(Moment.AUDIO)
        while (message := await self._next()) is not None:
            if isinstance(message, str):
                if await self._obey(message):
                    return None
            elif message:
                await self._hear(message)
            else:
                return await self._finish()
        await self._connection.close(1011, "NET-0001")
        return None

    async def _next(self) -> str | bytes | None:
        """What comes next; None when nothing came for too long. Without audio before it, a keep-alive is nothing."""
        with anyio.move_on_after(self._idle_seconds):
            while True:
                message = await self._connection.recv()
                if not isinstance(message, str) or self._leg.samples or "KeepAlive" not in message:
                    return message
                self._leg.messages.append("KeepAlive")
        return None

    async def _obey(self, text: str) -> bool:
        """Does what a text message asks; says whether the session is over."""
        try:
            kind = msgspec.json.decode(text, type=_Control).type
        except msgspec.DecodeError:
            kind = ""
        self._leg.messages.append(kind)
        match kind:
            case "KeepAlive":
                await self._reach(Moment.SILENCE)
            case "Finalize":
                await self._hearing.settle()
                await self._report(speech_final=True, from_finalize=True)
            case "CloseStream":
                await self._finish()
                return True
            case _:
                error = messages.Error(variant="SchemaError", description="Could not deserialize text", message=text)
                await self._say(error)
        return False

    async def _hear(self, pcm: bytes) -> None:
        self._leg.audio_messages.append(len(pcm))
        for ended in self._hearing.steps(pcm):
            self._leg.samples = self._hearing.position
            await self._reach(Moment.AUDIO)
            if ended and self._interim:
                await self._guess()
            if self._due():
                await self._report(speech_final=self._hearing.quiet >= self._endpointing)

    def _due(self) -> bool:
        """Whether a final result is to be given now."""
        waiting, length = self._hearing.waiting, self._hearing.position - self._reported_to
        if not waiting:
            return not self._hearing.speaking and length >= _LONGEST_SILENCE
        return self._hearing.quiet >= self._endpointing or length >= _LONGEST_RESULT

    async def _guess(self) -> None:
        await self._say(self._results(self._hearing.waiting, self._hearing.position, is_final=False))

    async def _report(self, *, speech_final: bool, from_finalize: bool = False) -> None:
        words, through = self._hearing.take()
        results = self._results(words, through, is_final=True)
        results = msgspec.structs.replace(results, speech_final=speech_final, from_finalize=from_finalize)
        self._reported_to = through
        if FaultKind.NO_FINALS in self._connection.faults:
            return
        self._leg.finalized += words
        for said in self._disordered(results):
            await self._say(said)

    def _disordered(self, results: messages.Results) -> tuple[messages.Results, ...]:
        """A final result, doubled or swapped with its neighbor where the script says so."""
        if FaultKind.DUPLICATE_FINALS in self._connection.faults:
            return results, results
        if FaultKind.SWAPPED_FINALS not in self._connection.faults:
            return (results,)
        held, self._held_back = self._held_back, None
        if held is None:
            self._held_back = results
            return ()
        return results, held

    async def _finish(self) -> None:
        """Says what is left and ends the session."""
        await self._reach(Moment.CLOSING)
        await self._hearing.settle()
        self._hearing.flush()
        await self._report(speech_final=True)
        if self._held_back is not None:
            await self._say(self._held_back)
        await self._say(messages.summary(self._request_id, self._leg.samples))
        if FaultKind.SILENT in self._connection.faults:
            await self._connection.wait_closed()
        await self._connection.close(1000)

    def _results(self, words: tuple[HeardWord, ...], through: int, *, is_final: bool) -> messages.Results:
        later = _BEYOND if FaultKind.STAMPS_BEYOND in self._connection.faults else 0.0
        return messages.Results(
            start=seconds(self._reported_to) + later,
            duration=seconds(through - self._reported_to),
            is_final=is_final,
            speech_final=False,
            channel=messages.channel_of(words, diarize=self._diarize, later=later),
            metadata=messages.ResultsMetadata(self._request_id),
        )

    async def _reach(self, moment: Moment) -> None:
        for fault in await self._connection.reach(moment, audio_seconds=seconds(self._leg.samples)):
            if fault.kind is FaultKind.ERROR_MESSAGE:
                await self._say(messages.Error(variant="InternalError", description=fault.reason))
                await self._connection.close(fault.code, fault.reason)

    async def _say(self, message: Struct) -> None:
        if FaultKind.SILENT not in self._connection.faults:
            await self._connection.send(msgspec.json.encode(message).decode())
