"""What a server of ours sealed is never taken for content, wherever it lies."""

from pathlib import Path
from typing import Any

from adapters.inbound.simulators.firestore import serve_firestore
from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.facts.firestore import FirestoreFacts, FirestoreFactsSettings
from adapters.outbound.facts.sealed import SealedFacts
from adapters.outbound.firestore_settings import FirestoreSettings
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.key_value_store.sealed import SealedKeyValueStore
from adapters.outbound.memory_repository.firestore import FirestoreMemoryRepository, FirestoreMemoryRepositorySettings
from adapters.outbound.memory_repository.sealed import SealedMemoryRepository
from adapters.outbound.object_store.memory import InMemoryObjectStore
from adapters.outbound.object_store.sealed import SealedObjectStore
from adapters.outbound.original_backend import OriginalBackend
from adapters.outbound.original_documents import OriginalDocuments
from adapters.outbound.original_values import OriginalValues
from adapters.outbound.people.firestore import FirestorePeople
from adapters.outbound.people.sealed import SealedPeople
from application.users.migrate_records import SealedValue
from domain.fact import Fact
from domain.ids import PersonId, UserId
from domain.person import Person
from tests.support.firestore import reaching
from tests.support.memories import NOON, a_memory, a_segment
from tests.support.vaults import a_vault

ANN = UserId("ann")
WEBHOOK = f"users:{ANN}:developer:webhook:memory_created"


async def test_what_is_sealed_is_told_from_content(tmp_path: Path) -> None:
    files, values = InMemoryObjectStore(), InMemoryKeyValueStore(clock=ManualClock())
    async with a_vault(tmp_path) as vault, serve_firestore() as simulation:
        memories = FirestoreMemoryRepository(reaching(simulation, FirestoreMemoryRepositorySettings))
        people = FirestorePeople(reaching(simulation, FirestoreSettings))
        facts = FirestoreFacts(reaching(simulation, FirestoreFactsSettings))
        async with memories, people, facts:
            await SealedMemoryRepository(memories, vault=vault).save(ANN, a_memory(segments=(a_segment(),)))
            await SealedPeople(people, vault=vault).save(
                ANN, Person(id=PersonId("dave"), name="Dave", created_at=NOON, updated_at=NOON)
            )
            fact = Fact(id="f", content="Likes pasta.", created_at=NOON, updated_at=NOON)
            await SealedFacts(facts, vault=vault).save(ANN, fact)
        sealed_files = SealedObjectStore(files, vault=vault, data_dir=tmp_path, clock=ManualClock())
        await sealed_files.put(ANN, "speech_profile.wav", b"RIFF")
        await SealedKeyValueStore(values, vault=vault).put(WEBHOOK, b"https://a.example")
        async with OriginalDocuments(reaching(simulation, FirestoreSettings)) as documents:
            found = await loaded(OriginalBackend(documents, values=OriginalValues(values), files=files))
    assert len(found) == 5
    assert all(isinstance(value, SealedValue) for value in found)


async def loaded(backend: OriginalBackend) -> list[Any]:
    return [value async for record in backend.records(ANN) if (value := await record.load()) is not None]
