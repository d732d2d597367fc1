"""Stores whose values are sealed on their way, whatever technology keeps them."""

from adapters.outbound.capture_journal.sealed import SealedCaptureJournal
from adapters.outbound.key_value_store.sealed import SealedKeyValueStore
from adapters.outbound.object_store.sealed import SealedObjectStore
from bootstrap.adapters import chosen
from bootstrap.settings import UNSEALED, Settings
from ports.capture_journal import CaptureJournal
from ports.clock import Clock
from ports.conversation_leases import ConversationLeases
from ports.key_value_store import KeyValueStore
from ports.object_store import ObjectStore
from ports.vault import Vault


def object_store(settings: Settings, clock: Clock, *, vault: Vault) -> ObjectStore:
    """The chosen store, sealed unless nothing is to be."""
    store: ObjectStore = chosen("object_store", settings, clock)
    if not _seals(settings):
        return store
    return SealedObjectStore(store, vault=vault, data_dir=settings.data_dir, clock=clock)


def key_value_store(settings: Settings, clock: Clock, *, vault: Vault) -> KeyValueStore:
    """The chosen store, personal values sealed unless nothing is to be."""
    store: KeyValueStore = chosen("key_value_store", settings, clock)
    return SealedKeyValueStore(store, vault=vault) if _seals(settings) else store


def capture_journal(
    settings: Settings, clock: Clock, *, vault: Vault, leases: ConversationLeases | None = None
) -> CaptureJournal:
    """The chosen journal, sealed unless nothing is to be."""
    journal: CaptureJournal = chosen("capture_journal", settings, clock, leases=leases)
    return SealedCaptureJournal(journal, vault=vault) if _seals(settings) else journal


def _seals(settings: Settings) -> bool:
    return settings.names("vault") != UNSEALED
