"""One live session of the simulated Speechmatics.

Final words come `max_delay` behind a word, or at the end of an utterance, with a full stop then. Silence is accounted
for as long as audio flows, in steps, and never up to its end: as in recorded sessions. A pause the client tells of is
answered with final words and an end of utterance, but only where something was said since the last such answer.
"""

import anyio
import msgspec
from msgspec import Struct

from adapters.inbound.simulators import speechmatics_messages as messages
from adapters.inbound.simulators.faults import Fault, FaultKind, Moment
from adapters.inbound.simulators.hearing import Hearing
from adapters.inbound.simulators.server import SimulatedConnection
from adapters.inbound.simulators.speechmatics_requests import Command, StartRecognition, TranscriptionConfig
from domain.audio import samples, seconds
from domain.watermark import HeardWord

_SILENCE_STEP = samples(0.36)
_LAG = samples(0.28)
"""By which reports of silence are behind."""
_BEYOND = 10.0
"""Seconds by which stamps are wrong where a script demands it."""
_CODES = {
    "not_authorised": 4001,
    "not_allowed": 4003,
    "invalid_model": 4004,
    "quota_exceeded": 4005,
    "timelimit_exceeded": 4006,
    "job_error": 4013,
    "idle_timeout": 1008,
    "session_timeout": 1008,
    "invalid_message": 1003,
    "invalid_language": 1003,
    "invalid_config": 1003,
    "invalid_audio_type": 1003,
    "invalid_output_format": 1003,
    "protocol_error": 1003,
    "unknown_error": 1011,
}
"""Types of errors, and the code that the session is closed with behind them."""


class Leg(Struct, kw_only=True):
    """What one session received and said."""

    number: int
    """Of the connection, counted from 1."""
    config: TranscriptionConfig | None = None
    samples: int = 0
    """Of audio."""
    messages: list[str] = []
    """Names of the text messages, in order."""
    audio_messages: list[int] = []
    """Their lengths in bytes."""
    finalized: list[HeardWord] = []
    """Words that were reported as final, on the clock of this leg."""


class SpeechmaticsSession:
    """Listens, and speaks as Speechmatics does."""

    def __init__(self, connection: SimulatedConnection, leg: Leg, *, hearing: Hearing, idle_seconds: float) -> None:
        self._connection = connection
        self._leg = leg
        self._idle_seconds = idle_seconds
        self._hearing = hearing
        self._config = TranscriptionConfig(language="")
        self._last: HeardWord | None = None
        """The last word of an utterance that has not ended; None when none is under way."""
        self._spoken = False
        """Whether anything was said since a pause was answered."""
        self._reported_to = 0
        """Position up to which final results were given."""
        self._held_back: messages.AddTranscript | None = None
        self._tells_speakers = False
        """At the end."""

    async def run(self) -> None:
        """Leads the session to its end. Raises ConnectionClosed when it ends early."""
        first = await self._connection.recv()
        await self._reach(Moment.AUDIO)
        if not await self._start(first):
            return
        while (message := await self._next()) is not None:
            if isinstance(message, bytes):
                await self._hear(message)
            elif await self._obey(message):
                return
        await self._fail("idle_timeout", "no audio for too long")

    async def _start(self, message: str | bytes) -> bool:
        """Takes the configuration; says whether the session has begun."""
        try:
            start = msgspec.json.decode(message, type=StartRecognition)
        except msgspec.DecodeError as error:
            await self._fail(_mistake(str(error)), str(error))
            return False
        self._leg.messages.append("StartRecognition")
        self._leg.config = self._config = start.transcription_config
        for answer in messages.started():
            await self._say(answer)
        return True

    async def _next(self) -> str | bytes | None:
        """What comes next; None when nothing came for too long."""
        with anyio.move_on_after(self._idle_seconds):
            return await self._connection.recv()
        return None

    async def _obey(self, text: str) -> bool:
        """Does what a text message asks; says whether the session is over."""
        try:
            command = msgspec.json.decode(text, type=Command)
        except msgspec.DecodeError:
            command = Command()
        self._leg.messages.append(command.message)
        match command.message:
            case "ForceEndOfUtterance":
                await self._reach(Moment.SILENCE)
                await self._hearing.settle()
                await self._answer_pause()
                return False
            case "GetSpeakers":
                await self._tell_speakers(at_end=command.final)
                return False
            case "EndOfStream" if command.last_seq_no == len(self._leg.audio_messages):
                await self._finish()
            case "EndOfStream":
                heard = len(self._leg.audio_messages)
                await self._fail("protocol_error", f"last_seq_no is {command.last_seq_no}, {heard} messages came")
            case _:
                await self._fail("invalid_message", "not understood")
        return True

    async def _tell_speakers(self, *, at_end: bool) -> None:
        """Tells identifiers of the voices: of those heard so far at once, of all when nothing more comes."""
        if at_end:
            self._tells_speakers = True
        else:
            await self._say(messages.SpeakersResult(speakers=self._voice.speakers(self._leg.finalized)))

    async def _hear(self, pcm: bytes) -> None:
        self._leg.audio_messages.append(len(pcm))
        await self._say(messages.AudioAdded(seq_no=len(self._leg.audio_messages)))
        for ended in self._hearing.steps(pcm):
            self._leg.samples = self._hearing.position
            await self._reach(Moment.AUDIO)
            if ended:
                self._last, self._spoken = ended[-1], True
                await self._guess()
            await self._report_what_is_due()

    async def _report_what_is_due(self) -> None:
        hearing, trigger = self._hearing, samples(self._config.conversation_config.end_of_utterance_silence_trigger)
        if self._last is not None and trigger and hearing.quiet >= trigger:
            await self._end_utterance(forced=False)
        elif hearing.waiting and hearing.position - hearing.waiting[0].end >= samples(self._config.max_delay):
            words, _ = hearing.take()
            await self._report(words, words[-1].end)
        elif not hearing.waiting and not hearing.speaking and self._last is None:
            front = min(hearing.position - _LAG, hearing.understood)
            if front - self._reported_to >= _SILENCE_STEP:
                await self._report((), front)

    async def _answer_pause(self) -> None:
        """Ends the utterance where the client heard a pause, if anything was said."""
        if self._spoken:
            self._spoken = False
            await self._end_utterance(forced=True)

    async def _end_utterance(self, *, forced: bool) -> None:
        words, through = self._hearing.take()
        mark, self._last = self._last, None
        await self._report(words, through, mark_at=mark, forced=forced)
        if FaultKind.NO_FINALS not in self._connection.faults:
            end = seconds(through) + self._voice.later
            await self._say(messages.EndOfUtterance(metadata=messages.Moment(end, end), forced=forced))

    async def _guess(self) -> None:
        if self._config.enable_partials:
            results = self._voice.results(self._hearing.waiting)
            metadata = self._voice.metadata(self._reported_to, self._hearing.position, results)
            await self._say(messages.AddPartialTranscript(metadata=metadata, results=results))

    async def _report(
        self, words: tuple[HeardWord, ...], through: int, *, mark_at: HeardWord | None = None, forced: bool = False
    ) -> None:
        results = self._voice.results(words, mark_at=mark_at)
        metadata = self._voice.metadata(self._reported_to, through, results)
        self._reported_to = max(self._reported_to, through)
        if FaultKind.NO_FINALS in self._connection.faults:
            return
        self._leg.finalized += words
        for said in self._disordered(messages.AddTranscript(metadata=metadata, results=results, forced=forced)):
            await self._say(said)

    def _disordered(self, final: messages.AddTranscript) -> tuple[messages.AddTranscript, ...]:
        """A final result, doubled or swapped with its neighbor where the script says so."""
        if FaultKind.DUPLICATE_FINALS in self._connection.faults:
            return final, final
        if FaultKind.SWAPPED_FINALS not in self._connection.faults:
            return (final,)
        held, self._held_back = self._held_back, None
        if held is None:
            self._held_back = final
            return ()
        return final, held

    async def _finish(self) -> None:
        """Says what is left and ends the session."""
        await self._reach(Moment.CLOSING)
        await self._hearing.settle()
        if ended := self._hearing.flush():
            self._last = ended[-1]
        if self._hearing.waiting or self._last is not None:
            words, through = self._hearing.take()
            await self._report(words, through, mark_at=self._last)
        if self._held_back is not None:
            await self._say(self._held_back)
        if self._tells_speakers or self._config.speaker_diarization_config.get_speakers:
            await self._say(messages.SpeakersResult(speakers=self._voice.speakers(self._leg.finalized)))
        await self._say(messages.EndOfTranscript())
        if FaultKind.SILENT in self._connection.faults:
            await self._connection.wait_closed()
        await self._connection.close(1000)

    @property
    def _voice(self) -> messages.Voice:
        later = _BEYOND if FaultKind.STAMPS_BEYOND in self._connection.faults else 0.0
        diarize = self._config.diarization == "speaker"
        known = self._config.speaker_diarization_config.speakers
        return messages.Voice(language=self._config.language, diarize=diarize, later=later, known=known)

    async def _reach(self, moment: Moment) -> None:
        for fault in await self._connection.reach(moment, audio_seconds=seconds(self._leg.samples)):
            if fault.kind is FaultKind.ERROR_MESSAGE:
                await self._fail_as(fault)

    async def _fail_as(self, fault: Fault) -> None:
        """Reports the error a script asks for: its reason is a type of Speechmatics', or tells the unknown one."""
        kind = fault.reason if fault.reason in _CODES else "unknown_error"
        await self._say(messages.Error(type=kind, reason=fault.reason))
        await self._connection.close(_CODES[kind] if kind == fault.reason else fault.code, fault.reason)

    async def _fail(self, kind: str, reason: str) -> None:
        await self._say(messages.Error(type=kind, reason=reason))
        await self._connection.close(_CODES[kind], kind)

    async def _say(self, message: Struct) -> None:
        if FaultKind.SILENT not in self._connection.faults:
            await self._connection.send(msgspec.json.encode(message).decode())


def _mistake(found: str) -> str:
    """The type of error for a session that does not start as it must."""
    if "audio_format" in found:
        return "invalid_audio_type"
    return "invalid_config" if "transcription_config" in found else "protocol_error"
