"""Which of several servers serves a conversation that goes on. One at a time: only that one adds to it, or ends it."""

from typing import Protocol

from msgspec import Struct

from domain.ids import ConversationId, UserId


class Lease(Struct, frozen=True, kw_only=True):
    """A conversation that has not ended, and who has it."""

    conversation: ConversationId
    user: UserId
    server: str
    """Who serves it; empty when nobody does."""


class ConversationLeases(Protocol):
    """The leases of all servers, seen from one of them.

    A lease holds as long as its server gives signs of life; a server that is killed loses all of its leases within
    seconds. One that could not be reached for a while may learn that others went on with what it had: then `holds`
    says so. What is known here is asked without waiting.
    """

    @property
    def server(self) -> str:
        """The name of this server: its own for every start."""
        ...

    def begin(self, user: UserId, conversation: ConversationId) -> None:
        """Has this server serve a conversation that is new: nobody else can know it. Others learn of it soon."""
        ...

    def holds(self, conversation: ConversationId) -> bool:
        """Whether this server serves it, as far as is known here."""
        ...

    def fence(self, conversation: ConversationId) -> int:
        """Counts who has served it: greater for every claim. 0 when this server does not.

        A store that was written to with a greater one takes nothing with a smaller one.
        """
        ...

    def lose(self, conversation: ConversationId) -> None:
        """A store refused the fence: somebody else serves it. Nothing is told to others."""
        ...

    def forget(self, conversation: ConversationId) -> None:
        """It has ended: nobody needs to serve it. Others learn of it soon. Harmless when it was not served here."""
        ...

    async def settle(self) -> None:
        """Waits until what was begun and forgotten is known to the others.

        Raises:
            TemporarilyUnavailable: it is not.
        """
        ...

    async def claim(self, user: UserId, conversation: ConversationId) -> str:
        """Serves a conversation from now on, if nobody does. Of several servers at once one succeeds.

        Returns:
            Who serves it now: the name of this server, or of the other one that still does.

        Raises:
            TemporarilyUnavailable: nobody can say.
        """
        ...

    async def release(self, conversation: ConversationId) -> None:
        """Serves it no longer: whoever claims it next has it at once. Nothing happens when it was not served here.

        Raises:
            TemporarilyUnavailable: others may have to wait until this server has been silent for a while.
        """
        ...

    async def of(self, user: UserId) -> tuple[Lease, ...]:
        """The conversations of a user that have not ended. Raises TemporarilyUnavailable."""
        ...

    async def free(self) -> tuple[Lease, ...]:
        """Conversations that nobody serves, of all users. Raises TemporarilyUnavailable."""
        ...
