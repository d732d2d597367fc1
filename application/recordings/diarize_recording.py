"""Who speaks when in a finished recording: the full pass over it, when it may take its time."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping, Sequence
from itertools import groupby

import anyio.lowlevel
from msgspec import Struct

from domain.audio import SAMPLE_BYTES, AudioFrame, samples
from domain.diarization import HeardWindow, diarized
from domain.embedding import Embedding
from domain.ids import PersonId
from domain.phrases import HeardVoice, parted, phrases_of
from domain.speaker import VoiceCalibration, weight_of
from domain.turns import LocalTurn, SpokenTurn
from domain.windows import WindowCutter
from ports.errors import Rejected
from ports.speaker_encoder import SpeakerEncoder
from ports.speaker_segmenter import SpeakerSegmenter

FAINTEST = samples(0.3)
"""Less speech of a voice than this in a window does not tell whose it is."""


class DiarizationSettings(Struct, frozen=True, kw_only=True):
    """How closely to look."""

    step_seconds: float = 5.0
    """From one window to the next."""
    longest_seconds: float = 3.0
    """Of a phrase, what is encoded: cost grows with length."""


class DiarizeRecording:
    """Tells the voices of a recording apart, and names those that are known.

    Memory grows by some two kilobytes for a voice in a window, 3 MB an hour; audio is kept for one window.
    """

    def __init__(
        self,
        *,
        segmenter: SpeakerSegmenter,
        encoder: SpeakerEncoder,
        calibration: VoiceCalibration,
        settings: DiarizationSettings | None = None,
    ) -> None:
        self._segmenter = segmenter
        self._encoder = encoder
        self._calibration = calibration
        self._settings = settings or DiarizationSettings()

    async def recording(
        self, recording: AudioFrame, *, known: Mapping[PersonId, Embedding] | None = None
    ) -> tuple[SpokenTurn, ...]:
        """As `frames`, for audio that is in memory."""
        return await self.frames(_pieces(recording, self._segmenter.window), known=known)

    async def frames(
        self, frames: AsyncIterable[AudioFrame], *, known: Mapping[PersonId, Embedding] | None = None
    ) -> tuple[SpokenTurn, ...]:
        """The turns of all voices, in order of time.

        Args:
            frames: in order; where they do not touch, nothing was captured.
            known: voices that have names, in the encoder's vector space.

        Raises:
            TemporarilyUnavailable: segmenter or encoder failed.
        """
        cutter = WindowCutter(length=self._segmenter.window, step=samples(self._settings.step_seconds))
        heard = []
        async for frame in frames:
            heard += [await self._heard(window) for window in cutter.add(frame)]
        heard += [await self._heard(window) for window in cutter.end()]
        work = diarized(heard, calibration=self._calibration, known=known or {})
        while True:
            try:
                next(work)
            except StopIteration as done:
                turns: tuple[SpokenTurn, ...] = done.value
                return turns
            await anyio.lowlevel.checkpoint()

    async def _heard(self, window: AudioFrame) -> HeardWindow:
        turns = sorted(await self._segmenter.segment(window), key=_speaker)
        voices: list[HeardVoice] = []
        for _, own in groupby(turns, key=_speaker):
            voices += await self._voices(window, tuple(own))
        return HeardWindow(start=window.start, end=window.end, voices=tuple(voices))

    async def _voices(self, window: AudioFrame, turns: tuple[LocalTurn, ...]) -> list[HeardVoice]:
        """What the segmenter takes for one voice: it is several where its phrases sound like several."""
        phrases = phrases_of(turns)
        if len(phrases) < 2:
            return [await self._voice(window, turns)]
        sounds = [await self._encoded(_middle(window, phrase, longest=self._longest)) for phrase in phrases]
        heard = [(phrase, sound) for phrase, sound in zip(phrases, sounds, strict=True) if sound is not None]
        return parted(turns, heard, threshold=self._calibration.threshold) or [await self._voice(window, turns)]

    async def _voice(self, window: AudioFrame, turns: tuple[LocalTurn, ...]) -> HeardVoice:
        """A voice by what it says alone; where that is too short, by all that it says."""
        pcm = _speech(window, [turn for turn in turns if not turn.is_overlap], longest=self._longest)
        weight = weight_of(len(pcm) // SAMPLE_BYTES)
        if len(pcm) < self._encoder.shortest * SAMPLE_BYTES:
            pcm = _speech(window, turns, longest=self._longest)
            if len(pcm) < FAINTEST * SAMPLE_BYTES:
                return HeardVoice(turns=turns)
            weight = min(weight, 0.5)
            pcm = _repeated(pcm, self._encoder.shortest)
        return HeardVoice(turns=turns, embedding=await self._encoded(pcm), weight=max(weight, 0.1))

    async def _encoded(self, pcm: bytes) -> Embedding | None:
        try:
            return await self._encoder.encode(pcm)
        except Rejected:
            return None

    @property
    def _longest(self) -> int:
        return max(self._encoder.shortest, samples(self._settings.longest_seconds))


async def _pieces(recording: AudioFrame, size: int) -> AsyncIterator[AudioFrame]:
    step = size * SAMPLE_BYTES
    for at in range(0, len(recording.pcm), step):
        yield AudioFrame(recording.start + at // SAMPLE_BYTES, recording.pcm[at : at + step])


def _middle(window: AudioFrame, turn: LocalTurn, *, longest: int) -> bytes:
    """What is said in the middle of a turn."""
    spare = max(0, turn.end - turn.start - longest) // 2
    return b"".join(_cut(window, [(turn.start + spare, min(turn.end, turn.start + spare + longest))]))


def _speech(window: AudioFrame, turns: Sequence[LocalTurn], *, longest: int) -> bytes:
    """What is said in some turns, the longest ones first, until it is enough."""
    chosen: list[tuple[int, int]] = []
    left = longest
    for turn in sorted(turns, key=lambda turn: turn.start - turn.end):
        length = min(left, turn.end - turn.start)
        start = turn.start + (turn.end - turn.start - length) // 2
        chosen.append((start, start + length))
        left -= length
    return b"".join(_cut(window, sorted(chosen)))


def _cut(window: AudioFrame, stretches: Iterable[tuple[int, int]]) -> Iterable[bytes]:
    parts = (window.between(start, end) for start, end in stretches)
    return (part.pcm for part in parts if part is not None)


def _repeated(pcm: bytes, shortest: int) -> bytes:
    """Said again until it is long enough to be encoded."""
    return pcm * -(-shortest * SAMPLE_BYTES // len(pcm))


def _speaker(turn: LocalTurn) -> int:
    return turn.speaker
