"""A recording, heard by the best recognizer of recordings that takes it; what was heard once is not paid for twice."""

from collections.abc import Sequence

from msgspec import Struct, structs

from application.jobs.run_jobs import JobRun
from application.recordings.recorded_sound import PART, RecordedSound, sound_parts
from domain.audio import AudioFrame, samples
from domain.doubtful_speech import Doubt
from domain.transcript import Word
from ports.batch_speech_to_text import BatchSpeechToText
from ports.errors import Rejected
from ports.speech_to_text import TranscriptionRequest

AROUND = samples(1.0)
"""Heard along on both sides of a stretch: a recognizer needs to hear how a word begins."""

Words = tuple[Word, ...]


class HeardAgain(Struct, frozen=True, kw_only=True):
    """What a recognizer made of it."""

    recognizer: str
    words: Words


class HeardDoubts(Struct, frozen=True, kw_only=True):
    """What a recognizer made of single stretches."""

    recognizer: str
    words: tuple[tuple[Doubt, Words], ...]


class HearRecording:
    """Asks recognizers of recordings in order of preference. One that refuses leaves it to the next.

    One that cannot be reached now does not: nobody waits for this, and the better recognizer is worth the wait.
    """

    def __init__(self, recognizers: Sequence[BatchSpeechToText]) -> None:
        self._recognizers = tuple(recognizers)

    def first_for(self, language: str) -> str:
        """Name of the recognizer that is asked first for a language; empty where nobody knows it."""
        return next((one.name for one in self._recognizers if one.supports(language)), "")

    async def doubts(
        self, run: JobRun, sound: RecordedSound, doubts: Sequence[Doubt], *, request: TranscriptionRequest
    ) -> HeardDoubts:
        """Words of single stretches: short requests, one after the other.

        Raises:
            TemporarilyUnavailable: a recognizer or the recording cannot be had now; what was heard is remembered.
            Rejected: no recognizer takes it.
        """
        refusal = _nobody(request)
        for recognizer in self._supporting(request):
            try:
                found = [(doubt, await self._doubt(run, sound, doubt, recognizer, request)) for doubt in doubts]
            except Rejected as error:
                refusal = error
                continue
            return HeardDoubts(recognizer=recognizer.name, words=tuple(found))
        raise refusal

    async def whole(self, run: JobRun, sound: RecordedSound, *, request: TranscriptionRequest) -> HeardAgain:
        """Words of all of it, in order. Voices of two parts have nothing to do with each other.

        Raises:
            TemporarilyUnavailable: a recognizer or the recording cannot be had now; what was heard is remembered.
            Rejected: no recognizer takes it.
        """
        refusal = _nobody(request)
        for recognizer in self._supporting(request):
            words: list[Word] = []
            try:
                async for part in sound_parts(sound):
                    words += await _heard(run, f"whole:{part.start}", part, recognizer, request)
            except Rejected as error:
                refusal = error
                continue
            return HeardAgain(recognizer=recognizer.name, words=tuple(words))
        raise refusal

    async def _doubt(
        self,
        run: JobRun,
        sound: RecordedSound,
        doubt: Doubt,
        recognizer: BatchSpeechToText,
        request: TranscriptionRequest,
    ) -> Words:
        found: list[Word] = []
        for start in range(doubt.start, doubt.end, PART):
            end = min(start + PART, doubt.end)
            frame = await sound.read(max(0, start - AROUND), min(sound.end, end + AROUND))
            if frame is not None:
                heard = await _heard(run, f"doubt:{start}-{end}", frame, recognizer, request)
                found += [word for word in heard if start <= (word.start + word.end) // 2 < end]
        return tuple(found)

    def _supporting(self, request: TranscriptionRequest) -> list[BatchSpeechToText]:
        return [one for one in self._recognizers if one.supports(request.language)]


async def _heard(
    run: JobRun, name: str, frame: AudioFrame, recognizer: BatchSpeechToText, request: TranscriptionRequest
) -> Words:
    async def hear() -> HeardAgain:
        words = await recognizer.transcribe(frame, request)
        spoken = (structs.replace(word, text=" ".join(word.text.split())) for word in words if word.text.strip())
        return HeardAgain(recognizer=recognizer.name, words=tuple(spoken))

    return (await run.step(f"{recognizer.name}:{name}", hear, returns=HeardAgain)).words


def _nobody(request: TranscriptionRequest) -> Rejected:
    return Rejected(f"no recognizer of recordings understands {request.language!r}")
