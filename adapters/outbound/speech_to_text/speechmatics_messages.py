"""What Speechmatics says, as far as it matters here."""

from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

from adapters.outbound.speech_to_text.leg import LegWord
from ports.errors import TemporarilyUnavailable

OWNER_LABEL = "owner"
"""What Speechmatics is asked to call the owner's voice. Its own labels (`S1`, `UU`) are not allowed."""
OWNER_NUMBER = 99
"""The number of that label. Speechmatics tells 50 voices apart at most, unless it is told otherwise."""

_LONE_MARK = 0.02
"""Seconds that a punctuation mark is given where it comes without its word. Speechmatics gives it none."""


class Alternative(Struct, frozen=True):
    """A reading of a word."""

    content: str
    confidence: float = 1.0
    speaker: str | None = None


class Result(Struct, frozen=True):
    """A word, an entity or a punctuation mark. Seconds of the session."""

    type: str
    start_time: float
    end_time: float
    alternatives: tuple[Alternative, ...] = ()
    attaches_to: str | None = None


class Metadata(Struct, frozen=True):
    """The stretch of audio that a message is about. Seconds of the session."""

    start_time: float = 0.0
    end_time: float | None = None


class Speaker(Struct, frozen=True):
    """A voice of the session, as other sessions can be told of it."""

    label: str
    speaker_identifiers: tuple[str, ...] = ()
    """Opaque; they mean something to Speechmatics alone."""


class Message(Struct, frozen=True):
    """Any message. Fields that its kind does not have are empty."""

    message: str
    seq_no: int = 0
    type: str = ""
    reason: str = ""
    forced: bool = False
    """The answer to a forced end of utterance."""
    metadata: Metadata = Metadata()
    results: tuple[Result, ...] = ()
    speakers: tuple[Speaker, ...] = ()


def decoded(text: str | bytes) -> Message:
    """A message.

    Raises:
        TemporarilyUnavailable: it is none.
    """
    try:
        return msgspec.json.decode(text, type=Message)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TemporarilyUnavailable(f"Speechmatics sent a message that is not understood: {error}") from error


def words_of(results: Sequence[Result], *, at: Callable[[float], float]) -> tuple[LegWord, ...]:
    """Words with their punctuation; `at` turns seconds of the session into seconds of the leg.

    A mark whose word came in an earlier message stands alone; the transcript joins it to the text before.
    """
    words: list[LegWord] = []
    attach_next = False
    for result in results:
        if not result.alternatives:
            continue
        word = _word(result, at=at)
        if words and (attach_next or _attaches_back(result)):
            words[-1] = _joined(words[-1], word, mark=result.type == "punctuation")
        else:
            words.append(word)
        attach_next = result.attaches_to in {"next", "both"}
    return tuple(words)


def speaker_number(label: str | None) -> int:
    """`S1` is 0, `S2` is 1; 0 where nobody was told apart (`UU`). The owner's label has a number of its own."""
    if label == OWNER_LABEL:
        return OWNER_NUMBER
    digits = (label or "")[1:]
    return max(int(digits) - 1, 0) if label and label[0] == "S" and digits.isdecimal() else 0


def _attaches_back(result: Result) -> bool:
    return result.type == "punctuation" and result.attaches_to in {"previous", "both", None}


def _word(result: Result, *, at: Callable[[float], float]) -> LegWord:
    best = result.alternatives[0]
    end = max(result.end_time, result.start_time + _LONE_MARK) if result.type == "punctuation" else result.end_time
    return LegWord(best.content, at(result.start_time), at(end), best.confidence, speaker_number(best.speaker))


def _joined(first: LegWord, second: LegWord, *, mark: bool) -> LegWord:
    """One word of two results. A mark adds nothing but itself: it was not said."""
    text = first.text + second.text
    if mark:
        return LegWord(text, first.start, first.end, first.confidence, first.speaker)
    return LegWord(text, first.start, second.end, second.confidence, second.speaker)
