"""Pinecone, simulated: indexes are made and listed at one address, and each has an address of its own for vectors."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import anyio
import msgspec
from anyio.abc import Listener, SocketAttribute, SocketStream, TaskGroup

from adapters.inbound.simulators.http_upload import HttpAnswer, HttpRequest, HttpUpload
from adapters.inbound.simulators.pinecone_index import LARGEST_REQUEST, Refused, SimulatedIndex


class SimulatedPinecone:
    """A running simulation, and what it holds."""

    def __init__(self, *, key: str, host: str, tasks: TaskGroup) -> None:
        self.url = ""
        """Address at which indexes are made and listed."""
        self.indexes: dict[str, SimulatedIndex] = {}
        self.requests: list[str] = []
        """Method and path of each, in the order of coming."""
        self.refusals: list[int] = []
        """Statuses with which the next requests are answered, each once; 0: with silence."""
        self._key = key
        self._host = host
        self._tasks = tasks

    async def create(self, name: str, *, dimension: int, metric: str) -> SimulatedIndex:
        """Makes an index, which is ready at once."""
        if name in self.indexes:
            raise Refused(409, f"Resource {name} already exists")
        self.indexes[name] = index = SimulatedIndex(name, dimension=dimension, metric=metric)
        listener = await anyio.create_tcp_listener(local_host=self._host)
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - not Django
        index.host = f"http://{self._host}:{port}"
        self._tasks.start_soon(self._serve_index, listener, index)
        return index

    async def serve(self, index: SimulatedIndex | None, client: SocketStream) -> None:
        """Answers one request, and hangs up."""
        async with client:
            with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
                request, target = await _received(client)
                self.requests.append(f"{request.method} {request.path}")
                status = self.refusals.pop(0) if self.refusals else 200
                if not status:
                    await anyio.sleep_forever()
                await client.send((await self._answer(index, request, target, status)).encode())

    async def _serve_index(self, listener: Listener[SocketStream], index: SimulatedIndex) -> None:
        async with listener:
            await listener.serve(partial(self.serve, index))

    async def _answer(self, index: SimulatedIndex | None, request: HttpRequest, target: str, status: int) -> HttpAnswer:
        try:
            self._admit(request, status)
            if index is None:
                return HttpAnswer(status=200, content=await self._control(request))
            return HttpAnswer(status=200, content=_vectors(index, request, target))
        except Refused as refused:
            return HttpAnswer(status=refused.status, content=refused.content)

    def _admit(self, request: HttpRequest, status: int) -> None:
        if status != HTTPStatus.OK:
            raise Refused(status, "scripted")
        if request.headers.get("api-key") != self._key:
            raise Refused(401, "Invalid API Key")

    async def _control(self, request: HttpRequest) -> dict[str, Any]:
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["indexes"]:
                return {"indexes": [index.description() for index in self.indexes.values()]}
            case "POST", ["indexes"]:
                body = msgspec.json.decode(request.body)
                [vector] = body["schema"]["fields"].values()
                made = await self.create(body["name"], dimension=vector["dimension"], metric=vector["metric"])
                return made.description()
            case "GET", ["indexes", name] if name in self.indexes:
                return self.indexes[name].description()
        raise Refused(404, "no such thing is simulated")


@asynccontextmanager
async def serve_pinecone(
    *, host: str = "127.0.0.1", port: int = 0, key: str = "simulated"
) -> AsyncIterator[SimulatedPinecone]:
    """Runs a simulation until the context is left; port 0 takes a free one, and indexes always do.

    Raises:
        OSError: the address is taken or is none.
    """
    listener = await anyio.create_tcp_listener(local_host=host, local_port=port)
    async with listener, anyio.create_task_group() as tasks:
        simulation = SimulatedPinecone(key=key, host=host, tasks=tasks)
        simulation.url = f"http://{host}:{listener.extra(SocketAttribute.local_port)}"  # noqa: S610 - not Django
        tasks.start_soon(listener.serve, partial(simulation.serve, None))
        yield simulation
        tasks.cancel_scope.cancel()


async def _received(client: SocketStream) -> tuple[HttpRequest, str]:
    """A request, and its target as it came: a name may be in it several times."""
    upload, start = HttpUpload(), b""
    while True:
        data = await client.receive()
        start = start if b"\r\n" in start else start + data
        request = upload.feed(data)
        if request is not None:
            return request, start.split(b" ", 2)[1].decode()


def _vectors(index: SimulatedIndex, request: HttpRequest, target: str) -> dict[str, Any]:
    if len(request.body) > LARGEST_REQUEST:
        raise Refused(400, f"Request size {len(request.body)} exceeds the limit of {LARGEST_REQUEST} bytes")
    body = msgspec.json.decode(request.body) if request.body else {}
    method, path = request.method, urlsplit(target).path.strip("/")
    namespace = request.options.get("namespace", "")
    routes: dict[tuple[str, str], Callable[[], dict[str, Any]]] = {
        ("POST", "vectors/upsert"): lambda: index.upsert(body),
        ("POST", "query"): lambda: index.query(body),
        ("POST", "vectors/delete"): lambda: index.delete(body),
        ("GET", "vectors/fetch"): lambda: index.fetch(parse_qs(urlsplit(target).query).get("ids", []), namespace),
        ("GET", "vectors/list"): lambda: index.ids(request.options),
        ("GET", "namespaces"): lambda: index.listed(request.options),
    }
    if (method, path) in routes:
        return routes[method, path]()
    folder, _, name = path.partition("/")
    if folder == "namespaces" and method in {"GET", "DELETE"}:
        return (index.namespace if method == "GET" else index.delete_namespace)(unquote(name))
    raise Refused(404, "no such thing is simulated")
