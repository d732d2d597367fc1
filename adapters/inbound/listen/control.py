"""What clients say in text messages besides audio. Apps of many years talk to us: what is not understood is ignored."""

import msgspec
from msgspec import Struct

from adapters.inbound.listen.parameters import ABSENT
from application.listening.listening_session import ListeningSession
from application.photos.collect_images import ImageChunk
from domain.ids import MemoryId, PersonId

LONGEST = 64 * 1024
"""Characters of a message that is looked at."""


class EndConversation(Struct, frozen=True, tag="end_conversation"):
    """The user wants the memory of what was said so far."""


class SpeakerAssigned(Struct, frozen=True, tag="speaker_assigned"):
    """The user says whose voice one is."""

    speaker_id: int
    person_id: str | None = None
    """`user` for the owner; empty or absent for nobody who is known."""


class PhotoPiece(Struct, frozen=True, tag="image_chunk"):
    """A piece of a photo; what it holds is read as an `ImageChunk`."""


_photo_decoder = msgspec.json.Decoder(ImageChunk)
_decoder = msgspec.json.Decoder(EndConversation | SpeakerAssigned | PhotoPiece)


def obey(text: str, session: ListeningSession) -> None:
    """Does what a message says."""
    if len(text) > LONGEST:
        return
    try:
        said = _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return
    if isinstance(said, EndConversation):
        session.ask_to_end()
        return
    if isinstance(said, PhotoPiece):
        _take_photo(text, session)
        return
    person = None if said.person_id is None or said.person_id in ABSENT else PersonId(said.person_id)
    session.assign(said.speaker_id, person)


def _take_photo(text: str, session: ListeningSession) -> None:
    if session.photos is None:
        return
    try:
        chunk = _photo_decoder.decode(text)
    except msgspec.MsgspecError:
        return
    session.photos.take(chunk, memory=MemoryId(session.conversation.id))
