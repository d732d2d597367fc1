"""Settings that several adapters share: said once, for all that use the same service."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from adapters.outbound.secret import Secret
from bootstrap.found_settings import Found


class SharedRedis(Struct, frozen=True, kw_only=True):
    """One Redis for all adapters that keep something there."""

    url: Secret = "redis://127.0.0.1:6379/0"
    """`redis://`, `rediss://` (with TLS) or `unix://`, with name and password where it asks for them."""
    timeout: Annotated[float, Meta(gt=0)] = 2.0
    """Seconds for a connection, and for one answer."""


class SharedFirestore(Struct, frozen=True, kw_only=True):
    """One database for memories, people, facts, the chat and costs."""

    project: str = ""
    """Google Cloud's project; empty for the one of the credentials."""
    database: str = "(default)"
    credentials_file: str = ""
    """Key of a service account, as JSON; empty for what the machine itself has."""


class SharedGoogle(Struct, frozen=True, kw_only=True):
    """One account for Cloud Storage, for the tokens of Firebase and for its messages to phones."""

    project: str = ""
    """Google Cloud's project; empty for the one of the account."""
    service_account: Secret = ""
    """The key of a service account, or the path of a file with it; empty for what the machine itself has."""


class SharedOpenAI(Struct, frozen=True, kw_only=True):
    """One account for language models and embeddings."""

    api_key: Secret = ""


class SharedDeepgram(Struct, frozen=True, kw_only=True):
    """One account for live and recorded recognition."""

    api_key: Secret = ""


SHARED: dict[str, type[Struct]] = {
    "redis": SharedRedis,
    "firestore": SharedFirestore,
    "google": SharedGoogle,
    "openai": SharedOpenAI,
    "deepgram": SharedDeepgram,
}
"""Section -> what can be said there."""

_USED_BY = {"gcs": "google", "firebase": "google", "fcm": "google"}
"""Adapters that are not called like their section."""


def section_of(adapter: str) -> str | None:
    """The section in which an adapter looks for what its own settings do not say; None when there is none."""
    section = _USED_BY.get(adapter, adapter)
    return section if section in SHARED else None


def falls_back_to(adapter: str, setting: str, kind: type[Any]) -> tuple[str, str] | None:
    """The shared setting that counts where an adapter's own is not set; None when there is none.

    Args:
        adapter: its name in the registry.
        setting: a field of its own settings.
        kind: the Struct of those.
    """
    section = section_of(adapter)
    if section is None or setting not in _names(SHARED[section]) & _names(kind):
        return None
    return section, setting


def shared_with(adapter: str, kind: type[Any], shared: Mapping[str, Mapping[str, Found]]) -> dict[str, Found]:
    """What shared sections say for an adapter, by the names of its own settings."""
    given = shared.get(section_of(adapter) or "", {})
    return {name: found for name, found in given.items() if name in _names(kind)}


def _names(kind: type[Any]) -> set[str]:
    return {one.name for one in msgspec.structs.fields(kind)}
