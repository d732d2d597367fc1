"""What servers tell each other of recognizers: which are left alone, and how many connections each has open."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import msgspec
from msgspec import Struct

from adapters.outbound.speech_to_text.failover.post import Post
from domain.ids import new_id
from ports.clock import Clock
from ports.errors import AdapterError
from ports.key_value_store import KeyValueStore

SHARE_SECONDS = 1.0
"""Between two looks at what others say. No session ever waits for one."""
FORGOTTEN = timedelta(seconds=5)
"""After which what a server said counts no more."""
SERVERS = "recognizers:servers"


class _Bench(Struct, frozen=True):
    seconds: float
    """For which it is left alone."""
    reason: str


class _View(Struct, frozen=True):
    """What one server knows, by recognizer."""

    sessions: dict[str, int] = {}
    benches: dict[str, _Bench] = {}


class SharedPosts:
    """Keeps the recognizers of this server up to date with the others. Each server only tells what it saw itself."""

    def __init__(self, posts: Sequence[Post], *, values: KeyValueStore, clock: Clock) -> None:
        self._posts = posts
        self._values = values
        self._clock = clock
        self._server = new_id()

    async def run(self) -> None:
        """Until cancelled. Where the store cannot be reached, what was learned here has to do."""
        while True:
            with suppress(AdapterError):
                await self.share()
            await self._clock.sleep(SHARE_SECONDS)

    async def share(self) -> None:
        """Tells, and learns. Raises AdapterError."""
        mine = _View(
            sessions={post.name: post.sessions for post in self._posts},
            benches={
                post.name: _Bench(post.breaker.bench, post.breaker.reason) for post in self._posts if post.breaker.bench
            },
        )
        await self._values.put(_place(self._server), msgspec.json.encode(mine), lifetime=FORGOTTEN)
        await self._values.add_member(SERVERS, self._server)
        views = [
            view
            for server in await self._values.members(SERVERS)
            if server != self._server and (view := await self._view(server)) is not None
        ]
        for post in self._posts:
            post.sessions_elsewhere = sum(view.sessions.get(post.name, 0) for view in views)
            benches = [view.benches[post.name] for view in views if post.name in view.benches]
            longest = max(benches, key=lambda bench: bench.seconds, default=_Bench(0.0, ""))
            post.breaker.told(longest.seconds, longest.reason)

    async def _view(self, server: str) -> _View | None:
        """What another server says; None when it says nothing any more."""
        content = await self._values.get(_place(server))
        if content is None:
            await self._values.remove_member(SERVERS, server)
            return None
        return msgspec.json.decode(content, type=_View)


def _place(server: str) -> str:
    return f"recognizers:{server}"
