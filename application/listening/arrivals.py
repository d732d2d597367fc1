"""Conversations that are on their way here, and the connections that wait for them."""

from collections import Counter

import anyio

from domain.ids import UserId


class Arrivals:
    """Has new connections of a user wait until conversations of theirs are restored, from here or elsewhere."""

    def __init__(self) -> None:
        self._expected: Counter[UserId] = Counter()
        self._arrival = anyio.Event()
        self.awaited: Counter[UserId] = Counter()
        """Users whose connections wait."""

    def expect(self, user: UserId) -> None:
        """A conversation of the user is being restored: new connections wait until it has `arrived`."""
        self._expected[user] += 1

    def arrived(self, user: UserId) -> None:
        """It was adopted, or it turned out that there is none."""
        self._expected[user] -= 1
        self._arrival.set()
        self._arrival = anyio.Event()

    async def wait(self, user: UserId) -> None:
        """Waits for all that is expected of a user."""
        self.awaited[user] += 1
        try:
            while self._expected[user] > 0:
                await self._arrival.wait()
        finally:
            self.awaited[user] -= 1
            self.awaited += Counter()  # drops who waits no more
