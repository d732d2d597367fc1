"""The whole program in this process, sockets and all, for the model of the app to talk to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from dependency_injector import providers

from bootstrap.asgi import Program
from bootstrap.container import Container
from domain.ids import UserId
from tests.support.omi_app.rest import ForGood, Rest, Tokens
from tests.support.program import container_over


class Assembled:
    """A program that runs."""

    def __init__(self, container: Container, application: Any, client: httpx.AsyncClient) -> None:
        self.container = container
        self.application = application
        """Sockets and routes."""
        self._client = client

    def app_of(self, user: str | None, *, tokens: Tokens | None = None) -> Rest:
        """The calls of an app that somebody is signed in to; None: of a program that nobody is."""
        return Rest(self._client, tokens or (None if user is None else ForGood(f"token-of-{UserId(user)}")))


@asynccontextmanager
async def assembled(
    folder: Path, *, settings: dict[str, str] | None = None, **adapters: Any
) -> AsyncIterator[Assembled]:
    """Runs the program over a folder.

    Args:
        folder: its data.
        settings: `OMI_` variables.
        adapters: in place of those that the settings choose, by port.
    """
    container = container_over(folder, **{"OMI_AUTHENTICATOR__TRUST_UID": "true"} | (settings or {}))
    for name, adapter in adapters.items():
        getattr(container, name).override(providers.Object(adapter))
    program = Program(container)
    rest: Any = program.application._rest
    transport = httpx.ASGITransport(program.application, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with (
        rest.lifespan(),
        httpx.AsyncClient(transport=transport, base_url="http://omi", timeout=60) as client,
    ):
        yield Assembled(container, program.application, client)
