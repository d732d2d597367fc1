"""Stores whose values are sealed on their way, whatever technology keeps them."""

from adapters.outbound.capture_journal.sealed import SealedCaptureJournal
from adapters.outbound.chat_history.sealed import SealedChatHistory
from adapters.outbound.facts.sealed import SealedFacts
from adapters.outbound.key_value_store.sealed import SealedKeyValueStore
from adapters.outbound.memory_repository.sealed import SealedMemoryRepository
from adapters.outbound.object_store.sealed import SealedObjectStore
from adapters.outbound.people.sealed import SealedPeople
from adapters.outbound.sealed_anew import MemoriesSealedAnew
from bootstrap.adapters import chosen
from bootstrap.known_settings import SHARED_STORES, UNSEALED
from bootstrap.settings import Settings
from ports.capture_journal import CaptureJournal
from ports.chat_history import ChatHistory
from ports.clock import Clock
from ports.conversation_leases import ConversationLeases
from ports.facts import Facts
from ports.key_value_store import KeyValueStore
from ports.memory_repository import MemoryRepository
from ports.object_store import ObjectStore
from ports.people import People
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


def memory_repository(settings: Settings, clock: Clock, *, vault: Vault) -> MemoryRepository:
    """The chosen store, which seals by itself or is sealed."""
    store: MemoryRepository = chosen("memory_repository", settings, clock, vault=vault)
    return SealedMemoryRepository(store, vault=vault) if _is_shared("memory_repository", settings) else store


def memories_sealed_anew(settings: Settings, clock: Clock, *, vault: Vault) -> MemoryRepository:
    """The chosen store, each change of which seals all of a memory anew."""
    store: MemoryRepository = chosen("memory_repository", settings, clock, vault=vault)
    return MemoriesSealedAnew(store, vault=vault) if _is_shared("memory_repository", settings) else store


def people(settings: Settings, clock: Clock, *, vault: Vault) -> People:
    """The chosen store, which seals by itself or is sealed."""
    store: People = chosen("people", settings, clock, vault=vault)
    return SealedPeople(store, vault=vault) if _is_shared("people", settings) else store


def facts(settings: Settings, clock: Clock, *, vault: Vault) -> Facts:
    """The chosen store, which seals by itself or is sealed."""
    store: Facts = chosen("facts", settings, clock, vault=vault)
    return SealedFacts(store, vault=vault) if _is_shared("facts", settings) else store


def chat_history(settings: Settings, clock: Clock, *, vault: Vault) -> ChatHistory:
    """The chosen store, which seals by itself or is sealed."""
    store: ChatHistory = chosen("chat_history", settings, clock, vault=vault)
    return SealedChatHistory(store, vault=vault) if _is_shared("chat_history", settings) else store


def _is_shared(port: str, settings: Settings) -> bool:
    """Whether a store is one that knows nothing of vaults, and values are to be sealed."""
    return _seals(settings) and settings.names(port)[0] in SHARED_STORES


def _seals(settings: Settings) -> bool:
    return settings.names("vault") != UNSEALED
