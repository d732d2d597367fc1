"""Who speaks when: the full pass, the live path, and what the segmentation model alone could reach."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from application.recordings.diarize_recording import DiarizeRecording
from benchmarks.speakers.diarization_error import DiarizationErrors, Said, diarization_errors, total
from benchmarks.speakers.recorded_voices import Conversation
from domain.audio import AudioFrame, samples, seconds
from domain.turns import LocalTurn, whole_turns
from domain.windows import WindowCutter, cores
from ports.speaker_segmenter import SpeakerSegmenter

COLLARS = (0.25, 0.0)
"""Seconds around each border of a turn that are not judged."""


class Diarization(Struct, frozen=True, kw_only=True):
    """One way of telling voices apart, on one recording."""

    way: str
    recording: str
    voices: int
    """That were found; what nobody could be given is none."""
    speakers: int
    """That there are."""
    errors: tuple[DiarizationErrors, ...]
    """With each collar."""


def diarization(way: str, conversation: Conversation, found: Sequence[Said]) -> Diarization:
    """Compares turns with those that people wrote down."""
    return Diarization(
        way=way,
        recording=conversation.name,
        voices=len({said.speaker for said in found} - {"0"}),
        speakers=len({said.speaker for said in conversation.turns}),
        errors=tuple(diarization_errors(conversation.turns, found, collar=collar) for collar in COLLARS),
    )


async def full_pass(conversation: Conversation, diarize: DiarizeRecording) -> list[Said]:
    """The turns of the full pass."""
    turns = await diarize.recording(AudioFrame(0, conversation.pcm))
    return [Said(seconds(turn.start), seconds(turn.end), str(turn.speaker)) for turn in whole_turns(turns)]


async def told_by_reference(conversation: Conversation, segmenter: SpeakerSegmenter) -> list[Said]:
    """The model's turns, each local voice given to whom it overlaps most: no clustering could do better with them."""
    cutter = WindowCutter(length=segmenter.window, step=samples(5.0))
    windows = [*cutter.add(AudioFrame(0, conversation.pcm)), *cutter.end()]
    said: list[Said] = []
    for window, (first, last) in zip(windows, cores([(w.start, w.end) for w in windows]), strict=True):
        turns = await segmenter.segment(window)
        names = {turn.speaker: _whose(turn.speaker, turns, conversation.turns) for turn in turns}
        said += [
            Said(seconds(max(turn.start, first)), seconds(min(turn.end, last)), names[turn.speaker])
            for turn in turns
            if turn.end > first and turn.start < last
        ]
    return said


def lines(found: Sequence[Diarization]) -> Iterator[str]:
    """To be printed: each recording, then the sums."""
    heads = "".join(f"{f'DER {collar} s':>12}" for collar in COLLARS)
    yield f"{'diarization':<44}{'voices':>8}{heads}{'missed':>9}{'false':>8}{'confused':>10}"
    for way in dict.fromkeys(row.way for row in found):
        rows = [row for row in found if row.way == way]
        for row in rows:
            yield _line(f"  {way}: {row.recording}", f"{row.voices}/{row.speakers}", row.errors)
        sums = [total(row.errors[number] for row in rows) for number in range(len(COLLARS))]
        yield _line(f"  {way}: all", "", sums)


def _line(what: str, voices: str, errors: Sequence[DiarizationErrors]) -> str:
    rates = "".join(f"{row.rate:>12.1%}" for row in errors)
    last = errors[-1]
    shares = [part / (last.speech or 1) for part in (last.missed, last.false_alarm, last.confused)]
    return f"{what:<44}{voices:>8}{rates}{shares[0]:>9.1%}{shares[1]:>8.1%}{shares[2]:>10.1%}"


def _whose(voice: int, turns: Sequence[LocalTurn], reference: Sequence[Said]) -> str:
    shared: dict[str, float] = {}
    for turn in turns:
        for said in reference:
            during = min(seconds(turn.end), said.end) - max(seconds(turn.start), said.start)
            if turn.speaker == voice and during > 0:
                shared[said.speaker] = shared.get(said.speaker, 0.0) + during
    return max(shared, key=lambda name: shared[name], default="nobody")
