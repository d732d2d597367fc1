"""What every vault does."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.key_value_store.sqlite import SqliteKeyValueStore
from adapters.outbound.vault.local import LocalVault, LocalVaultSettings
from adapters.outbound.vault.none import ClearVault
from adapters.outbound.vault.sealed_value import OVERHEAD
from adapters.outbound.vault.shared import SharedVault, SharedVaultSettings
from domain.ids import UserId
from ports.errors import NotFound, Rejected, TemporarilyUnavailable
from ports.vault import Vault
from tests.contract.harness import Harness, over
from tests.support.memories import HOSTILE

ME, OTHER = UserId("me"), UserId("other")
HERE = b"memory 1"
SAID = b"what was said"
MASTER = base64.b64encode(bytes(range(32))).decode()


@asynccontextmanager
async def local(folder: Path) -> AsyncIterator[Vault]:
    async with LocalVault(LocalVaultSettings(), data_dir=folder, clock=ManualClock()) as vault:
        yield vault


@asynccontextmanager
async def shared(folder: Path) -> AsyncIterator[Vault]:
    clock = ManualClock()
    store = SqliteKeyValueStore(folder, clock=clock)
    async with SharedVault(SharedVaultSettings(master_key=MASTER), store=store, clock=clock) as vault:
        yield vault


@asynccontextmanager
async def none(_: Path) -> AsyncIterator[Vault]:
    yield ClearVault()


HARNESSES: dict[str, Harness[Vault]] = {"local": local, "shared": shared, "none": none}
SEALING: dict[str, Harness[Vault]] = {"local": local, "shared": shared}


@pytest.fixture(params=over("vault", HARNESSES))
async def any_vault(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Vault]:
    async with request.param(tmp_path) as ready:
        yield ready


@pytest.fixture(params=[pytest.param(harness, id=name) for name, harness in SEALING.items()])
def harness(request: pytest.FixtureRequest) -> Harness[Vault]:
    chosen: Harness[Vault] = request.param
    return chosen


@pytest.fixture
async def vault(harness: Harness[Vault], tmp_path: Path) -> AsyncIterator[Vault]:
    async with harness(tmp_path) as ready:
        yield ready


async def test_what_was_sealed_opens(any_vault: Vault) -> None:
    keys = await any_vault.keys(ME)
    for content in (b"", SAID, bytes(100_000)):
        sealed = keys.seal(content, purpose=HERE)
        assert keys.open(sealed, purpose=HERE) == content
        assert (await any_vault.known(ME)).open(sealed, purpose=HERE) == content


async def test_what_was_just_written_is_as_it_would_be_written(any_vault: Vault) -> None:
    keys = await any_vault.keys(ME)
    assert keys.is_current(keys.seal(SAID, purpose=HERE))


async def test_what_lies_in_the_clear_is_not_as_it_would_be_written(vault: Vault) -> None:
    keys = await vault.keys(ME)
    assert not keys.is_current(SAID)
    assert not keys.is_current((await vault.keys(OTHER)).seal(SAID, purpose=HERE))
    assert not (await vault.known(UserId("nobody"))).is_current(SAID)


async def test_what_was_never_sealed_is_read_as_it_is(any_vault: Vault) -> None:
    assert (await any_vault.keys(ME)).open(SAID, purpose=HERE) == SAID
    assert (await any_vault.known(OTHER)).open(SAID, purpose=HERE) == SAID


async def test_erasing_what_is_not_there_does_nothing(any_vault: Vault) -> None:
    await any_vault.erase(ME)
    await any_vault.erase(ME)
    assert await any_vault.count(ME) == 0


async def test_any_name_is_a_user(any_vault: Vault) -> None:
    sealed = {user: (await any_vault.keys(UserId(user))).seal(SAID, purpose=HERE) for user in HOSTILE}
    for user in HOSTILE:
        assert (await any_vault.keys(UserId(user))).open(sealed[user], purpose=HERE) == SAID


async def test_a_sealed_value_shows_nothing_and_none_is_like_another(vault: Vault) -> None:
    keys = await vault.keys(ME)
    sealed = [keys.seal(SAID, purpose=HERE) for _ in range(2)]
    assert sealed[0] != sealed[1]
    assert all(SAID not in one and len(one) == len(SAID) + OVERHEAD for one in sealed)


async def test_a_value_of_another_user_does_not_open(vault: Vault) -> None:
    sealed = (await vault.keys(OTHER)).seal(SAID, purpose=HERE)
    with pytest.raises((TemporarilyUnavailable, NotFound)):
        (await vault.keys(ME)).open(sealed, purpose=HERE)


async def test_a_value_in_another_place_does_not_open(vault: Vault) -> None:
    keys = await vault.keys(ME)
    sealed = keys.seal(SAID, purpose=HERE)
    with pytest.raises(TemporarilyUnavailable, match="another user or place"):
        keys.open(sealed, purpose=b"memory 2")


async def test_a_value_that_was_changed_anywhere_does_not_open(vault: Vault) -> None:
    keys = await vault.keys(ME)
    sealed = keys.seal(SAID, purpose=HERE)
    for at in range(3, len(sealed)):  # the first three say that it is sealed
        changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises((TemporarilyUnavailable, NotFound)):
            keys.open(changed, purpose=HERE)
    for end in range(3, len(sealed)):
        with pytest.raises((TemporarilyUnavailable, NotFound)):
            keys.open(sealed[:end], purpose=HERE)


async def test_after_erasing_the_keys_nothing_opens(vault: Vault) -> None:
    sealed = (await vault.keys(ME)).seal(SAID, purpose=HERE)
    await vault.erase(ME)
    for keys in (await vault.known(ME), await vault.keys(ME)):  # the second are new ones
        with pytest.raises(NotFound, match="erased"):
            keys.open(sealed, purpose=HERE)
    others = (await vault.keys(OTHER)).seal(SAID, purpose=HERE)
    assert (await vault.keys(OTHER)).open(others, purpose=HERE) == SAID


async def test_looking_for_keys_makes_none(vault: Vault) -> None:
    keys = await vault.known(ME)
    assert await vault.count(ME) == 0
    with pytest.raises(Rejected):
        keys.seal(SAID, purpose=HERE)
    await vault.keys(ME)
    assert await vault.count(ME) == 1


async def test_all_who_come_first_get_the_same_keys(vault: Vault) -> None:
    sealed: list[bytes] = []

    async def seal() -> None:
        sealed.append((await vault.keys(ME)).seal(SAID, purpose=HERE))

    async with anyio.create_task_group() as tasks:
        for _ in range(10):
            tasks.start_soon(seal)
    assert {(await vault.keys(ME)).open(one, purpose=HERE) for one in sealed} == {SAID}


async def test_keys_survive_reopening(harness: Harness[Vault], tmp_path: Path) -> None:
    async with harness(tmp_path) as first:
        sealed = (await first.keys(ME)).seal(SAID, purpose=HERE)
    async with harness(tmp_path) as second:
        assert (await second.known(ME)).open(sealed, purpose=HERE) == SAID


async def test_derived_keys_are_the_same_each_time_and_open_nothing_else(vault: Vault) -> None:
    keys = await vault.keys(ME)
    sealed = keys.derived(b"talk 1").seal(SAID, purpose=HERE)
    assert keys.derived(b"talk 1").open(sealed, purpose=HERE) == SAID
    for other in (keys, keys.derived(b"talk 2")):
        with pytest.raises(TemporarilyUnavailable):
            other.open(sealed, purpose=HERE)


async def test_words_are_hashed_with_a_key_of_user_and_purpose_that_stays(vault: Vault) -> None:
    first = (await vault.keys(ME)).token_key(b"words")
    others = {(await vault.keys(OTHER)).token_key(b"words"), (await vault.keys(ME)).token_key(b"names")}
    assert first is not None
    assert len(first) == 32
    assert (await vault.known(ME)).token_key(b"words") == first
    assert first not in others


async def test_who_waited_once_has_the_keys_at_once(vault: Vault) -> None:
    sealed = (await vault.keys(ME)).seal(SAID, purpose=HERE)
    present = vault.present(ME)
    assert present is not None
    assert present.open(sealed, purpose=HERE) == SAID


async def test_what_stands_is_told_without_secrets(vault: Vault) -> None:
    await vault.keys(ME)
    state = await vault.state()
    assert (state.users, state.data_keys, state.to_rewrap) == (1, 1, 0)
    assert MASTER not in repr(state)
