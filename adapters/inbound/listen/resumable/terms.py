"""On what terms a socket comes to a session: it begins one, or goes on with what was agreed before."""

from msgspec import Struct, structs

from adapters.inbound.listen.resumable.agreement import digest_of, new_token
from adapters.inbound.listen.resumable.wire import Resume
from application.listening.known_streams import StreamSession
from domain.audio import AudioFormat
from domain.errors import InvalidRequest
from domain.session import SessionRequest


class Terms(Struct, frozen=True, kw_only=True):
    """What a socket brings."""

    session: StreamSession
    token: str
    since: int = 0
    """Number of the last event that the client has."""
    is_resumed: bool = True
    goes_on: bool = True
    """Something of the stream may be elsewhere."""


def begun(audio: AudioFormat, *, goes_on: bool) -> Terms:
    """Those of a new session."""
    token = new_token()
    session = StreamSession(digest=digest_of(token), audio=audio)
    return Terms(session=session, token=token, is_resumed=False, goes_on=goes_on)


def resumed(session: StreamSession, resume: Resume) -> Terms:
    """Those of a session that goes on. Of what was told behind its last event, the client knows nothing."""
    told = {conversation: number for conversation, number in session.told.items() if number <= resume.last_event}
    return Terms(session=structs.replace(session, told=told), token=resume.token, since=resume.last_event)


def require_format(agreed: AudioFormat, request: SessionRequest) -> None:
    """Raises InvalidRequest where a client comes back with another format."""
    if agreed != request.audio:
        raise InvalidRequest("a session goes on with the audio format it began with")
