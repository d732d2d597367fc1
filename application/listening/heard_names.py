"""Who introduces themselves is suggested as the name of their voice."""

from collections import deque
from collections.abc import Awaitable, Callable

import anyio
from msgspec import Struct

from domain.errors import InvalidRequest
from domain.ids import ConversationId, PersonId, SegmentId, UserId
from domain.introductions import introduced
from domain.person import Person
from domain.session import SessionEvent, SessionRequest, SpeakerNamed, TranscriptGrew
from domain.transcript import TranscriptSegment
from ports.clock import Clock
from ports.errors import AdapterError
from ports.people import People

LOOK_SECONDS = 1.0
SETTLED = 3.0
"""Seconds after which it is clear by which voice something was said."""
LATEST = 15.0
"""Seconds after which a voice that still has no number gets none."""
MOST_WAITING = 20
MOST_CREATED = 10
"""People that are added in one session."""

CreatePerson = Callable[[UserId, str], Awaitable[Person]]
"""Adds somebody. Raises InvalidRequest, TemporarilyUnavailable."""


class _Heard(Struct):
    """A name, and who seems to have said it."""

    name: str
    conversation: ConversationId
    piece: TranscriptSegment
    at: float
    shown: TranscriptSegment | None = None
    """The segment that it is shown in, as it stands now."""


class HeardNames:
    """Follows the words of one session."""

    def __init__(
        self,
        request: SessionRequest,
        *,
        people: People,
        create: CreatePerson,
        tell: Callable[[SessionEvent], None],
        clock: Clock,
    ) -> None:
        self._request = request
        self._people = people
        self._create = create
        self._tell = tell
        self._clock = clock
        self._waiting: deque[_Heard] = deque(maxlen=MOST_WAITING)
        self._came = anyio.Event()
        self._told: set[tuple[ConversationId, int]] = set()
        self._created = 0

    def offer(self, event: SessionEvent) -> None:
        """Notices names, and by which voices they were said. Never waits, never raises."""
        if not isinstance(event, TranscriptGrew):
            return
        for piece in event.change.added:
            name = introduced(piece.text)
            if name is not None:
                self._waiting.append(_Heard(name, event.conversation, piece, self._clock.monotonic()))
                self._came.set()
        for heard in self._waiting:
            for segment in event.change.changed:
                if segment.start <= heard.piece.start and heard.piece.end <= segment.end:
                    heard.shown = segment

    async def run(self) -> None:
        """Suggests until cancelled."""
        while True:
            await self._came.wait()
            self._came = anyio.Event()
            while self._waiting:
                await self._clock.sleep(LOOK_SECONDS)
                await self._look()

    async def _look(self) -> None:
        for heard in tuple(self._waiting):
            age = self._clock.monotonic() - heard.at
            is_known = heard.shown is not None and heard.shown.speaker > 0
            if age >= (SETTLED if is_known else LATEST):
                self._waiting.remove(heard)
                if is_known and heard.shown is not None:
                    await self._suggest(heard, heard.shown)

    async def _suggest(self, heard: _Heard, shown: TranscriptSegment) -> None:
        voice = (heard.conversation, shown.speaker)
        if shown.is_user or shown.person_id is not None or voice in self._told:
            return
        self._told.add(voice)
        person, name = await self._person(heard.name)
        self._tell(SpeakerNamed(heard.conversation, shown.speaker, person, name, SegmentId(shown.id)))

    async def _person(self, name: str) -> tuple[PersonId | None, str]:
        """Whom the user knows by that name, or is to know; nobody where two have it, or nobody can be asked now."""
        try:
            known = [one for one in await self._people.list(self._request.user) if _is_called(one, name)]
            if len(known) == 1:
                return known[0].id, known[0].name
            may_create = self._request.assigns_speakers and self._request.creates_people
            if not known and may_create and self._created < MOST_CREATED:
                self._created += 1
                added = await self._create(self._request.user, name)
                return added.id, added.name
        except (AdapterError, InvalidRequest):
            pass
        return None, name


def _is_called(person: Person, name: str) -> bool:
    """Whether it is their name, or their given name stands alone."""
    theirs = person.name.casefold()
    return theirs == name.casefold() or theirs.split()[:1] == [name.casefold()]
