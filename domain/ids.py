"""Identifiers. All are opaque strings; none is ever used as a file name or a query as it stands."""

import uuid
from typing import NewType

UserId = NewType("UserId", str)
PersonId = NewType("PersonId", str)
ConversationId = NewType("ConversationId", str)
MemoryId = NewType("MemoryId", str)
"""A memory bears the identifier of the conversation it was made from, so making it twice makes it once."""
SegmentId = NewType("SegmentId", str)
PluginId = NewType("PluginId", str)
SessionId = NewType("SessionId", str)
JobId = NewType("JobId", str)

_NAMESPACE = uuid.UUID("6f6d6920-6261-636b-656e-642069647321")


def new_id() -> str:
    """A random identifier that cannot be guessed (122 random bits)."""
    return str(uuid.uuid4())


def derived_id(*parts: str) -> str:
    """The identifier that belongs to something: always the same for the same parts."""
    return str(uuid.uuid5(_NAMESPACE, "\n".join(parts)))
