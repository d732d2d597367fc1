"""What is on the card of a device is heard: each conversation becomes a memory of its own time, once."""

import msgspec
from msgspec import structs

from application.jobs.run_jobs import JobRun
from application.offline.accept_card import LONGEST, Card
from application.offline.accept_files import SHORTEST, Synced, result_key
from application.offline.hear_late import HearLate, divided
from application.offline.place_speech import Kept, LateSpeech, PlaceSpeech
from application.recordings.recorded_sound import Survey, UploadedSound, surveyed
from domain.audio import samples
from domain.errors import BusinessError
from domain.memory import Source
from domain.spans import length
from ports.errors import NotFound
from ports.object_store import ObjectStore
from ports.recording_decoder import RecordingDecoder
from ports.recording_voice_activity_detector import RecordingVoiceActivityDetector

SILENCE = samples(30) + 1
"""Samples that part two conversations: more than half a minute."""
FEWEST_WORDS = 8
"""Of a conversation; fewer are left out."""


class HearCard:
    """Hears recordings. Every step is remembered; what it does to memories is harmless to repeat."""

    def __init__(
        self,
        *,
        objects: ObjectStore,
        decoder: RecordingDecoder,
        speech: RecordingVoiceActivityDetector,
        hear: HearLate,
        place: PlaceSpeech,
    ) -> None:
        self._objects = objects
        self._decoder = decoder
        self._speech = speech
        self._hear = hear
        self._place = place

    async def hear(self, run: JobRun) -> None:
        """Does a `hear_card` job.

        Raises:
            TemporarilyUnavailable: something cannot be had now.
            Rejected: no recognizer takes it. The recording stays.
        """
        user, card = run.job.user, msgspec.json.decode(run.job.payload, type=Card)
        sound = UploadedSound(await self._samples(run, card))
        spoken = await self._spoken(run, card, sound)
        kept = [await self._place.place_alone(run, speech, sound) for speech in spoken]
        await self._note(run, card, kept)
        await self._objects.delete(user, card.key)

    async def _samples(self, run: JobRun, card: Card) -> bytes:
        """Nothing where the file is gone, or nobody can decode it any more."""
        try:
            content = await self._objects.get(run.job.user, card.key)
            return (await self._decoder.decode(content, longest=LONGEST)).pcm
        except (NotFound, BusinessError):
            return b""

    async def _spoken(self, run: JobRun, card: Card, sound: UploadedSound) -> list[LateSpeech]:
        survey = await run.step("survey", lambda: surveyed(sound, self._speech), returns=Survey)
        if length(survey.speech) < samples(SHORTEST):
            return []
        whole = [(0, sound.end)]
        heard = await self._hear.heard(run, sound, within=whole)
        all_of_it = divided(heard, within=whole, zero=card.started_at, silence=SILENCE, source=Source.SDCARD)
        spoken = (speech for speech in all_of_it if _words(speech) >= FEWEST_WORDS)
        return [structs.replace(speech, number=number) for number, speech in enumerate(spoken)]

    async def _note(self, run: JobRun, card: Card, kept: list[Kept]) -> None:
        result = Synced(created=tuple(one.memory for one in kept))
        await self._objects.put(run.job.user, result_key(card.name), msgspec.json.encode(result))


def _words(speech: LateSpeech) -> int:
    return sum(len(segment.text.split()) for segment in speech.segments)
