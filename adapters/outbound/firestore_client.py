"""The SDK's client for Firestore: one for each database, shared by all adapters of an event loop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError
from google.cloud.firestore import AsyncClient
from google.oauth2.service_account import Credentials

from adapters.outbound.firestore_settings import FirestorePlace
from ports.errors import Rejected


class _Shared:
    """A client and how many use it."""

    def __init__(self, client: AsyncClient) -> None:
        self.client = client
        self.users = 0


_OPEN: RunVar[dict[FirestorePlace, _Shared]] = RunVar("firestore_clients")
"""The clients that are open in an event loop: a channel belongs to the loop it was opened in."""


@asynccontextmanager
async def shared_client(place: FirestorePlace) -> AsyncIterator[AsyncClient]:
    """The client for a database; the last one to leave closes it.

    Raises:
        Rejected: the credentials cannot be read, or nothing tells the project.
    """
    clients = _OPEN.get({})
    _OPEN.set(clients)
    if place not in clients:
        made = await anyio.to_thread.run_sync(_made, place)  # reads files, and may ask the machine's own service
        clients.setdefault(place, _Shared(made))
    shared = clients[place]
    shared.users += 1
    try:
        yield shared.client
    finally:
        shared.users -= 1
        if not shared.users:
            del clients[place]
            with anyio.CancelScope(shield=True):
                await _close(shared.client)


def _made(place: FirestorePlace) -> AsyncClient:
    credentials: Any = None
    try:
        if place.insecure:
            credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
        elif place.credentials_file:
            credentials = Credentials.from_service_account_file(place.credentials_file)  # type: ignore[no-untyped-call]
        client = AsyncClient(
            project=place.project or ("omi" if place.insecure else None),
            credentials=credentials,
            database=place.database,
            client_options=ClientOptions(api_endpoint=place.host) if place.host else None,
        )
    except (GoogleAuthError, OSError, ValueError) as error:
        reason = type(error).__name__
        message = f"{place} has no credentials that can be used ({reason}); set PROJECT and CREDENTIALS_FILE"
        raise Rejected(message) from error
    # The SDK takes this from FIRESTORE_EMULATOR_HOST; settings come from one place here, and it has no other way.
    client._emulator_host = place.host if place.insecure else None  # noqa: SLF001
    return client


async def _close(client: AsyncClient) -> None:
    await client._firestore_api.transport.close()  # noqa: SLF001 - the asynchronous client has no `close` of its own
