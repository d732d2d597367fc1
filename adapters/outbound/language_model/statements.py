"""A transcript as a row of sentences that somebody said: what the rules for commitments, dates and facts look at."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from adapters.outbound.language_model.english import SILENT, stem, telling
from adapters.outbound.language_model.sentences import pieces_of
from domain.transcript import TranscriptSegment
from domain.words import words_of

_PLAIN = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)} | {ord("’"): "'"}
"""ASCII alone: other capitals may be longer when they are small, and places in the text must stay."""

Voice = tuple[bool, int]
"""Whether it is the user's, and the speaker's number."""


class Statement(Struct, frozen=True):
    """A sentence, and who said it."""

    text: str
    small: str
    """The text in small letters with straight apostrophes; of the same length."""
    segment: int
    """Index of the segment it stands in."""
    voice: Voice

    @property
    def is_user(self) -> bool:
        """Whether the user said it."""
        return self.voice[0]

    @property
    def is_question(self) -> bool:
        """Whether it asks."""
        return self.text.rstrip().endswith("?")


def statements_of(segments: Sequence[TranscriptSegment]) -> tuple[Statement, ...]:
    """All sentences in the order of the talk."""
    return tuple(
        Statement(text, text.translate(_PLAIN), index, voice_of(segment))
        for index, segment in enumerate(segments)
        for text in pieces_of(segment.text)
    )


def voice_of(segment: TranscriptSegment) -> Voice:
    """Whose voice it is. All that the user says is one voice, whatever numbers a recognizer gave it."""
    return (segment.is_user, 0 if segment.is_user else segment.speaker)


def replies(statements: Sequence[Statement], place: int, *, within: int) -> Iterator[Statement]:
    """What others say next after a statement, up to where its speaker goes on, so many sentences at most."""
    own = statements[place].voice
    following = iter(statements[place + 1 : place + 1 + 2 * within])
    first = next((statement for statement in following if statement.voice != own), None)
    if first is None:
        return
    yield first
    for count, statement in enumerate(following, start=1):
        if count == within or statement.voice != first.voice:
            return
        yield statement


def content_of(text: str) -> frozenset[str]:
    """Stems of the words that tell something."""
    return frozenset(stem(word) for word in words_of(text) if telling(word) > SILENT)
