"""What a client and its server have agreed on, kept where the next server finds it."""

import hashlib
import hmac
import secrets

from msgspec import structs

from application.listening.known_streams import KnownStreams, StreamSession
from domain.ids import ConversationId, UserId

MOST_TOLD = 100


def new_token() -> str:
    """What continues a session: nobody guesses it."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> bytes:
    """Tokens are kept as their digests: whoever reads what we keep cannot go on with a session."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


class Agreement:
    """Changes at once; a change counts when it was kept."""

    def __init__(self, streams: KnownStreams, *, user: UserId, stream: str, session: StreamSession) -> None:
        self._streams = streams
        self._user = user
        self._stream = stream
        self.session = session
        """As it stands, kept or not."""
        self._kept: StreamSession | None = None
        self.heeded = session.heeded
        """Number of the last text message that was heeded; after a crash it may be heeded again."""
        self.acknowledged = session.heeded
        """The same, of those that no crash undoes."""

    def opens(self, token: str) -> bool:
        """Whether a token is that of this session."""
        return is_opened(self.session, token)

    def heed(self, number: int) -> None:
        """A text message was done."""
        self.heeded = number
        self.session = structs.replace(self.session, heeded=number)

    def finish(self) -> None:
        """No more audio comes."""
        self.session = structs.replace(self.session, is_finished=True)

    def tell(self, conversation: ConversationId, *, number: int) -> None:
        """The client is told of a memory."""
        told = {**self.session.told, conversation: number}
        self.session = structs.replace(self.session, told=dict(list(told.items())[-MOST_TOLD:]))

    def number_of(self, conversation: ConversationId) -> int | None:
        """Under which number the client was told of a memory; None where it was not."""
        return self.session.told.get(conversation)

    async def keep(self) -> None:
        """Has it found elsewhere. Raises TemporarilyUnavailable."""
        session = self.session
        if session is not self._kept:
            await self._streams.agree(self._user, self._stream, session)
            self._kept, self.acknowledged = session, session.heeded


def is_opened(session: StreamSession, token: str) -> bool:
    """Whether a token is that of a session. Takes as long for a wrong one."""
    return hmac.compare_digest(session.digest, digest_of(token))
