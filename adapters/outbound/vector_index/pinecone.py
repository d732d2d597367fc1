"""Nearest neighbors in Pinecone: an index for each dimension, and in it a namespace for each user and space."""

from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import anyio
from msgspec import Struct
from pinecone import AsyncIndex

from adapters.outbound.vector_index import pinecone_records as form
from adapters.outbound.vector_index.pinecone_indexes import PineconeIndexes, PineconeVectorIndexSettings
from adapters.outbound.vector_index.pinecone_originals import PineconeOriginals
from domain.embedding import Embedding
from domain.ids import MemoryId, UserId
from ports.clock import Clock
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, NotFound, Rejected, cause
from ports.text_index import Place
from ports.vector_index import Near, VectorEntry

__all__ = ["PineconeVectorIndex", "PineconeVectorIndexSettings"]

MOST_HITS = 10_000
_MOST_RECORDS = 500
"""In one request: Pinecone takes 1,000."""
_LARGEST = 1_500_000
"""Bytes of one request, about: Pinecone takes two million."""
_BYTES_EACH = 14
"""Of a number in a request, with what its half in the metadata takes."""


class PineconeVectorIndex:
    """Vectors in the cloud. What was written is found after some seconds, as Pinecone has it."""

    def __init__(self, *, settings: PineconeVectorIndexSettings, clock: Clock) -> None:
        self._clock = clock
        self._indexes = PineconeIndexes(settings)
        self.originals = PineconeOriginals(self._indexes, namespace=settings.original_namespace)

    async def __aenter__(self) -> Self:
        await self._indexes.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._indexes.__aexit__(kind, error, trace)

    async def put(self, user: UserId, memory_id: MemoryId, entries: Sequence[VectorEntry], *, space: str) -> None:
        """Replaces all entries of a memory in a space. Done halfway, it is whole when it is done again."""
        where, memory = form.namespace(user, space), form.written(memory_id)
        if not entries:
            for index in (await self._indexes.known()).values():
                await self._delete(index, where, {form.MEMORY: {"$eq": memory}})
            return
        dimension = form.dimension_of(entries)
        index = await self._indexes.of_dimension(dimension)
        for other in await self._others(dimension):
            await self._make_way(other, where, memory)
        records = form.records(memory_id, entries, at=int(self._clock.now().timestamp()))
        for batch in _batches(records, dimension):
            with self._indexes.asking():
                await index.upsert(vectors=batch, namespace=where)
        numbers = sorted({entry.number for entry in entries})
        # by number and not by age: what was written a moment ago cannot be among it, however late it is seen
        await self._delete(index, where, {form.MEMORY: {"$eq": memory}, form.NUMBER: {"$nin": numbers}})

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Forgets a memory in all spaces, and in the index of Omi's own backend."""
        await self.originals.delete(user, memory_id)
        wanted = {form.MEMORY: {"$eq": form.written(memory_id)}}
        for index in (await self._indexes.listed()).values():
            for where in await self._namespaces(index, user):
                await self._delete(index, where, wanted)

    async def search(
        self, user: UserId, query: Embedding, *, space: str, limit: int = 50, also: Sequence[Place] = ()
    ) -> tuple[Near, ...]:
        """Nearest entries first, at most 10,000; those asked for by name come with them, in one wait."""
        where, wanted = form.namespace(user, space), form.floats(query)
        found: dict[str, Near] = {}
        index = (await self._indexes.known()).get(len(wanted)) or (await self._indexes.listed()).get(len(wanted))
        if index is not None:
            found = await self._nearest(_Question(index, where, wanted), limit=limit, also=also)
        if not found:
            await self._require_dimension(len(wanted), where)
        return tuple(sorted(found.values(), key=lambda near: -(near.score + near.context)))

    async def spaces(self, user: UserId) -> tuple[str, ...]:
        """The spaces in which a user has entries, by name."""
        names = [
            form.space_of(where)
            for index in (await self._indexes.listed()).values()
            for where in await self._namespaces(index, user)
        ]
        return tuple(sorted(set(names)))

    async def delete_space(self, user: UserId, space: str) -> None:
        """Forgets all entries of a space."""
        where = form.namespace(user, space)
        for index in (await self._indexes.listed()).values():
            with suppress(NotFound), self._indexes.asking():
                await index.delete_namespace(name=where)

    async def diagnose(self) -> Diagnosis:
        """Whether Pinecone answers and takes the key."""
        try:
            known = await self._indexes.listed()
        except AdapterError as error:
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy="look at the key and the network")
        names = ", ".join(f"{dimension}" for dimension in sorted(known)) or "no"
        return Diagnosis(condition=Condition.WORKING, finding=f"Pinecone answers; indexes for {names} dimensions")

    async def _nearest(self, question: "_Question", *, limit: int, also: Sequence[Place]) -> dict[str, Near]:
        """What is near and what is asked for by name, by ids; asked at the same time."""
        found: dict[str, Near] = {}

        async def ask(top: int, only: dict[str, Any] | None = None) -> None:
            with self._indexes.asking(), suppress(NotFound):
                found.update(await question.ask(top, only))

        places = list(dict.fromkeys(form.record_id(*place) for place in also))
        try:
            async with anyio.create_task_group() as tasks:
                if limit > 0:
                    tasks.start_soon(ask, min(limit, MOST_HITS))
                for start in range(0, len(places), _MOST_RECORDS):
                    part = places[start : start + _MOST_RECORDS]
                    tasks.start_soon(ask, len(part), {form.PLACE: {"$in": part}})
        except* AdapterError as group:
            raise cause(group) from group
        return found

    async def _others(self, dimension: int) -> list[AsyncIndex]:
        return [index for size, index in (await self._indexes.known()).items() if size != dimension]

    async def _count(self, index: AsyncIndex, where: str) -> int:
        with suppress(NotFound), self._indexes.asking():
            return int((await index.describe_namespace(name=where)).record_count)
        return 0

    async def _make_way(self, index: AsyncIndex, where: str, memory: str) -> None:
        """Takes a memory out of an index of another dimension. Raises Rejected when it is not alone there."""
        count = await self._count(index, where)
        if not count:
            return
        with self._indexes.asking():
            own = [item.id async for page in index.list(prefix=f"{memory}#", namespace=where) for item in page.vectors]
        if count > len(own):
            raise Rejected("the space holds vectors of another dimension")
        await self._delete(index, where, {form.MEMORY: {"$eq": memory}})

    async def _require_dimension(self, dimension: int, where: str) -> None:
        """Raises Rejected when a space that seems empty is merely one of another dimension."""
        for index in await self._others(dimension):
            if await self._count(index, where):
                raise Rejected(f"a query of {dimension} dimensions does not fit the space")

    async def _namespaces(self, index: AsyncIndex, user: UserId) -> list[str]:
        """Where a user has entries."""
        with self._indexes.asking():
            pages = [page async for page in index.list_namespaces(prefix=form.beginning(user))]
        return [found.name for page in pages for found in page.namespaces if found.record_count]

    async def _delete(self, index: AsyncIndex, where: str, wanted: dict[str, Any]) -> None:
        with suppress(NotFound), self._indexes.asking():
            await index.delete(filter=wanted, namespace=where)


class _Question(Struct, frozen=True):
    """What is looked for, and where."""

    index: AsyncIndex
    namespace: str
    query: form.Floats

    async def ask(self, top: int, only: dict[str, Any] | None) -> dict[str, Near]:
        answer = await self.index.query(
            vector=form.values(self.query), top_k=top, namespace=self.namespace, include_metadata=True, filter=only
        )
        return {hit.id: form.near(hit.score, hit.metadata or {}, self.query) for hit in answer.matches}


def _batches(records: list[dict[str, Any]], dimension: int) -> list[list[dict[str, Any]]]:
    size = max(1, min(_MOST_RECORDS, _LARGEST // (dimension * _BYTES_EACH + 1_000)))
    return [records[start : start + size] for start in range(0, len(records), size)]
