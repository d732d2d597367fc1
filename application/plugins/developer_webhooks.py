"""Addresses of a user's own that are told what happens, as a plugin would be that nobody else sees.

The keys are the original's, so that what users set up there goes on here.
"""

import hashlib
from enum import StrEnum

from domain.errors import InvalidRequest
from domain.ids import PluginId, UserId
from domain.plugin import Capability, ExternalIntegration, Plugin, Trigger
from ports.key_value_store import KeyValueStore

LONGEST = 2_000
"""Characters of an address."""


class WebhookKind(StrEnum):
    """What an address is told, in the words of the app."""

    AUDIO_BYTES = "audio_bytes"
    REALTIME_TRANSCRIPT = "realtime_transcript"
    MEMORY_CREATED = "memory_created"
    DAY_SUMMARY = "day_summary"
    """In the evening; `SendDay` does it."""


_KINDS = {
    Trigger.AUDIO_BYTES: WebhookKind.AUDIO_BYTES,
    Trigger.TRANSCRIPT_PROCESSED: WebhookKind.REALTIME_TRANSCRIPT,
    Trigger.MEMORY_CREATION: WebhookKind.MEMORY_CREATED,
}


class DeveloperWebhooks:
    """Keeps addresses, and gives them out as plugins. All methods raise TemporarilyUnavailable."""

    def __init__(self, *, values: KeyValueStore) -> None:
        self._values = values

    async def address(self, user: UserId, kind: WebhookKind) -> str:
        """The address as the user wrote it; empty for none."""
        return (await self._values.get(_address_key(user, kind)) or b"").decode(errors="replace")

    async def set_address(self, user: UserId, kind: WebhookKind, address: str) -> None:
        """Has an address told from now on; an empty one ends that.

        Raises:
            InvalidRequest: it is too long, or neither `http` nor `https`.
        """
        address = address.strip()
        target = _target(address)
        if not target:
            await self._values.delete(_address_key(user, kind))
            await self.disable(user, kind)
            return
        if len(address) > LONGEST or not target.startswith(("http://", "https://")):
            raise InvalidRequest(f"url: expected an address of http or https with at most {LONGEST:,} characters")
        await self._values.put(_address_key(user, kind), address.encode())
        await self.enable(user, kind)

    async def enable(self, user: UserId, kind: WebhookKind) -> None:
        """From now on."""
        await self._values.put(_status_key(user, kind), b"true")

    async def disable(self, user: UserId, kind: WebhookKind) -> None:
        """Nothing is told any more; the address stays."""
        await self._values.put(_status_key(user, kind), b"false")

    async def is_enabled(self, user: UserId, kind: WebhookKind) -> bool:
        """Whether something is told. An address from before there was a switch is."""
        if not _target(await self.address(user, kind)):
            return False
        return (await self._values.get(_status_key(user, kind)) or b"true") == b"true"

    async def target(self, user: UserId, kind: WebhookKind) -> str:
        """Where to call; empty for nowhere."""
        return _target(await self.address(user, kind))

    async def triggered(self, user: UserId, trigger: Trigger) -> tuple[Plugin, ...]:
        """The user's own address for something, in the form of a plugin; none where there is none."""
        kind = _KINDS[trigger]
        if not await self.is_enabled(user, kind):
            return ()
        return (
            Plugin(
                id=own_plugin(user, trigger.value),
                name="Developer webhook",
                capabilities=frozenset({Capability.EXTERNAL_INTEGRATION}),
                external=ExternalIntegration(trigger=trigger, webhook_url=await self.target(user, kind)),
                owner=user,
                private=True,
            ),
        )


def own_plugin(user: UserId, occasion: str) -> PluginId:
    """What the address is called among plugins: one for each user, so that one that fails disturbs nobody else."""
    return PluginId(f"developer-{occasion}-{hashlib.sha256(user.encode(errors='replace')).hexdigest()[:16]}")


def _target(address: str) -> str:
    """Where to call. The app of 2024 writes seconds behind a comma for audio, which is sent every five here."""
    head, comma, tail = address.rpartition(",")
    return head if comma and (not tail or tail.isdigit()) else address


def _address_key(user: UserId, kind: WebhookKind) -> str:
    return f"users:{user}:developer:webhook:{kind.value}"


def _status_key(user: UserId, kind: WebhookKind) -> str:
    return f"users:{user}:developer:webhook_status:{kind.value}"
