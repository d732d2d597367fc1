"""The whole live identification of real recordings, without a server around it."""

import time
from typing import Any

import anyio

from adapters.outbound.clock.system import SystemClock
from application.listening.conversation_records import Opened
from application.listening.live_conversation import LiveConversation
from application.listening.live_identification import LiveIdentification
from benchmarks.speakers.live_path import Gated
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFormat, AudioFrame, Codec
from domain.conversation import CaptureEpoch
from domain.embedding import Embedding
from domain.ids import ConversationId, UserId
from domain.recognition import FinalWords
from domain.session import SessionRequest
from domain.transcript import Word
from ports.capture_journal import RecordKind
from ports.speaker_encoder import SpeakerEncoder

PACKET = 160
"""Samples of a frame that the gate lets through."""
UTTERANCE = 14 * SAMPLE_RATE
"""What recognizers tell at once, at most."""
LAST_PAUSE = 2.0
"""Seconds of real time until the last utterance is taken for complete."""
_LOOK = 0.005


class Identified:
    """What it took."""

    def __init__(self) -> None:
        self.processor = 0.0
        """Seconds."""
        self.speech = 0
        """Samples that recognizers made words of."""
        self.voices = 0
        """Stretches whose voice was told."""


async def identify(pcm: bytes, speech: list[Gated], *, encoder: SpeakerEncoder) -> Identified:
    """Has every utterance of a recording heard and its voice told, one after the other."""
    watched, journal, taken = _Watched(encoder), _Journal(), Identified()
    clock, nobody, to_nothing = SystemClock(), UserId("benchmark"), _nowhere()
    request = SessionRequest(user=nobody, audio=_PCM, use_speech_profile=False)
    identification = LiveIdentification(
        request, encoder=watched, known_voices=to_nothing, people=to_nothing, clock=clock, report=lambda _: None
    )
    opened = Opened(user=nobody, epoch=CaptureEpoch(0, clock.now()))
    live = LiveConversation.begin(ConversationId("benchmark"), opened, journal=journal)
    identification.follow(live)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(identification.run)
        began = time.process_time()
        for opening in speech:
            _keep(identification, pcm, opening)
            taken.speech += opening.end - opening.start
            for start in range(opening.start, opening.end, UTTERANCE):
                end = min(start + UTTERANCE, opening.end)
                identification.hear(live, FinalWords((Word("word", start, end),), end, "benchmark"))
                await watched.rest()
        await anyio.sleep(LAST_PAUSE)
        await watched.rest()
        taken.processor = time.process_time() - began
        tasks.cancel_scope.cancel()
    taken.voices = journal.voices
    return taken


_PCM = AudioFormat(codec=Codec.PCM16, sample_rate=SAMPLE_RATE)


def _keep(identification: LiveIdentification, pcm: bytes, opening: Gated) -> None:
    """What the gate let through, packet by packet."""
    for start in range(opening.opened, opening.closed, PACKET):
        piece = pcm[start * SAMPLE_BYTES : min(start + PACKET, opening.closed) * SAMPLE_BYTES]
        identification.track.append(AudioFrame(start, piece))


def _nowhere() -> Any:  # noqa: ANN401 - stands for ports that nobody asks
    return None


class _Watched:
    """An encoder of which can be told when it rests."""

    def __init__(self, encoder: SpeakerEncoder) -> None:
        self.name, self.dimension = encoder.name, encoder.dimension
        self.shortest, self.threshold, self.margin = encoder.shortest, encoder.threshold, encoder.margin
        self._encoder = encoder
        self._busy = False

    async def encode(self, pcm: bytes) -> Embedding:
        """As the encoder does."""
        self._busy = True
        try:
            return await self._encoder.encode(pcm)
        finally:
            self._busy = False

    async def rest(self) -> None:
        """Waits until there is nothing to do."""
        await anyio.sleep(_LOOK)
        while self._busy:
            await anyio.sleep(_LOOK)


class _Journal:
    """Counts voices."""

    def __init__(self) -> None:
        self.voices = 0

    def append(self, kind: RecordKind, payload: bytes) -> None:  # noqa: ARG002 - a port
        """Forgets a record."""
        self.voices += kind is RecordKind.VOICE

    async def sync(self) -> None:
        """Nothing to do."""

    async def settle(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""
