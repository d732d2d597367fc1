"""Plugins that were never there."""

import base64
from collections.abc import Awaitable, Callable, Sequence

import anyio.lowlevel

from domain.chat import Message
from domain.ids import PluginId, UserId
from domain.memory import Memory
from domain.plugin import PluginReply
from domain.transcript import TranscriptSegment
from ports.plugin_gateway import PluginCall

Answer = Callable[[PluginCall], Awaitable[PluginReply]]


async def _nothing(_call: PluginCall) -> PluginReply:
    await anyio.lowlevel.checkpoint()
    return PluginReply()


class FakePluginGateway:
    """Keeps what plugins were told, and answers as it was told to."""

    def __init__(self) -> None:
        self.memories: list[tuple[PluginCall, Memory]] = []
        self.transcripts: list[tuple[PluginCall, str, tuple[TranscriptSegment, ...]]] = []
        self.audio: list[tuple[PluginCall, bytes, int]] = []
        self.days: list[tuple[PluginCall, Message]] = []
        self.set_up: set[PluginId] = set()
        """Plugins that the user has set up."""
        self.answer: Answer = _nothing
        """What any plugin answers. May raise what the port raises."""

    async def tell_memory(self, call: PluginCall, memory: Memory) -> PluginReply:
        """Keeps a memory."""
        self.memories.append((call, memory))
        return await self.answer(call)

    async def tell_transcript(
        self, call: PluginCall, segments: Sequence[TranscriptSegment], *, session: str
    ) -> PluginReply:
        """Keeps what was said."""
        self.transcripts.append((call, session, tuple(segments)))
        return await self.answer(call)

    async def tell_audio(self, call: PluginCall, pcm: bytes, *, sample_rate: int) -> None:
        """Keeps audio."""
        self.audio.append((call, pcm, sample_rate))
        await self.answer(call)

    async def tell_day(self, call: PluginCall, summary: Message) -> None:
        """Keeps a summary."""
        self.days.append((call, summary))
        await self.answer(call)

    async def is_set_up(self, call: PluginCall) -> bool:
        """Whether the plugin is in `set_up`."""
        await self.answer(call)
        return call.plugin in self.set_up

    def signing_secret(self, plugin: PluginId, user: UserId) -> str:
        """Its own for each plugin and user."""
        return "whsec_" + base64.b64encode(f"{plugin}\0{user}".encode("utf-8", "surrogatepass")).decode()
