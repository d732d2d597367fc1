"""Memories in Firestore through Google's SDK and nothing else, as somebody would write it who wants the same.

The same documents, found by the same calls and written with the same conditions: a memory is a header and parts, both
or neither are written, nobody overwrites what another one has changed meanwhile. Between them and the values of the
domain stand msgspec and zstd, on the event loop. What the adapter does beside that is left out: no attempts after a
failure and no translated errors, nothing of earlier years, no parts named for their content, no header too large.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any

import msgspec
import zstandard
from google.cloud.firestore import AsyncClient, AsyncCollectionReference
from msgspec import structs

from adapters.outbound.memory_repository.firestore_layout import laid_out
from adapters.outbound.user_encryption import Protection, user_cipher
from domain.ids import UserId
from domain.memory import Memory
from domain.transcript import TranscriptSegment

LEVEL = 1
"""Of compression, as the adapter's."""
_MEMORY = msgspec.json.Decoder(Memory)
_SEGMENTS = msgspec.msgpack.Decoder(tuple[TranscriptSegment, ...])


class FirestoreAlone:
    """What the adapter's operations are set beside. All memories are one, with other names and times."""

    def __init__(self, client: AsyncClient, memory: Memory) -> None:
        self._client = client
        self._user = client.collection("users").document("alone")
        self._memory = memory
        self._numbers = count()
        layout = laid_out(
            memory, user=UserId("alone"), cipher=user_cipher(""), protection=Protection.STANDARD, revision="r"
        )
        [part] = layout.parts["transcript"]
        self._name = part.name
        self._header = layout.header
        """A map of some twenty fields, of which nothing is gained by making it anew."""
        self._premade = self._written(memory)

    async def save(self) -> None:
        """Writes the transcript down and compresses it, then header and part in one call."""
        await self._save(self._written(self._memory))

    async def save_premade(self) -> None:
        """The same call, of bytes that are there already."""
        await self._save(self._premade)

    async def save_one(self) -> None:
        """The same bytes in one document, whatever is there."""
        await self._user.collection("bare").document(f"m{next(self._numbers)}").set({"content": self._premade})

    async def save_maps(self) -> None:
        """One document with a map for each segment, as earlier backends did, and whoever just hands the SDK values."""
        fields = self._header | {"transcript_segments": msgspec.to_builtins(self._memory.segments)}
        await self._user.collection("maps").document("m1").set(fields)

    async def get_maps(self) -> None:
        """Such a document, and the memory of it."""
        found = await self._user.collection("maps").document("m1").get()
        stored = (found.to_dict() or {})["transcript_segments"]
        assert structs.replace(self._memory, segments=msgspec.convert(stored, tuple[TranscriptSegment, ...])).segments

    async def get(self) -> None:
        """A header, its part, and the memory of them."""
        _, memory = await self._read("m1")
        assert memory.segments

    async def get_stored(self) -> None:
        """A header and its part, as they came."""
        header = await self._memories.document("m1").get()
        await self._parts([header])

    async def change(self) -> None:
        """Reads a memory, changes it, and writes the header where nobody was faster."""
        snapshot, memory = await self._read("m1")
        fields = self._header | {"language": structs.replace(memory, language="en").language}
        batch = self._client.batch()
        batch.update(
            snapshot.reference, fields, option=self._client.write_option(last_update_time=snapshot.update_time)
        )
        await batch.commit()

    async def change_field(self) -> None:
        """One field of a header, without reading or knowing anything."""
        await self._memories.document("m1").update({"language": "en"})

    async def page(self) -> None:
        """The newest headers of both collections, their parts, and the memories of them."""
        headers = await self._newest()
        contents = await self._parts(headers)
        assert all(self._together(header, contents).segments for header in headers)

    async def several(self, names: Sequence[str]) -> None:
        """Headers by name, their parts, and the memories of them."""
        wanted = [self._memories.document(name) for name in names]
        headers = [header async for header in self._client.get_all(wanted)]
        contents = await self._parts(headers)
        assert all(self._together(header, contents).segments for header in headers)

    async def page_stored(self) -> None:
        """The same headers and parts, as they came."""
        await self._parts(await self._newest())

    @property
    def _memories(self) -> AsyncCollectionReference:
        memories: AsyncCollectionReference = self._user.collection("memories")
        return memories

    async def _save(self, content: bytes) -> None:
        number = next(self._numbers)
        header = self._memories.document(f"m{number}")
        created: datetime = self._header["created_at"]
        batch = self._client.batch()
        batch.set(header.collection("transcript").document(self._name), {"content": content})
        batch.create(header, self._header | {"id": header.id, "created_at": created.replace(microsecond=number)})
        nowhere = self._user.collection("conversations").document(header.id)
        batch.delete(nowhere, option=self._client.write_option(exists=False))
        await batch.commit()

    async def _read(self, name: str) -> tuple[Any, Memory]:
        header = await self._memories.document(name).get()
        assert header.exists
        return header, self._together(header, await self._parts([header]))

    async def _newest(self) -> list[Any]:
        newest = [
            self._user.collection(name).order_by("created_at", direction="DESCENDING").limit(21).get()
            for name in ("memories", "conversations")
        ]
        found, _ = await asyncio.gather(*newest)
        return list(found[:20])

    async def _parts(self, headers: Sequence[Any]) -> dict[str, bytes]:
        """Path of a part -> what is in it."""
        wanted = [
            header.reference.collection("transcript").document(name)
            for header in headers
            for name in header.to_dict()["omi"]["transcript"]
        ]
        return {part.reference.path: part.get("content") async for part in self._client.get_all(wanted)}

    def _together(self, header: Any, contents: dict[str, bytes]) -> Memory:  # noqa: ANN401 - the SDK's snapshot
        ours = header.to_dict()["omi"]
        groups = [contents[header.reference.collection("transcript").document(n).path] for n in ours["transcript"]]
        read = [_SEGMENTS.decode(zstandard.ZstdDecompressor().decompress(group)) for group in groups]
        rest = _MEMORY.decode(zstandard.ZstdDecompressor().decompress(ours["exact"]))
        return structs.replace(rest, segments=tuple(segment for some in read for segment in some))

    def _written(self, memory: Memory) -> bytes:
        return zstandard.ZstdCompressor(level=LEVEL).compress(msgspec.msgpack.encode(memory.segments))
