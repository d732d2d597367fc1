"""One session of the simulated Soniox."""

from collections.abc import Sequence

import anyio
import msgspec
from msgspec import Struct

from adapters.inbound.simulators import soniox_messages as messages
from adapters.inbound.simulators.faults import Fault, FaultKind, Moment
from adapters.inbound.simulators.hearing import Hearing
from adapters.inbound.simulators.server import SimulatedConnection
from adapters.inbound.simulators.soniox_messages import Token
from domain.audio import SAMPLE_RATE, samples, seconds
from domain.watermark import HeardWord

_PAUSE_ENDS_UTTERANCE = samples(0.4)
"""Silence behind which somebody has finished speaking, where this is to be detected."""
_LONGEST_GUESS = 3 * SAMPLE_RATE
"""Who speaks without a pause gets final words this often."""
_LONGEST_SILENCE = SAMPLE_RATE
"""That silence was listened to is said this often."""
_BEYOND = 10_000
"""Milliseconds by which stamps are wrong where a script demands it."""


class SonioxConfig(Struct, frozen=True, kw_only=True):
    """What a session is started with: the first message."""

    model: str
    api_key: str = ""
    """The old place for the key. Not together with the new one, the handshake."""
    audio_format: str = "auto"
    sample_rate: int | None = None
    num_channels: int | None = None
    language_hints: list[str] = []
    context: dict[str, object] = {}
    enable_speaker_diarization: bool = False
    enable_endpoint_detection: bool = False
    max_endpoint_delay_ms: int | None = None


class SonioxLeg(Struct, kw_only=True):
    """What one session received and said."""

    number: int
    """Of the connection, counted from 1."""
    config: SonioxConfig
    samples: int = 0
    """Of audio."""
    messages: list[str] = []
    """Types of the text messages, in order; `` for the end."""
    audio_messages: list[int] = []
    """Their lengths in bytes."""
    finalized: list[HeardWord] = []
    """Words that were reported as final, on the clock of this leg."""


class SonioxEnded(Exception):
    """The session is over: with an error that is to be reported, or without one."""

    def __init__(self, error: messages.Error | None = None) -> None:
        super().__init__()
        self.error = error


class _Control(Struct, frozen=True):
    type: str = ""


class SonioxSession:
    """Listens, and speaks as Soniox does.

    Final pieces come in two messages, the second of which holds the last piece only: as with the vendor, a word may
    be final in part. `final_audio_proc_ms` ends with the last final piece and does not reach over a pause that is
    finalized: of all the documentation allows, the hardest for a client.
    """

    def __init__(
        self,
        connection: SimulatedConnection,
        leg: SonioxLeg,
        *,
        hearing: Hearing,
        idle_seconds: float,
        longest_seconds: float,
    ) -> None:
        self._connection = connection
        self._leg = leg
        self._idle_seconds = idle_seconds
        self._longest_seconds = longest_seconds
        self._hearing = hearing
        self._final_to = 0
        """Milliseconds that are final."""
        self._reported_to = 0
        """Position up to which words were given or silence was told."""
        self._withheld: tuple[HeardWord, ...] = ()
        """Words that a fault keeps from becoming final: they are guessed for ever."""

    async def run(self) -> None:
        """Leads the session to its end.

        Raises:
            SonioxEnded: it is over.
            ConnectionClosed: the connection is.
        """
        await self._reach(Moment.AUDIO)
        while True:
            message = await self._next()
            if not message:
                await self._finish()
            elif isinstance(message, str):
                await self._obey(message)
            else:
                await self._hear(message)

    async def _next(self) -> str | bytes:
        """What comes next. Without audio before it, a keep-alive is nothing."""
        with anyio.move_on_after(self._idle_seconds):
            while True:
                message = await self._connection.recv()
                if not isinstance(message, str) or self._leg.samples or "keepalive" not in message:
                    return message
                self._leg.messages.append("keepalive")
        late = "Audio data decode timeout" if self._leg.samples else "Timed out while waiting for the first audio chunk"
        raise SonioxEnded(messages.error(408, late))

    async def _obey(self, text: str) -> None:
        try:
            kind = msgspec.json.decode(text, type=_Control).type
        except msgspec.DecodeError:
            raise SonioxEnded(messages.error(400, "Control request is malformed.")) from None
        self._leg.messages.append(kind)
        match kind:
            case "keepalive":
                await self._reach(Moment.SILENCE)
            case "finalize":
                await self._hearing.settle()
                self._hearing.flush()
                await self._report(messages.FIN)
            case _:
                raise SonioxEnded(messages.error(400, "Control request invalid type."))

    async def _hear(self, pcm: bytes) -> None:
        self._leg.audio_messages.append(len(pcm))
        for ended in self._hearing.steps(pcm):
            self._leg.samples = self._hearing.position
            await self._reach(Moment.AUDIO)
            if seconds(self._leg.samples) > self._longest_seconds:
                raise SonioxEnded(messages.error(400, "Audio is too long.", kind="max_duration_reached"))
            await self._listen(ended)

    async def _listen(self, ended: tuple[HeardWord, ...]) -> None:
        """Says what is due after a step."""
        length = self._hearing.position - self._reported_to
        if not self._hearing.waiting:
            if not self._hearing.speaking and length >= _LONGEST_SILENCE:
                await self._pass_silence()
        elif self._leg.config.enable_endpoint_detection and self._hearing.quiet >= _PAUSE_ENDS_UTTERANCE:
            await self._report(messages.END)
        elif length >= _LONGEST_GUESS:
            await self._report()
        elif ended:
            await self._say(guessed=self._pieces(self._withheld + self._hearing.waiting))

    async def _pass_silence(self) -> None:
        self._reported_to = self._hearing.understood
        if FaultKind.NO_FINALS not in self._connection.faults:
            self._final_to = messages.milliseconds(self._reported_to)
        await self._say(guessed=self._pieces(self._withheld))

    async def _report(self, *markers: Token) -> None:
        """Makes final what was heard."""
        words, self._reported_to = self._hearing.take()
        if FaultKind.NO_FINALS in self._connection.faults:
            self._withheld += words
            await self._say(guessed=self._pieces(self._withheld))
            return
        self._leg.finalized += words
        pieces = self._pieces(words)
        if pieces:
            await self._say(final=pieces[:-1], guessed=pieces[-1:])
        await self._say(final=(*pieces[-1:], *markers))

    async def _finish(self) -> None:
        """Says what is left and ends the session."""
        self._leg.messages.append("")
        if not self._leg.samples:
            raise SonioxEnded(messages.error(400, "No audio received."))
        await self._reach(Moment.CLOSING)
        await self._hearing.settle()
        self._hearing.flush()
        await self._report()
        await self._say(finished=True)
        if FaultKind.SILENT in self._connection.faults:
            await self._connection.wait_closed()
        raise SonioxEnded

    def _pieces(self, words: tuple[HeardWord, ...]) -> tuple[Token, ...]:
        later = _BEYOND if FaultKind.STAMPS_BEYOND in self._connection.faults else 0
        diarize = self._leg.config.enable_speaker_diarization
        return tuple(piece for word in words for piece in messages.pieces(word, diarize=diarize, later=later))

    async def _reach(self, moment: Moment) -> None:
        for fault in await self._connection.reach(moment, audio_seconds=seconds(self._leg.samples)):
            if fault.kind is FaultKind.ERROR_MESSAGE:
                raise SonioxEnded(_scripted(fault))

    async def _say(self, *, final: Sequence[Token] = (), guessed: Sequence[Token] = (), finished: bool = False) -> None:
        if FaultKind.SILENT in self._connection.faults:
            return
        ends = [token.end_ms for token in final if isinstance(token.end_ms, int)]
        self._final_to = max([self._final_to, *ends])
        response = messages.Response(
            tokens=messages.final(final) + tuple(guessed),
            final_audio_proc_ms=self._final_to,
            total_audio_proc_ms=messages.milliseconds(self._hearing.position),
            finished=finished,
        )
        again = bool(final) and FaultKind.DUPLICATE_FINALS in self._connection.faults
        for _ in range(2 if again else 1):
            await self._connection.send(msgspec.json.encode(response).decode())


def _scripted(fault: Fault) -> messages.Error:
    return messages.error(fault.status, fault.reason)
