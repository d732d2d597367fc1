"""The indexes of a Pinecone project that are ours: one for each dimension. And what the SDK's errors mean."""

from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from types import TracebackType
from typing import Annotated, Self

import anyio
from msgspec import Meta, Struct
from pinecone import AsyncIndex, AsyncPinecone, RetryConfig
from pinecone.errors import (
    ApiError,
    ConflictError,
    NotFoundError,
    PineconeError,
    PineconeTypeError,
    PineconeValueError,
    RateLimitError,
    ServiceError,
)

from adapters.outbound.secret import Secret
from ports.errors import Conflict, NotFound, Rejected, TemporarilyUnavailable

_VECTORS = "_values"
"""What the service calls the vector of an index that has one."""
_SETTINGS = "the `vector_index.pinecone` settings"


class PineconeVectorIndexSettings(Struct, frozen=True, kw_only=True):
    """Where vectors are kept, and how patient one is."""

    api_key: Secret = ""
    url: str = "https://api.pinecone.io"
    """HTTP address at which indexes are made and listed."""
    index: str = "omi"
    """Indexes are called this and their dimension: `omi-384`. They are made when they are needed."""
    cloud: str = "aws"
    region: str = "us-east-1"
    """Where an index is made."""
    original_index: str = ""
    """The index of Omi's own backend. Memories are deleted there, too. Empty: there is none."""
    original_namespace: str = "ns1"
    timeout: Annotated[float, Meta(gt=0)] = 10.0
    """Seconds for one request."""
    patience: Annotated[float, Meta(gt=0)] = 30.0
    """Seconds for one request with all that is tried again."""


class PineconeIndexes:
    """Opens indexes, and remembers them."""

    def __init__(self, settings: PineconeVectorIndexSettings) -> None:
        self._settings = settings
        self._opened = AsyncExitStack()
        self._by_name: dict[str, AsyncIndex] = {}
        self._is_listed = False
        self._client: AsyncPinecone

    async def __aenter__(self) -> Self:
        if not self._settings.api_key:
            raise Rejected(f"Pinecone asks for a key: set `api_key` in {_SETTINGS}")
        with translated():
            client = AsyncPinecone(
                self._settings.api_key,
                host=self._settings.url,
                timeout=self._settings.timeout,
                retry_config=RetryConfig(max_wait=self._settings.patience / 3),
            )
        self._client = await self._opened.enter_async_context(client)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):
            await self._opened.__aexit__(kind, error, trace)

    async def known(self) -> dict[int, AsyncIndex]:
        """Our indexes by their dimensions. The list may be old."""
        if not self._is_listed:
            return await self.listed()
        return self._ours()

    async def listed(self) -> dict[int, AsyncIndex]:
        """Our indexes by their dimensions, as they are now: another server may have made one."""
        with self.asking():
            found = [(index.name, index.host) async for index in self._client.indexes.list()]
        for name, host in found:
            if name not in self._by_name and host:
                await self._open(name, host)
        self._is_listed = True
        return self._ours()

    async def of_dimension(self, dimension: int) -> AsyncIndex:
        """The index for vectors of a dimension. Makes it, if there is none, which takes up to a minute."""
        index = (await self.known()).get(dimension) or (await self.listed()).get(dimension)
        if index is not None:
            return index
        place = {"deployment_type": "managed", "cloud": self._settings.cloud, "region": self._settings.region}
        vector = {"type": "dense_vector", "dimension": dimension, "metric": "dotproduct"}
        name = f"{self._settings.index}-{dimension}"
        with translated(), suppress(ConflictError):  # that is, somebody else was quicker
            await self._client.indexes.create(name=name, schema={"fields": {_VECTORS: vector}}, deployment=place)
        made = (await self.listed()).get(dimension)
        if made is None:
            raise TemporarilyUnavailable(f"the index for {dimension} dimensions is not ready yet")
        return made

    async def original(self) -> AsyncIndex | None:
        """The index of Omi's own backend; None when there is none."""
        if not self._settings.original_index:
            return None
        await self.known()
        return self._by_name.get(self._settings.original_index)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Within it the SDK is asked, for as long as the settings say. Raises as `translated`."""
        try:
            with translated(), anyio.fail_after(self._settings.patience):
                yield
        except TimeoutError as error:
            raise TemporarilyUnavailable("Pinecone does not answer") from error

    async def _open(self, name: str, host: str) -> None:
        with translated():
            index = AsyncIndex(host=host, api_key=self._settings.api_key, timeout=self._settings.timeout)
        self._by_name[name] = await self._opened.enter_async_context(index)

    def _ours(self) -> dict[int, AsyncIndex]:
        head = self._settings.index + "-"
        named = {name.removeprefix(head): index for name, index in self._by_name.items() if name.startswith(head)}
        return {int(rest): index for rest, index in named.items() if rest.isdecimal()}


@contextmanager
def translated() -> Iterator[None]:
    """Turns failures of the block into errors of the ports.

    Raises:
        NotFound: there is no such namespace.
        Conflict: it exists already.
        Rejected: Pinecone refuses what was asked.
        TemporarilyUnavailable: it failed, or could not be reached.
    """
    try:
        yield
    except NotFoundError as error:
        raise NotFound("Pinecone knows no such thing") from error
    except ConflictError as error:
        raise Conflict("Pinecone has that already") from error
    except (RateLimitError, ServiceError) as error:
        raise TemporarilyUnavailable(f"Pinecone asks for patience ({error.status_code})") from error
    except ApiError as error:
        raise Rejected(f"Pinecone refuses the request ({error.status_code}): look at {_SETTINGS}") from error
    except (PineconeValueError, PineconeTypeError):
        # from None: it may quote the key
        raise Rejected(f"Pinecone's SDK refuses the request: look at {_SETTINGS}") from None
    except PineconeError as error:
        raise TemporarilyUnavailable(f"Pinecone cannot be reached ({type(error).__name__})") from error
