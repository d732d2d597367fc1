"""What was heard in the windows of a recording, put together to turns."""

from array import array
from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping, Sequence

from msgspec import Struct

from domain.audio import samples as samples_of
from domain.clustering import Cluster, VoiceSample, clustered
from domain.embedding import Embedding
from domain.ids import PersonId
from domain.phrases import HeardVoice
from domain.speaker import VoiceCalibration, matched
from domain.turns import LocalTurn, SpokenTurn, cut_at_overlap
from domain.windows import cores

Span = tuple[int, int]
"""Start and end: samples, on the clock of the capture."""

SHORTEST_PAUSE = samples_of(0.5)
"""A voice that pauses for less goes on."""
SHORTEST_TURN = samples_of(0.1)


class HeardWindow(Struct, frozen=True, kw_only=True):
    """What was heard in a window."""

    start: int
    """Samples, on the clock of the capture."""
    end: int
    voices: tuple[HeardVoice, ...]


def diarized(
    windows: Sequence[HeardWindow], *, calibration: VoiceCalibration, known: Mapping[PersonId, Embedding]
) -> Generator[None, None, tuple[SpokenTurn, ...]]:
    """Who speaks when in a recording. Pauses now and then, as clustering does.

    Args:
        windows: in order of their starts; they may overlap.
        calibration: of the encoder.
        known: voices that have names, in the encoder's vector space.
    """
    heard = [(number, voice) for number, window in enumerate(windows) for voice in window.voices]
    told = [at for at, (_, voice) in enumerate(heard) if voice.embedding is not None]
    samples = [_sample(*heard[at]) for at in told]
    numbers = yield from clustered(samples, threshold=calibration.threshold)
    given = [-1] * len(heard)
    for at, number in zip(told, numbers, strict=True):
        given[at] = number
    yield from _ask_neighbors(heard, given)
    people = yield from _named(samples, numbers, calibration, known)
    whose = [people.get(number, (number, None)) for number in given]
    yield
    pieces = yield from _pieces(windows, heard, [number for number, _ in whose])
    return (yield from _in_order(pieces, {number: person for number, person in whose if person is not None}))


def _sample(window: int, voice: HeardVoice) -> VoiceSample:
    assert voice.embedding is not None  # noqa: S101 - chosen so by the caller
    return VoiceSample(window=window, embedding=voice.embedding, weight=voice.weight)


def _ask_neighbors(heard: Sequence[tuple[int, HeardVoice]], given: list[int]) -> Generator[None, None, None]:
    """A voice that was too short to tell is the one that the next windows hear at the same time."""
    of_window: defaultdict[int, list[int]] = defaultdict(list)
    for at, (window, _) in enumerate(heard):
        of_window[window].append(at)
    for at, (window, voice) in enumerate(heard):
        if given[at] >= 0:
            continue
        taken = {given[other] for other in of_window[window]}
        together: defaultdict[int, int] = defaultdict(int)
        for neighbor in (*of_window.get(window - 1, ()), *of_window.get(window + 1, ())):
            if given[neighbor] >= 0 and given[neighbor] not in taken:
                together[given[neighbor]] += _together(voice.turns, heard[neighbor][1].turns)
        number, shared = max(together.items(), key=lambda item: item[1], default=(-1, 0))
        if 2 * shared > sum(turn.end - turn.start for turn in voice.turns):
            given[at] = number
        yield


def _together(turns: Iterable[LocalTurn], others: Sequence[LocalTurn]) -> int:
    """Samples during which both speak."""
    return sum(max(0, min(turn.end, other.end) - max(turn.start, other.start)) for turn in turns for other in others)


def _named(
    samples: Sequence[VoiceSample],
    numbers: Sequence[int],
    calibration: VoiceCalibration,
    known: Mapping[PersonId, Embedding],
) -> Generator[None, None, dict[int, tuple[int, PersonId]]]:
    """Voice -> the voice it goes by, and its name. Two of one name are one, unless they spoke with each other."""
    voices: defaultdict[int, Cluster] = defaultdict(Cluster)
    for sample, number in zip(samples, numbers, strict=True):
        if known and number >= 0:
            voices[number].add(array("f", sample.embedding), weight=sample.weight, windows=(sample.window,))
            yield
    matches = [
        (match.score, number, match.person)
        for number, voice in voices.items()
        if (match := matched(Embedding(array("f", voice.center).tobytes()), known, calibration)) is not None
    ]
    people: dict[int, tuple[int, PersonId]] = {}
    first: dict[PersonId, int] = {}
    for _, number, person in sorted(matches, reverse=True):
        goes_by = first.setdefault(person, number)
        if goes_by == number or voices[goes_by].windows.isdisjoint(voices[number].windows):
            people[number] = (goes_by, person)
            voices[goes_by].windows |= voices[number].windows
    return people


def _pieces(
    windows: Sequence[HeardWindow], heard: Sequence[tuple[int, HeardVoice]], numbers: Sequence[int]
) -> Generator[None, None, dict[int, list[Span]]]:
    """Voice -> where it was heard, as told by the window that hears each moment best."""
    spans = cores([(window.start, window.end) for window in windows])
    pieces: defaultdict[int, list[Span]] = defaultdict(list)
    for (window, voice), number in zip(heard, numbers, strict=True):
        first, last = spans[window]
        pieces[number] += [
            (max(t.start, first), min(t.end, last)) for t in voice.turns if t.end > first and t.start < last
        ]
        yield
    return pieces


def _in_order(
    pieces: Mapping[int, Iterable[Span]], people: Mapping[int, PersonId]
) -> Generator[None, None, tuple[SpokenTurn, ...]]:
    """The turns of all voices, numbered in order of their first words."""
    spans = sorted((start, end, number) for number, own in pieces.items() for start, end in _smooth(own))
    yield
    numbers: dict[int, int] = {}
    turns: list[SpokenTurn] = []
    together: list[SpokenTurn] = []
    until = 0
    for start, end, voice in spans:
        if start >= until:
            turns += cut_at_overlap(together)
            together = []
            yield
        speaker = numbers.setdefault(voice, len(numbers) + 1) if voice >= 0 else 0
        together.append(SpokenTurn(start, end, speaker, person=people.get(voice)))
        until = max(until, end)
    return (*turns, *cut_at_overlap(together))


def _smooth(spans: Iterable[Span]) -> list[Span]:
    """The turns of one voice, without short pauses and without bursts."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start - joined[-1][1] < SHORTEST_PAUSE:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return [(start, end) for start, end in joined if end - start >= SHORTEST_TURN]
