"""Audio that was captured before and nobody has dealt with is put in front of what comes."""

from collections.abc import Iterable

from application.listening.conversation_records import NOT_STORED
from application.listening.live_conversation import LiveConversation
from application.listening.stream_transcription import StreamTranscription
from domain.audio import AudioFrame
from domain.ledger import Fate, Span
from domain.spans import union, without


def unheard_from(live: LiveConversation) -> int:
    """Position from which on a session hears that goes on to the sample.

    That of the first unheard sample, if what is unheard is at hand: then a word at the seam is heard as one.
    """
    since = live.ledger.watermark
    is_here = bool(live.unheard) and live.unheard[0].start <= since
    return since if is_here and not live.is_recovering else live.ledger.end


def hear_again(live: LiveConversation, pipeline: StreamTranscription) -> None:
    """Puts in what is unheard up to where the audio to come begins."""
    frames, live.unheard = live.unheard, ()
    end = live.ledger.end
    if pipeline.end >= end:
        return
    unheard = live.ledger.parts(pipeline.end, end, Fate.CAPTURED, Fate.SENT)
    live.ledger.recall(pipeline.end, end)
    found = [put for frame in frames for put in put_in(frame, unheard, pipeline)]
    lose_rest(live, unheard, found)
    if pipeline.end < end:
        pipeline.jump(end)


def put_in(frame: AudioFrame, unheard: Iterable[Span], pipeline: StreamTranscription) -> list[tuple[int, int]]:
    """Puts in what of a frame is unheard; gives where that was."""
    found: list[tuple[int, int]] = []
    for span in unheard:
        part = frame.between(span.start, span.end)
        if part is None:
            continue
        if part.start > pipeline.end:
            pipeline.jump(part.start)
        if part.start == span.start and span.fate is Fate.SENT and not pipeline.is_holding:
            pipeline.open_gate()  # it breaks off in the middle of speech
        pipeline.capture(part.since(pipeline.end).pcm)
        found.append((part.start, part.end))
    return found


def lose_rest(live: LiveConversation, unheard: Iterable[Span], found: list[tuple[int, int]]) -> None:
    """What is not in the journal is lost, and told."""
    for start, end in without([(span.start, span.end) for span in unheard], union(found)):
        live.ledger.lose(start, end, NOT_STORED)
