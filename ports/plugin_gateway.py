"""The way to plugins that run elsewhere."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from domain.chat import Message
from domain.ids import PluginId, UserId
from domain.memory import Memory
from domain.plugin import PluginReply
from domain.transcript import TranscriptSegment


class PluginCall(Struct, frozen=True, kw_only=True):
    """Who is called, and for whom."""

    plugin: PluginId
    user: UserId
    address: str
    """As the catalog has it."""
    id: str = ""
    """Says which delivery it is: one that is repeated bears the same id. Empty for one that is never repeated."""


class PluginGateway(Protocol):
    """Calls plugins over the network. Nobody has checked their addresses: the gateway reaches public ones only.

    Each call is made once and has a time limit of its own; nothing is repeated here. Calls do not disturb each other.
    All of them raise:
        Rejected: the address is not one that may be called, or the plugin refused or answered what it must not.
        TemporarilyUnavailable: no answer, none in time, or one that says that the plugin is in trouble.
    """

    async def tell_memory(self, call: PluginCall, memory: Memory) -> PluginReply:
        """Tells of a new memory: all that is in it."""
        ...

    async def tell_transcript(
        self, call: PluginCall, segments: Sequence[TranscriptSegment], *, session: str
    ) -> PluginReply:
        """Tells what was said just now. For live use: the time limit is short."""
        ...

    async def tell_audio(self, call: PluginCall, pcm: bytes, *, sample_rate: int) -> None:
        """Hands audio on: mono, signed 16-bit little-endian. For live use: the time limit is short."""
        ...

    async def tell_day(self, call: PluginCall, summary: Message) -> None:
        """Tells what a day was about."""
        ...

    async def is_set_up(self, call: PluginCall) -> bool:
        """Asks whether the user has done what the plugin needs."""
        ...

    def signing_secret(self, plugin: PluginId, user: UserId) -> str:
        """What a plugin checks with that a call for a user comes from here: `whsec_` and base64."""
        ...
