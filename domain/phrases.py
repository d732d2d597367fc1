"""What one voice says in a window, phrase by phrase: how to notice that it is two voices."""

from collections.abc import Iterable, Sequence

from msgspec import Struct, structs

from domain.audio import samples
from domain.embedding import Embedding, cosine, weighted_mean
from domain.speaker import weight_of
from domain.turns import LocalTurn

LONGEST_PAUSE = samples(0.5)
"""Inside a phrase."""
SHORTEST = samples(1.5)
"""A shorter phrase does not tell whether somebody else says it."""


class HeardVoice(Struct, frozen=True, kw_only=True):
    """One voice in one window."""

    turns: tuple[LocalTurn, ...]
    embedding: Embedding | None = None
    """How it sounds; None where it was too short to tell."""
    weight: float = 0.0
    """Seconds of speech that the embedding rests on."""


def phrases_of(turns: Iterable[LocalTurn]) -> list[LocalTurn]:
    """What one voice says alone without a long pause, as far as it is long enough to be told from another."""
    phrases: list[LocalTurn] = []
    for turn in turns:
        if turn.is_overlap:
            continue
        if phrases and turn.start - phrases[-1].end < LONGEST_PAUSE:
            phrases[-1] = structs.replace(phrases[-1], end=turn.end)
        else:
            phrases.append(turn)
    return [phrase for phrase in phrases if phrase.end - phrase.start >= SHORTEST]


def parted(
    turns: Sequence[LocalTurn], phrases: Iterable[tuple[LocalTurn, Embedding]], *, threshold: float
) -> list[HeardVoice]:
    """The turns of one voice, as several voices where its phrases are not near each other.

    Args:
        turns: all of them, in order.
        phrases: those long enough to be told apart, and how they sound.
        threshold: cosine from which on two phrases are one voice's.

    Returns:
        For each voice its phrases and the turns nearest to them. Empty where there are no phrases.
    """
    parts: list[list[tuple[LocalTurn, Embedding]]] = []
    for phrase, sound in phrases:
        near = [(cosine(sound, _center(part)), at) for at, part in enumerate(parts)]
        score, at = max(near, default=(-1.0, 0))
        if score >= threshold:
            parts[at].append((phrase, sound))
        else:
            parts.append([(phrase, sound)])
    whose = [min(range(len(parts)), key=lambda at: _distance(turn, parts[at])) for turn in turns if parts]
    return [
        HeardVoice(
            turns=tuple(turn for turn, at in zip(turns, whose, strict=True) if at == number),
            embedding=_center(part),
            weight=sum(weight_of(phrase.end - phrase.start) for phrase, _ in part),
        )
        for number, part in enumerate(parts)
    ]


def _center(part: Iterable[tuple[LocalTurn, Embedding]]) -> Embedding:
    return weighted_mean((sound, weight_of(phrase.end - phrase.start)) for phrase, sound in part)


def _distance(turn: LocalTurn, part: Iterable[tuple[LocalTurn, Embedding]]) -> int:
    """Samples to the nearest phrase of a voice; negative inside it."""
    return min(max(phrase.start - turn.end, turn.start - phrase.end) for phrase, _ in part)
