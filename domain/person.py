"""People whose voices are known."""

from datetime import datetime

from msgspec import Struct

from domain.ids import PersonId


class Person(Struct, frozen=True, kw_only=True):
    """Somebody the user talks to."""

    id: PersonId
    name: str
    created_at: datetime
    updated_at: datetime
    speech_samples: tuple[str, ...] = ()
    """Keys of recordings of the voice in the object store."""
