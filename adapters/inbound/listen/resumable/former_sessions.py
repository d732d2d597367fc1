"""What is remembered of resumable sessions that are over: why, and how far their streams came."""

from collections import OrderedDict

from msgspec import Struct

from adapters.inbound.listen.resumable.wire import Refused
from domain.ids import UserId

MOST = 10_000
"""Sessions, and streams, that are remembered."""

UNKNOWN = Refused(code="unknown", reason="no such session here; begin a new one and send what is not acknowledged")
NOT_YOURS = Refused(code="not_yours", reason="the session belongs to somebody else; begin a new one")
EXPIRED = Refused(code="expired", reason="the session has waited for longer than its grace time; begin a new one")
TAKEN_OVER = Refused(code="taken_over", reason="another connection went on with the conversation; begin a new session")
FINISHED = Refused(code="finished", reason="the session was finished; begin a new one")


class _Former(Struct, frozen=True):
    user: UserId
    refused: Refused


class FormerSessions:
    """Bounded: the oldest are forgotten, and then unknown."""

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._sessions: OrderedDict[bytes, _Former] = OrderedDict()
        self._streams: OrderedDict[tuple[UserId, str], int] = OrderedDict()

    def add(self, digest: bytes, *, user: UserId, refused: Refused) -> None:
        """A session is over."""
        self._sessions[digest] = _Former(user, refused)
        while len(self._sessions) > self._most:
            self._sessions.popitem(last=False)

    def refusal(self, digest: bytes, *, user: UserId) -> Refused:
        """Why a token opens nothing."""
        former = self._sessions.get(digest)
        if former is None:
            return UNKNOWN
        return former.refused if former.user == user else NOT_YOURS

    def reached(self, user: UserId, stream: str, *, position: int) -> None:
        """A stream was taken up to a position."""
        self._streams[user, stream] = position
        self._streams.move_to_end((user, stream))
        while len(self._streams) > self._most:
            self._streams.popitem(last=False)

    def position(self, user: UserId, stream: str) -> int:
        """Up to where a stream was taken; 0 where nothing is known of it."""
        return self._streams.get((user, stream), 0)
