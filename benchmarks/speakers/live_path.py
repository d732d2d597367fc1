"""Who speaks when as it is told while a conversation goes on: the gate's utterances, given to voices one by one."""

from collections.abc import Iterator

from msgspec import Struct

from application.listening.voice_track import middle
from benchmarks.speakers.diarization_error import Said
from domain.audio import SAMPLE_BYTES, samples, seconds
from domain.ids import SegmentId
from domain.speaker import SpeakerLabel, VoiceCalibration
from domain.speech_gate import GateDecision, GateSettings, SpeechGate
from domain.transcript import LONGEST_SEGMENT
from domain.utterance import ENOUGH
from domain.voices import Stretch, Voices
from ports.speaker_encoder import SpeakerEncoder
from ports.voice_activity_detector import VoiceActivityDetector


class Gated(Struct, frozen=True):
    """One opening of the gate. Samples."""

    opened: int
    """What the recognizer hears begins here."""
    closed: int
    start: int
    """Speech, without what the gate lets through around it."""
    end: int


async def gated(pcm: bytes, detector: VoiceActivityDetector) -> list[Gated]:
    """What the live gate lets through of a recording."""
    async with detector.open_stream() as stream:
        stream.push(pcm)
        probabilities = await stream.flush()
    return list(_openings(probabilities, detector.window, len(pcm) // SAMPLE_BYTES))


async def live_turns(
    pcm: bytes, speech: list[Gated], *, encoder: SpeakerEncoder, calibration: VoiceCalibration
) -> list[Said]:
    """The turns with the numbers they have in the end; what was too short to be heard has number 0."""
    voices = Voices(calibration)
    told: dict[SegmentId, SpeakerLabel] = {}
    turns = [part for opening in speech for part in _parts(opening)]
    for start, end in turns:
        first, last = middle(start, end, longest=ENOUGH)
        if last - first < encoder.shortest:
            continue
        embedding = await encoder.encode(pcm[first * SAMPLE_BYTES : last * SAMPLE_BYTES])
        told |= voices.hear(Stretch(segments=(SegmentId(str(start)),), start=start, end=end, embedding=embedding))
    return [
        Said(seconds(start), seconds(end), str(told.get(SegmentId(str(start)), SpeakerLabel()).speaker))
        for start, end in turns
    ]


def _parts(opening: Gated) -> Iterator[tuple[int, int]]:
    """An opening in pieces no longer than a segment."""
    for start in range(opening.start, opening.end, LONGEST_SEGMENT):
        yield start, min(opening.end, start + LONGEST_SEGMENT)


def _openings(probabilities: tuple[float, ...], window: int, length: int) -> Iterator[Gated]:
    settings = GateSettings()
    gate = SpeechGate(settings, rate=samples(1.0))
    opened = start = end = 0
    for number, probability in enumerate(probabilities):
        was_open, at = gate.is_open, (number + 1) * window
        decision = gate.update(probability, start=at - window, end=at)
        if gate.is_open and not was_open:
            opened = gate.settled
            start = min(opened + samples(settings.pre_roll), at)
        if gate.is_open and probability >= settings.offset:
            end = at
        if decision is GateDecision.CLOSED:
            yield Gated(opened, at, start, end)
            gate.close(at=at)
    if gate.is_open:
        yield Gated(opened, length, start, min(end, length))
