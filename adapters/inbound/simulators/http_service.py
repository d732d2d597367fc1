"""A vendor that answers one request a connection, whole."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import anyio
from anyio.abc import SocketAttribute, SocketStream

from adapters.inbound.simulators.http_upload import HttpAnswer, HttpRequest, HttpUpload

Answering = Callable[[HttpRequest], Awaitable[HttpAnswer]]


@asynccontextmanager
async def serving(answer: Answering, *, host: str, port: int) -> AsyncIterator[str]:
    """Serves until the context is left; gives the address with the port that was taken.

    Raises:
        OSError: the address is taken or is none.
    """

    async def serve(client: SocketStream) -> None:
        upload, request = HttpUpload(), None
        async with client:
            with suppress(anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
                while request is None:
                    request = upload.feed(await client.receive())
                await client.send((await answer(request)).encode())

    async with await anyio.create_tcp_listener(local_host=host, local_port=port) as listener:
        address = f"{host}:{listener.extra(SocketAttribute.local_port)}"  # noqa: S610 - not Django
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, serve)
            yield f"http://{address}"
            tasks.cancel_scope.cancel()
