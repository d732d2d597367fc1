"""Whether what a model wrote rests on what was said. What does not is dropped, however well it reads."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import islice

from domain.ids import SegmentId
from domain.transcript import TranscriptSegment
from domain.words import STOP_WORDS, stem, words_of

ENOUGH_SHARED = 2
"""Content words that a claim has in common with its segments; one where it has no more than two."""

MOST_EVIDENCE = 30
"""Segments of a claim that are looked at. None needs more, and a model that rambles must not cost time."""

_SPELLED = 7
"""Letters of a stem that are compared: most languages bend the end of a word."""

_SAYS_NOTHING = frozenset(
    ["user", "users", "speaker", "speakers", "someone", "somebody", "person", "people", "said", "says", "need", "needs"]
)
"""Words of a model's own that stand in half of what it writes."""

_LINK = re.compile(
    r"(?:(?<![a-z0-9+.-])[a-z0-9+.-]+://|www\.)[^\s<>\"'\])]+"
    r"|\b(?:javascript|data|mailto|tel|sms|file):[^\s<>]+"
    r"|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|net|org|io|ai|co|dev|app|info|biz|me|xyz|ru|cn|de|uk)\b(?:/[^\s<>\"'\])]*)?",
    re.IGNORECASE,
)
_JOINER = "\u200d"
"""Holds emoji together; the only invisible character that is kept."""


def said_in(claim: str, *, evidence: Iterable[int], segments: Sequence[TranscriptSegment]) -> tuple[SegmentId, ...]:
    """The segments that a claim rests on, of those that it names by index.

    A claim rests on them when they share enough of its content words; those that share none are left out.

    Returns:
        None of them where the claim was made up.
    """
    wanted = _features(claim)
    shared = {index: wanted & _features(segments[index].text) for index in _valid(evidence, segments)}
    found = set[str]().union(*shared.values())
    if not wanted or len(found) < min(ENOUGH_SHARED, (len(wanted) + 1) // 2):
        return ()
    return tuple(segments[index].id for index, words in shared.items() if words)


def of_the_user(
    claim: str, *, evidence: Iterable[int], segments: Sequence[TranscriptSegment], user_name: str = ""
) -> tuple[SegmentId, ...]:
    """The segments that a claim about the user rests on: what they said themselves, or what was said of them.

    Somebody else's words count when they name the user, or say "you" to them where only the two of them speak.
    What others say of themselves, or order a listener to believe, is no fact about the user.
    """
    own = [index for index in _valid(evidence, segments) if _concerns_user(segments[index], segments, user_name)]
    return said_in(claim, evidence=own, segments=segments)


class Vocabulary:
    """The words of a talk, segment by segment: where names are looked up."""

    def __init__(self, segments: Sequence[TranscriptSegment]) -> None:
        self._words = [frozenset(words_of(_plain(segment.text))) for segment in segments]

    def __contains__(self, name: str) -> bool:
        """Whether a name was said, in whatever case; one of several words within one segment."""
        wanted = frozenset(words_of(_plain(name)))
        return bool(wanted) and any(wanted <= words for words in self._words)


def without_strange_links(text: str, *, source: str) -> str:
    """The text without addresses that are not in the source, and without invisible characters.

    Addresses that are spelled to hide (fullwidth letters, invisible characters between) are found too.
    """
    visible = "".join(c for c in text if c in {"\n", _JOINER} or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    plain = unicodedata.normalize("NFKC", visible)
    if len(_LINK.findall(plain)) != len(_LINK.findall(visible)):
        visible = plain
    if _LINK.search(visible):
        known = _spoken_addresses(source)
        visible = _LINK.sub(lambda found: found[0] if found[0].rstrip(".,;:!?").lower() in known else "", visible)
    return re.sub(r"[^\S\n]+", " ", visible).strip()


def _spoken_addresses(source: str) -> str:
    """The source as addresses are looked up in it: people say "example dot com"."""
    plain = _plain(source)
    return f"{plain} {plain.replace(' dot ', '.').replace(' slash ', '/')}"


def _valid(evidence: Iterable[int], segments: Sequence[TranscriptSegment]) -> list[int]:
    return sorted({index for index in islice(evidence, MOST_EVIDENCE) if 0 <= index < len(segments)})


def _concerns_user(segment: TranscriptSegment, segments: Sequence[TranscriptSegment], user_name: str) -> bool:
    if segment.is_user or (user_name and user_name in Vocabulary([segment])):
        return True
    voices = {(s.is_user, 0 if s.is_user else s.speaker) for s in segments}
    face_to_face = len(voices) == 2 and any(is_user for is_user, _ in voices)
    return face_to_face and bool({"you", "your", "you're", "you've", "yours"} & set(words_of(segment.text)))


def _features(text: str) -> frozenset[str]:
    """Stems of the content words; of scripts without spaces, pairs of characters."""
    found: set[str] = set()
    for word in words_of(_plain(text)):
        if word in STOP_WORDS or word in _SAYS_NOTHING:
            continue
        if max(word) >= "\u2e80":
            found.update(word[at : at + 2] for at in range(max(len(word) - 1, 1)))
        else:
            found.add(stem(word)[:_SPELLED])
    return frozenset(found)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()
