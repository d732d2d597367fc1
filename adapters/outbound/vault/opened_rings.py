"""Keys of users that are at hand, for half a minute each."""

from collections import OrderedDict

from adapters.outbound.vault.user_keys import RingKeys
from domain.ids import UserId
from ports.clock import Clock

REFRESHED = 30.0
"""Seconds after which keys are looked up again: others may have erased them, or made newer ones."""
BEGINS = 3 * REFRESHED
"""Seconds until a new key seals: by then everybody has it who reads what it seals."""
_MOST = 20_000


class OpenedRings:
    """Remembers keys. For the event loop and threads: each step is one operation of a dictionary."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rings: OrderedDict[UserId, tuple[float, RingKeys]] = OrderedDict()

    def get(self, user: UserId) -> RingKeys | None:
        """The keys of a user, if they were looked up lately."""
        found = self._rings.get(user)
        return found[1] if found and self._clock.monotonic() - found[0] < REFRESHED else None

    def last(self, user: UserId) -> RingKeys | None:
        """The keys of a user as they were when they were looked up last."""
        found = self._rings.get(user)
        return found[1] if found else None

    def put(self, user: UserId, keys: RingKeys) -> RingKeys:
        """Remembers keys, and gives them."""
        self._rings[user] = self._clock.monotonic(), keys
        if len(self._rings) > _MOST:
            self._rings.popitem(last=False)
        return keys

    def forget(self, user: UserId) -> None:
        """Does not know them any more."""
        self._rings.pop(user, None)

    def clear(self) -> None:
        """Knows none any more."""
        self._rings.clear()
