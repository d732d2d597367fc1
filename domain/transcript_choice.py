"""Whether a new transcript of a recording may take the place of the one that stands."""

import re
from collections.abc import Sequence

from msgspec import Struct

from domain.audio import samples, seconds
from domain.spans import Span, common, length, union, without
from domain.transcript import TranscriptSegment, Word

COVERED = 0.85
"""Share of the speech of the old transcript that the new one has to have words in."""
WORDS = 0.85
"""Share of the count of the old words that the new one has to reach."""
LONGEST_HOLE = samples(10)
"""Speech that the old transcript has words for, and the new one none."""
MOST_REPEATED = 0.1
"""Share of words that go round in circles: more is a model that got stuck, unless the old one says the same."""

_PAUSE = samples(1.5)
"""Between two words that belong to the same stretch of speech."""
_AROUND = samples(0.5)
_LONGEST_PHRASE = 16
_ROUNDS = 4
_SHORTEST_LOOP = 8
"""Words in all rounds of a loop. Who says no four times means it."""
_TERM = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\d_]+(?:['\u2019-][^\W\d_]+)*|\d+")
"""A word, or a character of a script that puts no spaces between words."""


class _Heard(Struct, frozen=True):
    """A transcript, reduced to what counts."""

    terms: int
    """Words without those that only repeat."""
    repeated: float
    """Share of those."""


def terms(text: str) -> list[str]:
    """The words of a text to count and compare: small letters, no punctuation."""
    return _TERM.findall(text.lower())


def refusal(old: Sequence[TranscriptSegment], new: Sequence[Word], *, speech: Sequence[Span]) -> str:
    """Why the old transcript stays; empty when the new one may take its place.

    The new one has to cover in time what the old one covers, so that nothing that was heard gets lost, and to have
    about as many words. Only what a detector takes for speech has to be covered: a segment may hold long pauses.

    Args:
        old: what stands, in order of time.
        new: what was heard anew, in order of time, on the same clock.
        speech: where somebody speaks, in order and disjoint. Segments in which nobody does count as they are.
    """
    before, after = _heard([segment.text for segment in old]), _heard([word.text for word in new])
    if not after.terms:
        return "the new transcript is empty"
    if after.repeated > MOST_REPEATED and after.repeated > before.repeated + MOST_REPEATED:
        return f"the new transcript repeats itself in {after.repeated:.0%} of its words"
    if after.terms < WORDS * before.terms:
        return f"the new transcript has too few words: {after.terms} for {before.terms}"
    return _uncovered(old, new, speech)


def _uncovered(old: Sequence[TranscriptSegment], new: Sequence[Word], speech: Sequence[Span]) -> str:
    said = _spoken(old, speech)
    kept = [new[number] for number in _unlooped([" ".join(terms(word.text)) for word in new])]
    covered = union(((word.start - _AROUND, word.end + _AROUND) for word in kept), bridge=_PAUSE)
    missing = without(said, covered)
    if length(missing) > (1 - COVERED) * length(said):
        share = 1 - length(missing) / length(said)
        return f"the new transcript covers {share:.0%} of what was heard before"
    hole = max((length(common(said, [between])) for between in _between(said, covered)), default=0)
    if hole > LONGEST_HOLE:
        return f"the new transcript has no words for {seconds(hole):.0f} s of what was heard before"
    return ""


def _spoken(old: Sequence[TranscriptSegment], speech: Sequence[Span]) -> list[Span]:
    """Where the old transcript has words, as far as can be told."""
    found: list[Span] = []
    for segment in old:
        if terms(segment.text):
            whole = [(segment.start, segment.end)]
            found += common(whole, speech) or whole
    return union(found)


def _between(said: Sequence[Span], covered: Sequence[Span]) -> list[Span]:
    """The stretches that have no new word from one to the other."""
    return without([(said[0][0], said[-1][1])], covered) if said else []


def _heard(texts: Sequence[str]) -> _Heard:
    every = [term for text in texts for term in terms(text)]
    kept = len(_unlooped(every))
    return _Heard(kept, 1 - kept / len(every) if every else 0.0)


def _unlooped(said: Sequence[str]) -> list[int]:
    """Numbers of the words that are left when of everything said over and over the first round is kept."""
    kept: list[int] = []
    at = 0
    while at < len(said):
        phrase, rounds = _loop(said, at)
        kept += range(at, at + phrase)
        at += phrase * rounds
    return kept


def _loop(said: Sequence[str], at: int) -> tuple[int, int]:
    """Length of the shortest phrase that is said over and over from here on, and how often; (1, 1) for none."""
    for phrase in range(1, _LONGEST_PHRASE + 1):
        if at + phrase < len(said) and said[at] != said[at + phrase]:
            continue
        here = said[at : at + phrase]
        rounds = 1
        while said[at + rounds * phrase : at + (rounds + 1) * phrase] == here:
            rounds += 1
        if rounds >= _ROUNDS and rounds * phrase >= _SHORTEST_LOOP:
            return phrase, rounds
    return 1, 1
