"""Sealed memories in Firestore: what did not change is not written again, what was sealed before is still read."""

import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from adapters.inbound.simulators.firestore import FirestoreSimulation, serve_firestore
from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.memory_repository.firestore import FirestoreMemoryRepository
from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from adapters.outbound.memory_repository.sealed import SealedMemoryRepository
from adapters.outbound.vault.local import LocalVault, LocalVaultSettings
from adapters.outbound.vault.sealed_text import is_current_text, sealed_bytes
from adapters.outbound.vault.sealed_value import purpose_of
from domain.ids import MemoryId
from domain.memory import Memory, Photo, Structure
from ports.errors import Rejected, TemporarilyUnavailable
from ports.vault import Vault
from tests.support.memories import NOON, a_memory, a_segment
from tests.support.vaults import a_vault
from tests.unit.adapters.outbound.memory_repository.test_firestore import ID, LARGEST, ME, a_long_talk, settings


@pytest.fixture
async def simulation() -> AsyncIterator[FirestoreSimulation]:
    async with serve_firestore() as ready:
        yield ready


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    async with a_vault(tmp_path) as ready:
        yield ready


@pytest.fixture
async def repository(simulation: FirestoreSimulation, vault: Vault) -> AsyncIterator[SealedMemoryRepository]:
    async with SealedMemoryRepository(FirestoreMemoryRepository(settings(simulation)), vault=vault) as ready:
        yield ready


def retitled(memory: Memory) -> Memory:
    return structs.replace(memory, structure=Structure(title="Other"))


async def test_twelve_sealed_hours_are_small_documents_and_another_title_is_a_small_write(
    simulation: FirestoreSimulation, repository: SealedMemoryRepository
) -> None:
    talk = a_memory(segments=a_long_talk(words=115_000, hours=12), photos=(Photo(base64="aGk=" * 9_000),))
    await repository.save(ME, talk)
    once = simulation.metrics.bytes_written
    assert once / 12 < 80_000
    assert simulation.metrics.largest_document <= LARGEST
    assert await repository.get(ME, ID) == talk
    assert await repository.update(ME, ID, retitled) == retitled(talk) == await repository.get(ME, ID)
    assert simulation.metrics.bytes_written - once <= 20_000


async def test_who_was_heard_late_in_a_long_talk_is_written_without_what_came_before(
    simulation: FirestoreSimulation, repository: SealedMemoryRepository
) -> None:
    talk = a_memory(segments=a_long_talk(words=80_000, hours=8))
    await repository.save(ME, talk)
    once = simulation.metrics.bytes_written
    *rest, last = talk.segments
    named = structs.replace(talk, segments=(*rest, structs.replace(last, is_user=True)))
    assert await repository.update(ME, ID, lambda _: named) == named == await repository.get(ME, ID)
    assert simulation.metrics.bytes_written - once < once / 2


async def test_what_was_sealed_as_one_value_is_read_and_sealed_in_chunks_when_it_changes(vault: Vault) -> None:
    store, talk = InMemoryMemoryRepository(), a_memory(segments=(a_segment(),), language="en")
    repository, keys = SealedMemoryRepository(store, vault=vault), await vault.keys(ME)
    content = sealed_bytes(zlib.compress(msgspec.json.encode(talk)), keys, purpose=purpose_of("memory", ID))
    await store.save(ME, a_memory(external={"omi-sealed": content}))
    assert await repository.get(ME, ID) == talk
    assert await repository.update(ME, ID, retitled) == retitled(talk) == await repository.get(ME, ID)
    assert len((await store.get(ME, ID)).segments) == 1


async def test_what_a_newer_program_sealed_is_left_to_it(vault: Vault) -> None:
    store = InMemoryMemoryRepository()
    await store.save(ME, a_memory(external={"omi-sealed": "...", "omi-sealed-version": 3}))
    with pytest.raises(TemporarilyUnavailable, match="version 3"):
        await SealedMemoryRepository(store, vault=vault).update(ME, ID, retitled)


@pytest.mark.parametrize("said", ["Before.", "Of another memory."])
async def test_a_chunk_that_somebody_put_in_the_place_of_another_does_not_open(vault: Vault, said: str) -> None:
    store = InMemoryMemoryRepository()
    repository = SealedMemoryRepository(store, vault=vault)
    other = "memory" if said == "Before." else "other"
    await repository.save(ME, a_memory(other, segments=(a_segment(said),)))
    taken = (await store.get(ME, MemoryId(other))).segments[0]
    await repository.save(ME, a_memory(segments=(a_segment("Now."),)))
    stored = await store.get(ME, ID)
    await store.save(ME, structs.replace(stored, segments=(structs.replace(stored.segments[0], text=taken.text),)))
    with pytest.raises(TemporarilyUnavailable):
        await repository.get(ME, ID)
    await store.save(ME, structs.replace(stored, segments=()))
    with pytest.raises(TemporarilyUnavailable):
        await repository.get(ME, ID)


async def test_half_a_character_in_a_transcript_is_refused(vault: Vault) -> None:
    repository = SealedMemoryRepository(InMemoryMemoryRepository(), vault=vault)
    with pytest.raises(Rejected, match="Unicode"):
        await repository.save(ME, a_memory(segments=(a_segment("\ud800"),)))


async def test_a_store_that_is_sealed_shows_times_and_no_words(vault: Vault) -> None:
    store = InMemoryMemoryRepository()
    full = a_memory(segments=(a_segment("Zanzibar"),), photos=(Photo(description="Zanzibar"),), topics=("Zanzibar",))
    await SealedMemoryRepository(store, vault=vault).save(ME, full)
    shown = await store.get(ME, ID)
    assert shown.created_at == NOON
    assert b"Zanzibar" not in msgspec.json.encode(shown)


async def test_a_transcript_that_an_older_key_sealed_is_sealed_anew_when_the_memory_changes(tmp_path: Path) -> None:
    store, clock = InMemoryMemoryRepository(), ManualClock()
    async with LocalVault(LocalVaultSettings(), data_dir=tmp_path, clock=clock) as vault:
        repository = SealedMemoryRepository(store, vault=vault)
        await repository.save(ME, a_memory(segments=(a_segment(),)))
        first = await store.get(ME, ID)
        await repository.update(ME, ID, retitled)
        assert (await store.get(ME, ID)).segments == first.segments
        await vault.rotate()
        await clock.advance(600)
        await repository.update(ME, ID, retitled)
        [chunk] = (await store.get(ME, ID)).segments
        assert chunk != first.segments[0]
        assert is_current_text(chunk.text, await vault.keys(ME))


async def test_where_the_settings_refuse_what_is_in_the_clear_no_memory_is_read_that_is(tmp_path: Path) -> None:
    store = InMemoryMemoryRepository()
    await store.save(ME, a_memory())
    refusing = LocalVaultSettings(clear_values="refuse")
    async with LocalVault(refusing, data_dir=tmp_path, clock=ManualClock()) as vault:
        repository = SealedMemoryRepository(store, vault=vault)
        await repository.save(ME, a_memory("sealed"))
        assert await repository.get(ME, MemoryId("sealed")) == a_memory("sealed")
        with pytest.raises(Rejected):
            await repository.get(ME, ID)


async def test_of_several_those_whose_key_was_erased_are_left_out(vault: Vault) -> None:
    repository = SealedMemoryRepository(InMemoryMemoryRepository(), vault=vault)
    await repository.save(ME, a_memory("before"))
    await vault.erase(ME)
    await repository.save(ME, a_memory("after"))
    assert await repository.several(ME, [MemoryId("before"), MemoryId("after")]) == (a_memory("after"),)
