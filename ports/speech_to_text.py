"""Live speech to words."""

import math
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct

from domain.audio import AudioFrame
from domain.ids import UserId
from domain.recognition import RecognitionEvent
from domain.usage import Billing


class TranscriptionRequest(Struct, frozen=True, kw_only=True):
    """What a capture wants from its recognizer."""

    language: str = "en"
    """BCP 47 tag, or `multi`."""
    interim: bool = False
    """Report guesses too."""
    diarize: bool = True
    """Number the voices, where the recognizer can."""
    user: UserId = UserId("")
    """Whom the cost is counted for. Never sent to a vendor."""
    use_speech_profile: bool = True
    """What is known of the user's voice may be sent along."""


class Terms(Struct, frozen=True, kw_only=True):
    """What a recognizer bears and what it costs. Durations in seconds."""

    billing: Billing = Billing.NOTHING
    least_billed: float = 0.0
    """Charged for every connection at least."""
    patience: float = 6.0
    """From hearing to final words, in 99 of 100 cases, until more is learned."""
    replay_speed: float = math.inf
    """Times real time at which it takes audio that has piled up."""
    longest_session: float = math.inf
    """After which it ends a connection by itself."""
    most_sessions: int | None = None
    """At once for one account, where the vendor says so."""


class TranscriptionStream(Protocol):
    """One recognizer at work on one capture. One task sends, one task iterates.

    Frames come in order and do not overlap; between two of them there may be a cut, where silence was left
    out. Every position in every event is on the clock of the frames: the stream does the mapping.

    After `finalize`, final words come soon, and with them the watermark passes all that was sent before, the
    silence at its end included: audio that stays behind the watermark is how a dead recognizer shows.

    Words come in order of time. The iteration ends after `send_eof`, when all that was sent has been
    dealt with; the watermark then stands at the end of the last frame. Leaving the context at any moment,
    also by cancellation, frees everything within two seconds and waits for no more words.
    """

    async def send(self, frame: AudioFrame) -> None:
        """Hands over audio. Waits while the recognizer is behind: that is the back-pressure.

        Raises:
            TemporarilyUnavailable: the recognizer is gone; a new stream may work.
            Rejected: the recognizer refuses this capture for good.
        """
        ...

    async def finalize(self) -> None:
        """Tells that the speaker paused: what was sent shall become final soon. Does not wait for it.

        Raises:
            TemporarilyUnavailable, Rejected: as `send`.
        """
        ...

    async def send_eof(self) -> None:
        """Tells that nothing more comes. Harmless when called twice.

        Raises:
            TemporarilyUnavailable, Rejected: as `send`.
        """
        ...

    def __aiter__(self) -> AsyncIterator[RecognitionEvent]:
        """The events, to be iterated once.

        Raises (from the iteration):
            TemporarilyUnavailable: the recognizer broke off, or ended before it had dealt with everything.
            Rejected: the recognizer refuses this capture for good.
        """
        ...


class SpeechToText(Protocol):
    """A recognizer, or a composition of several that looks like one."""

    name: str
    """As in the settings: `deepgram`, `moonshine`."""
    terms: Terms

    def supports(self, language: str) -> bool:
        """Whether a language can be asked for."""
        ...

    def open_stream(self, request: TranscriptionRequest) -> AbstractAsyncContextManager[TranscriptionStream]:
        """Connects. Entering returns when the recognizer is ready for audio.

        Raises (on entering):
            TemporarilyUnavailable: it cannot be reached, is overloaded, or does not answer in time.
            Rejected: it refuses: wrong key, no credit, unsupported option.
        """
        ...
