"""Calls to Firestore: each with a deadline, tried again while that may help, failing in the words of the ports."""

import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self, TypeVar

import anyio
from google.cloud.firestore import AsyncClient, AsyncCollectionReference, AsyncDocumentReference, AsyncQuery

from adapters.outbound.firestore_client import shared_client
from adapters.outbound.firestore_errors import FAILURES, translated
from adapters.outbound.firestore_names import document_name
from adapters.outbound.firestore_settings import FirestorePlace, FirestoreSettings
from domain.ids import UserId
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable

T = TypeVar("T")
Snapshot = Any
"""The SDK's `DocumentSnapshot`."""
Batch = Any
"""The SDK's `AsyncWriteBatch`: `set`, `create`, `update`, `delete`."""
USERS = "users"
MOST_READ = 100
"""Documents that are asked for in one call."""
MOST_WRITTEN = 400
"""Documents that are written in one call."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0


class FirestoreConnection:
    """What adapters ask of Firestore. The client behind it is shared with all who use the same database."""

    def __init__(self, settings: FirestoreSettings) -> None:
        self._settings = settings
        self._place = FirestorePlace.of(settings)
        self._stack = AsyncExitStack()
        self._client: AsyncClient

    async def __aenter__(self) -> Self:
        if self._settings.insecure and not self._settings.host:
            raise Rejected("Firestore without TLS is for simulations alone: INSECURE needs HOST")
        self._client = await self._stack.enter_async_context(shared_client(self._place))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def user(self, user: UserId) -> AsyncDocumentReference:
        """The document of a user, below which everything lies that is theirs."""
        return self._client.collection(USERS).document(document_name(user))

    def of_all(self, name: str) -> AsyncCollectionReference:
        """A collection that lies below no user."""
        return self._client.collection(name)

    async def read(self, references: Sequence[AsyncDocumentReference]) -> list[Snapshot]:
        """Documents by reference, in the order they were asked for; `exists` tells of each whether it is there."""
        found: dict[str, Snapshot] = {}
        for start in range(0, len(references), MOST_READ):
            wanted = list(references[start : start + MOST_READ])

            async def read(wanted: list[AsyncDocumentReference] = wanted) -> list[Snapshot]:
                answers = self._client.get_all(wanted, retry=None, timeout=self._settings.timeout)
                return [snapshot async for snapshot in answers]

            found |= {snapshot.reference.path: snapshot for snapshot in await self._patiently(read)}
        return [found[reference.path] for reference in references]

    async def find(self, query: AsyncQuery | AsyncCollectionReference) -> list[Snapshot]:
        """The documents that a query finds."""

        async def find() -> list[Snapshot]:
            return list(await query.get(retry=None, timeout=self._settings.timeout))

        return await self._patiently(find)

    async def write(self, fill: Callable[[Batch], None]) -> None:
        """Writes all that a function puts into a batch, or nothing.

        Raises:
            Conflict: a precondition does not hold.
        """

        async def write() -> None:
            batch = self._client.batch()
            fill(batch)
            await batch.commit(retry=None, timeout=self._settings.timeout)

        await self._patiently(write)

    async def delete(self, references: Sequence[AsyncDocumentReference]) -> None:
        """Removes documents, some at a time; what lies below them stays."""
        for start in range(0, len(references), MOST_WRITTEN):
            some = references[start : start + MOST_WRITTEN]

            def fill(batch: Batch, some: Sequence[AsyncDocumentReference] = some) -> None:
                for reference in some:
                    batch.delete(reference)

            await self.write(fill)

    async def below(self, document: AsyncDocumentReference) -> list[AsyncCollectionReference]:
        """The collections right below a document, whether it is there or not."""

        async def look() -> list[AsyncCollectionReference]:
            return [one async for one in document.collections(retry=None, timeout=self._settings.timeout)]

        return await self._patiently(look)

    async def names(self, collection: AsyncCollectionReference) -> list[AsyncDocumentReference]:
        """The documents of a collection, by name, without what is in them."""

        async def look() -> list[AsyncDocumentReference]:
            return [one async for one in collection.list_documents(retry=None, timeout=self._settings.timeout)]

        return await self._patiently(look)

    async def diagnose(self) -> Diagnosis:
        """Whether the database answers, and how fast. Does not raise."""
        began = time.monotonic()
        try:
            await self.read([self._client.collection(USERS).document("omi-diagnosis")])
        except AdapterError as error:
            remedy = "see that PROJECT, DATABASE, CREDENTIALS_FILE and HOST of the adapter name a database one can use"
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy=remedy)
        spent = (time.monotonic() - began) * 1_000
        return Diagnosis(condition=Condition.WORKING, finding=f"{self._place} answers in {spent:.0f} ms")

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """The outcome of a call, which is tried again while it fails for reasons that pass.

        The SDK's own retries are off: its `timeout` is that of one attempt, and it goes on for one to five minutes.
        """
        deadline = time.monotonic() + self._settings.patience
        pause = _FIRST_PAUSE
        while True:
            try:
                with anyio.fail_after(self._settings.timeout + 1.0):
                    return await call()
            except FAILURES as error:
                failure = translated(error, place=str(self._place))
                wait = pause * random.uniform(0.5, 1.5)  # noqa: S311 - spreads attempts, guards nothing
                if not isinstance(failure, TemporarilyUnavailable) or time.monotonic() + wait > deadline:
                    raise failure from error
            await anyio.sleep(wait)
            pause = min(pause * 2, _LONGEST_PAUSE)
