"""The program as one ASGI application."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import anyio
from litestar import Litestar

from adapters.inbound.gateway import Gateway
from adapters.inbound.http.application import create_application
from adapters.inbound.http.readiness import Readiness
from adapters.inbound.listen.endpoint import GENERATIONS, ListenEndpoint
from bootstrap.container import OPENED, Container
from bootstrap.lifespan import running

GONE_SECONDS = 0.05
"""Between two looks at whether the last session has ended."""


class Program:
    """What is served, and how it is asked to stop."""

    def __init__(self, container: Container) -> None:
        self._listen = ListenEndpoint(
            listen=container.listen(),
            authenticator=container.authenticator(),
            clock=container.clock(),
            trust_uid=container.settings().trust_uid,
        )
        rest = create_application(
            memories=container.manage_memories(),
            readiness=Readiness(
                {name: getattr(container, name)() for name in OPENED},
                clock=container.clock(),
                is_draining=lambda: self._listen.is_draining,
            ),
            authenticator=container.authenticator(),
            lifespan=[_lifespan(container)],
        )
        self.application = Gateway(sockets=dict.fromkeys(GENERATIONS, self._listen), rest=rest)

    async def drain(self) -> None:
        """Asks every live session to finish, and waits until they have."""
        self._listen.go_away()
        while self._listen.live_sessions:
            await anyio.sleep(GONE_SECONDS)


def _lifespan(container: Container) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        async with running(container):
            yield

    return lifespan
