"""What clients say in text messages besides audio. Apps of many years talk to us: what is not understood is ignored."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from adapters.inbound.listen.parameters import ABSENT
from application.listening.listening_session import ListeningSession
from application.photos.collect_images import ImageChunk
from domain.audio import samples
from domain.ids import MemoryId, PersonId, SegmentId
from domain.suggestion import SuggestedSegment

LONGEST = 64 * 1024
"""Characters of a message that is looked at."""


class EndConversation(Struct, frozen=True, tag="end_conversation"):
    """The user wants the memory of what was said so far."""


class SpeakerAssigned(Struct, frozen=True, tag="speaker_assigned"):
    """The user says whose voice one is."""

    speaker_id: int
    person_id: str | None = None
    """`user` for the owner; empty or absent for nobody who is known."""
    segment_ids: Annotated[list[str], Meta(max_length=1_000)] = []


class PhotoPiece(Struct, frozen=True, tag="image_chunk"):
    """A piece of a photo; what it holds is read as an `ImageChunk`."""


Seconds = Annotated[float, Meta(ge=0, le=86_400)]


class Suggested(Struct, frozen=True):
    """What one voice said, as the client heard it. Apps write the voice either way."""

    text: str
    start: Seconds
    end: Seconds
    id: str | None = None
    speaker: str | None = None
    speaker_id: Annotated[int, Meta(ge=0, le=9_999)] | None = None


class SuggestedTranscript(Struct, frozen=True, tag="suggested_transcript"):
    """What the client heard by itself, where it said that it would."""

    segments: list[Suggested]
    stt_provider: str | None = None


class StartOnboarding(Struct, frozen=True, tag="start_onboarding"):
    """A new user is ready to be asked."""


class SkipQuestion(Struct, frozen=True, tag="skip_question"):
    """They do not want to answer this one."""


class ClientState(Struct, frozen=True, tag="client_state"):
    """What the user looks at. What is not said is as it is for a client that says nothing."""

    foreground: bool = False
    transcript_visible: bool = True


_photo_decoder = msgspec.json.Decoder(ImageChunk)
_decoder = msgspec.json.Decoder(
    EndConversation | SpeakerAssigned | PhotoPiece | SuggestedTranscript | StartOnboarding | SkipQuestion | ClientState
)


def obey(text: str, session: ListeningSession) -> None:
    """Does what a message says."""
    if len(text) > LONGEST:
        return
    try:
        said = _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return
    if isinstance(said, PhotoPiece):
        _take_photo(text, session)
    else:
        _HEEDED[type(said)](said, session)


def _end(_said: EndConversation, session: ListeningSession) -> None:
    session.ask_to_end()


def _start_onboarding(_said: StartOnboarding, session: ListeningSession) -> None:
    if session.onboarding is not None:
        session.onboarding.start()


def _skip_question(_said: SkipQuestion, session: ListeningSession) -> None:
    if session.onboarding is not None:
        session.onboarding.skip()


def _look(said: ClientState, session: ListeningSession) -> None:
    if session.screen is not None:
        session.screen.change(is_open=said.foreground, shows_words=said.transcript_visible)


def _assign(said: SpeakerAssigned, session: ListeningSession) -> None:
    person = None if said.person_id is None or said.person_id in ABSENT else PersonId(said.person_id)
    session.assign(said.speaker_id, person, segments=[SegmentId(segment) for segment in said.segment_ids])


def _take_suggestion(said: SuggestedTranscript, session: ListeningSession) -> None:
    """Words of clients that have ours hear for them are passed over: they would be doubled."""
    if session.suggest is not None:
        segments = [_segment(segment) for segment in said.segments]
        session.suggest(segments, provider=said.stt_provider or "")


def _segment(said: Suggested) -> SuggestedSegment:
    number = (said.speaker or "").rpartition("_")[2][:4]
    speaker = int(number) if number.isascii() and number.isdigit() else said.speaker_id or 0
    start, end = samples(said.start), samples(max(said.start, said.end))
    return SuggestedSegment(id=(said.id or "")[:100], text=said.text, start=start, end=end, speaker=speaker)


def _take_photo(text: str, session: ListeningSession) -> None:
    if session.photos is None:
        return
    try:
        chunk = _photo_decoder.decode(text)
    except msgspec.MsgspecError:
        return
    session.photos.take(chunk, memory=MemoryId(session.conversation.id))


_HEEDED: dict[type[Struct], Callable[[Any, ListeningSession], None]] = {
    EndConversation: _end,
    SuggestedTranscript: _take_suggestion,
    SpeakerAssigned: _assign,
    StartOnboarding: _start_onboarding,
    SkipQuestion: _skip_question,
    ClientState: _look,
}
