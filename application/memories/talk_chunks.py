"""A long talk in parts that a model can take in at once."""

from collections.abc import Iterable

from domain.audio import SAMPLE_RATE
from domain.token_count import estimated_tokens
from domain.transcript import TranscriptSegment

CHUNK_TOKENS = 6_000
SILENCE = 120 * SAMPLE_RATE
"""Samples without a word after which something new has probably begun."""

_TURN_TOKENS = 12
"""Around the text of each turn: index, speaker, punctuation."""

Talk = tuple[TranscriptSegment, ...]


def tokens_of(segments: Iterable[TranscriptSegment]) -> int:
    """How much of a model's context a talk takes, roughly."""
    return sum(estimated_tokens(segment.text) + _TURN_TOKENS for segment in segments)


def chunks_of(segments: Talk) -> list[Talk]:
    """Parts of a talk of at most 6,000 tokens, in order, cut at long silences where there are any.

    Where it had to be cut in the middle of a talk, the last turn before the cut is the first one after it, too. A turn
    that is longer than a part is a part of its own.
    """
    chunks: list[Talk] = []
    begun: list[TranscriptSegment] = []
    size = 0
    for segment in segments:
        length = tokens_of([segment])
        if begun and _paused(begun[-1], segment) and size >= CHUNK_TOKENS // 2:
            chunks.append(tuple(begun))
            begun, size = [], 0
        elif begun and size + length > CHUNK_TOKENS:
            chunks.append(tuple(begun))
            begun, size = _overlap(begun[-1], room=CHUNK_TOKENS - length)
        begun.append(segment)
        size += length
    return [*chunks, tuple(begun)] if begun else chunks


def _paused(earlier: TranscriptSegment, later: TranscriptSegment) -> bool:
    return later.start - earlier.end >= SILENCE


def _overlap(turn: TranscriptSegment, *, room: int) -> tuple[list[TranscriptSegment], int]:
    size = tokens_of([turn])
    return ([turn], size) if size <= room else ([], 0)
