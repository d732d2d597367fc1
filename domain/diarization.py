"""What was heard in the windows of a recording, put together to turns."""

from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping, Sequence

from msgspec import Struct, structs

from domain.audio import samples as samples_of
from domain.clustering import VoiceSample, clustered
from domain.embedding import Embedding, weighted_mean
from domain.ids import PersonId
from domain.phrases import HeardVoice
from domain.speaker import VoiceCalibration, matched
from domain.turns import LocalTurn, SpokenTurn, cut_at_overlap
from domain.windows import cores

SHORTEST_PAUSE = samples_of(0.2)
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
    _ask_neighbors(heard, given)
    yield
    people = _named(samples, numbers, calibration, known)
    whose = [people.get(number, (number, None)) for number in given]
    spans = cores([(window.start, window.end) for window in windows])
    pieces: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for (window, voice), (number, _) in zip(heard, whose, strict=True):
        first, last = spans[window]
        pieces[number] += [
            (max(t.start, first), min(t.end, last)) for t in voice.turns if t.end > first and t.start < last
        ]
    yield
    return _in_order(pieces, {number: person for number, person in whose if person is not None})


def _sample(window: int, voice: HeardVoice) -> VoiceSample:
    assert voice.embedding is not None  # noqa: S101 - chosen so by the caller
    return VoiceSample(window=window, embedding=voice.embedding, weight=voice.weight)


def _ask_neighbors(heard: Sequence[tuple[int, HeardVoice]], given: list[int]) -> None:
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


def _together(turns: Iterable[LocalTurn], others: Sequence[LocalTurn]) -> int:
    """Samples during which both speak."""
    return sum(max(0, min(turn.end, other.end) - max(turn.start, other.start)) for turn in turns for other in others)


def _named(
    samples: Sequence[VoiceSample],
    numbers: Sequence[int],
    calibration: VoiceCalibration,
    known: Mapping[PersonId, Embedding],
) -> dict[int, tuple[int, PersonId]]:
    """Voice -> the voice it goes by, and its name. Two of one name are one, unless they spoke with each other."""
    weighted: defaultdict[int, list[tuple[Embedding, float]]] = defaultdict(list)
    windows: defaultdict[int, set[int]] = defaultdict(set)
    for sample, number in zip(samples, numbers, strict=True):
        weighted[number].append((sample.embedding, sample.weight))
        windows[number].add(sample.window)
    matches = [
        (match.score, number, match.person)
        for number, voice in weighted.items()
        if number >= 0 and known and (match := matched(weighted_mean(voice), known, calibration)) is not None
    ]
    people: dict[int, tuple[int, PersonId]] = {}
    first: dict[PersonId, int] = {}
    for _, number, person in sorted(matches, reverse=True):
        goes_by = first.setdefault(person, number)
        if goes_by == number or windows[goes_by].isdisjoint(windows[number]):
            people[number] = (goes_by, person)
            windows[goes_by] |= windows[number]
    return people


def _in_order(
    pieces: Mapping[int, Iterable[tuple[int, int]]], people: Mapping[int, PersonId]
) -> tuple[SpokenTurn, ...]:
    """The turns of all voices, numbered in order of their first words."""
    turns = [
        SpokenTurn(start, end, number, person=people.get(number))
        for number, spans in pieces.items()
        for start, end in _smooth(spans)
    ]
    numbers: dict[int, int] = {}
    for turn in sorted(turns, key=lambda turn: (turn.start, turn.speaker)):
        if turn.speaker >= 0:
            numbers.setdefault(turn.speaker, len(numbers) + 1)
    return tuple(cut_at_overlap(structs.replace(turn, speaker=numbers.get(turn.speaker, 0)) for turn in turns))


def _smooth(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The turns of one voice, without short pauses and without bursts."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start - joined[-1][1] < SHORTEST_PAUSE:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return [(start, end) for start, end in joined if end - start >= SHORTEST_TURN]
