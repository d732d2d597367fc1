"""A recognizer that hears the owner's voice first, so that its diarization knows one voice from the beginning.

A clip of the owner, and half a second of silence, go ahead of the live audio on the same connection. The vendor bills
them. They reach it as fast as it takes them, in front of the first live frame: no live audio is held back for them.
But a vendor that hears little faster than people speak is behind at first, by as much as it was given in advance; it
gets no longer a clip than it can catch up with in `CATCH_UP`. Deepgram (1.25 times real time) gets 3.75 s with the
silence: its first words come up to 3 s later than without, and after 15 s of speech nothing is left of that.

Each connection is primed for itself: a vendor remembers nothing from one to the next. What the vendor then says of
voices stays a hint, as it was before.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from types import TracebackType
from typing import Any

import anyio
from anyio.abc import TaskGroup
from msgspec import structs

from adapters.outbound.speech_to_text.lookup import Lookup
from adapters.outbound.speech_to_text.owner_clip import OwnerClip
from adapters.outbound.speech_to_text.priming import SILENCE, Priming
from application.listening.outbox import straight_to
from domain.audio import SAMPLE_BYTES, AudioFrame, samples
from domain.recognition import RecognitionEvent
from ports.speech_to_text import SpeechToText, TranscriptionRequest, TranscriptionStream

LONGEST_CLIP = 5.0
"""Seconds, silence included."""
CATCH_UP = 15.0
"""Seconds of speech within which a vendor shall have made up for the clip."""
SHORTEST_VOICE = samples(1.0)
"""Less tells a vendor nothing."""
_PIECE = samples(0.25) * SAMPLE_BYTES
"""As vendors like their messages."""


class PrimedSpeechToText:
    """Plays a clip of the owner's voice to each connection. Passes through where there is none."""

    def __init__(self, recognizer: SpeechToText, *, profile: OwnerClip) -> None:
        """Around a recognizer that tells voices apart."""
        speed = recognizer.terms.replay_speed
        longest = min(LONGEST_CLIP, max(speed - 1, 0.0) * CATCH_UP)
        self.name = recognizer.name
        self.terms = structs.replace(recognizer.terms, patience=recognizer.terms.patience + longest / max(speed, 1.0))
        self._recognizer = recognizer
        self._profile = profile
        self._longest = samples(longest) - SILENCE
        """Samples of the owner's voice that a connection gets at most."""
        self._tasks: TaskGroup

    async def __aenter__(self) -> "PrimedSpeechToText":
        context: Any = self._recognizer
        if hasattr(context, "__aenter__"):
            await context.__aenter__()
        self._tasks = await anyio.create_task_group().__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tasks.cancel_scope.cancel()
        await self._tasks.__aexit__(None, None, None)
        context: Any = self._recognizer
        if hasattr(context, "__aexit__"):
            await context.__aexit__(kind, error, trace)

    def supports(self, language: str) -> bool:
        """As the recognizer does."""
        return self._recognizer.supports(language)

    @asynccontextmanager
    async def open_stream(self, request: TranscriptionRequest) -> AsyncIterator[TranscriptionStream]:
        """As the recognizer does; raises what it raises. The owner's voice is looked for meanwhile."""
        if not (request.diarize and request.use_speech_profile) or self._longest < SHORTEST_VOICE:
            async with self._recognizer.open_stream(request) as stream:
                yield stream
            return
        lookup = Lookup(partial(self._profile.clip, request.user), otherwise=None)
        self._tasks.start_soon(lookup.run)
        async with self._recognizer.open_stream(request) as stream:
            clip = (await lookup.result() or b"")[: self._longest * SAMPLE_BYTES]
            is_enough = len(clip) >= SHORTEST_VOICE * SAMPLE_BYTES
            yield await _primed(stream, clip) if is_enough else stream

    async def diagnose(self) -> Any:  # noqa: ANN401 - a Diagnosis
        """How the recognizer does."""
        context: Any = self._recognizer
        return await context.diagnose()


async def _primed(stream: TranscriptionStream, clip: bytes) -> "PrimedStream":
    """The stream behind a clip, whose end is told like any pause: no result shall span the clip and live words."""
    pcm = clip[: len(clip) // SAMPLE_BYTES * SAMPLE_BYTES] + bytes(SILENCE * SAMPLE_BYTES)
    for at in range(0, len(pcm), _PIECE):
        await stream.send(AudioFrame(at // SAMPLE_BYTES, pcm[at : at + _PIECE]))
    await stream.finalize()
    return PrimedStream(stream, Priming(ahead=len(pcm) // SAMPLE_BYTES))


class PrimedStream:
    """A `TranscriptionStream` whose recognizer has heard the clip."""

    def __init__(self, stream: TranscriptionStream, priming: Priming) -> None:
        self._stream = stream
        self._straight = straight_to(stream)
        self._events = aiter(stream)
        self._priming = priming
        self._ahead = priming.ahead
        self._is_live = False
        self.finalize = stream.finalize
        self.send_eof = stream.send_eof

    async def send(self, frame: AudioFrame) -> None:
        """Hands a live frame over; the first one tells where the live audio begins."""
        if frame.pcm and not self._is_live:
            self._priming.first, self._is_live = frame.start, True
        await self._stream.send(self._priming.shifted(frame))

    def take(self, frame: AudioFrame) -> bool:
        """The same by the short way, where the recognizer has one; not for the first frame."""
        return self._is_live and self._straight(AudioFrame(frame.start + self._ahead, frame.pcm))

    def __aiter__(self) -> AsyncIterator[RecognitionEvent]:
        """The recognizer's events of the live audio."""
        return self

    async def __anext__(self) -> RecognitionEvent:
        while True:
            event = self._priming.live(await anext(self._events))
            if event is not None:
                return event
