"""Which voice said what, decided once more with everything at hand. Gives way to others while it thinks."""

from collections.abc import Mapping, Sequence

import anyio.lowlevel

from application.listening.conversation_records import VoiceAssigned
from domain.embedding import Embedding
from domain.ids import PersonId, SegmentId
from domain.speaker import SpeakerLabel, VoiceCalibration
from domain.voice_review import ReviewedVoice, merged, named, nearest
from domain.voices import Stretch, Voices

AT_ONCE = 100
"""Stretches that are judged before others get their turn: some ten milliseconds of work."""

ROUNDS = 2


async def reviewed(
    live: Sequence[Stretch | VoiceAssigned],
    stretches: Sequence[Stretch],
    *,
    calibration: VoiceCalibration,
    known: Mapping[PersonId, Embedding],
) -> dict[SegmentId, SpeakerLabel]:
    """The label of each stretch's segment. Voices keep the numbers that they had while the conversation went on.

    Args:
        live: what was heard and said of voices, in that order.
        stretches: all of them, in order of time; some may not have been heard before.
        calibration: of the encoder.
        known: middles of the profiles.
    """
    voices = [ReviewedVoice(voice) for voice in (await _as_it_was(live, stretches, calibration, known)).voices]
    for _ in range(ROUNDS):
        await _assign(stretches, voices, calibration)
        voices = merged(voices, calibration)
    labels = named(voices, known, calibration)
    said = (record for record in live if isinstance(record, VoiceAssigned))
    pointed_at = {segment: SpeakerLabel(0, one.person) for one in said if not one.speaker for segment in one.segments}
    return pointed_at | labels  # who was pointed at and never heard stays who the user said


async def _as_it_was(
    live: Sequence[Stretch | VoiceAssigned],
    stretches: Sequence[Stretch],
    calibration: VoiceCalibration,
    known: Mapping[PersonId, Embedding],
) -> Voices:
    voices = Voices(calibration, known)
    heard = {record.segments for record in live if isinstance(record, Stretch)}
    late = [stretch for stretch in stretches if stretch.segments not in heard]
    for number, record in enumerate((*live, *late)):
        if number % AT_ONCE == 0:
            await anyio.lowlevel.checkpoint()
        if isinstance(record, Stretch):
            voices.hear(record)
        else:
            voices.assign(record.speaker, record.person, segments=record.segments)
    return voices


async def _assign(stretches: Sequence[Stretch], voices: Sequence[ReviewedVoice], calibration: VoiceCalibration) -> None:
    for voice in voices:
        voice.stretches.clear()
    for number, stretch in enumerate(stretches):
        if number % AT_ONCE == 0:
            await anyio.lowlevel.checkpoint()
        found = nearest(stretch, voices, calibration)
        if found is not None:
            found.stretches.append(stretch)
    for voice in voices:
        voice.settle()
