"""Master keys that change, and what becomes of a change that is cut off."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.vault import private_file
from adapters.outbound.vault.local import LocalVault, LocalVaultSettings
from adapters.outbound.vault.opened_rings import BEGINS, REFRESHED
from adapters.outbound.vault.shared import SharedVault, SharedVaultSettings
from domain.ids import UserId
from ports.diagnosis import Condition
from ports.errors import Rejected
from ports.vault import Vault

USERS = [UserId(name) for name in ("anna", "bert", "cleo", "dave")]
HERE, SAID = b"here", b"what was said"
FIRST, SECOND = (base64.b64encode(bytes([number] * 32)).decode() for number in (1, 2))


class PowerCut(Exception):
    """The process is gone."""


@asynccontextmanager
async def vault_in(folder: Path, clock: ManualClock, **settings: str) -> AsyncIterator[LocalVault]:
    async with LocalVault(LocalVaultSettings(**settings), data_dir=folder, clock=clock) as vault:  # type: ignore[arg-type]
        yield vault


async def sealed_by(vault: Vault) -> dict[UserId, bytes]:
    return {user: (await vault.keys(user)).seal(SAID, purpose=HERE) for user in USERS}


async def all_open(vault: Vault, sealed: dict[UserId, bytes]) -> bool:
    return {(await vault.known(user)).open(one, purpose=HERE) for user, one in sealed.items()} == {SAID}


def master_keys(folder: Path) -> list[str]:
    return list(msgspec.json.decode((folder / "vault" / "master.json").read_bytes())["keys"])


def name_of_key(sealed: bytes) -> bytes:
    return sealed[4:8]


async def test_after_a_rotation_the_former_master_key_is_gone_and_everything_opens(tmp_path: Path) -> None:
    clock = ManualClock()
    async with vault_in(tmp_path, clock) as vault:
        sealed = await sealed_by(vault)
        [former] = master_keys(tmp_path)
        assert await vault.rotate() == len(USERS)
        [now] = master_keys(tmp_path)
        assert now != former
        assert await all_open(vault, sealed)
        everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        assert former.encode() not in everything
    async with vault_in(tmp_path, clock) as vault:
        assert await all_open(vault, sealed)


async def test_what_is_sealed_later_has_a_new_key_once_every_server_knows_it(tmp_path: Path) -> None:
    clock = ManualClock()
    async with vault_in(tmp_path, clock) as server, vault_in(tmp_path, clock) as command:
        before = await sealed_by(server)
        await command.rotate()
        for seconds in (0.0, REFRESHED + 1):
            await clock.advance(seconds)
            assert {name_of_key(one) for one in (await sealed_by(command)).values()} == {
                name_of_key(one) for one in before.values()
            }
        await clock.advance(BEGINS)
        after = await sealed_by(command)
        assert all(name_of_key(after[user]) != name_of_key(before[user]) for user in USERS)
        assert await all_open(server, after)
        assert await all_open(server, before)


async def test_words_keep_their_hashes(tmp_path: Path) -> None:
    async with vault_in(tmp_path, ManualClock()) as vault:
        before = (await vault.keys(USERS[0])).token_key(b"words")
        await vault.rotate()
    async with vault_in(tmp_path, ManualClock()) as vault:
        assert (await vault.keys(USERS[0])).token_key(b"words") == before


@pytest.mark.parametrize("writes", range(1, 7))
async def test_a_rotation_that_is_cut_off_anywhere_is_ended_by_the_next(
    tmp_path: Path, writes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ManualClock()
    async with vault_in(tmp_path, clock) as vault:
        sealed = await sealed_by(vault)
    left = writes
    replace = private_file.replace

    def until_the_power_is_cut(path: Path, content: bytes) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise PowerCut
        replace(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(private_file, "replace", until_the_power_is_cut)
        async with vault_in(tmp_path, clock) as vault:
            with pytest.raises(PowerCut):
                await vault.rotate()
    async with vault_in(tmp_path, clock) as vault:
        assert await all_open(vault, sealed)
        half_way = master_keys(tmp_path)
        await vault.rotate()
        assert master_keys(tmp_path) == half_way[-1:] if len(half_way) > 1 else len(master_keys(tmp_path)) == 1
    async with vault_in(tmp_path, clock) as vault:
        assert await all_open(vault, sealed)
        state = await vault.state()
        assert (state.users, state.data_keys, state.to_rewrap) == (len(USERS), 2 * len(USERS), 0)


async def test_a_rotation_that_has_not_ended_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with vault_in(tmp_path, ManualClock()) as vault:
        await sealed_by(vault)
        with monkeypatch.context() as patch:
            patch.setattr(LocalVault, "_renew", cut_off)
            with pytest.raises(PowerCut):
                await vault.rotate()
        assert (await vault.state()).to_rewrap == len(USERS)
        finding = await vault.diagnose()
        assert (finding.condition, finding.remedy) == (Condition.DEGRADED, "omi keys rotate")


def cut_off(*_: object) -> int:
    raise PowerCut


async def test_a_user_who_comes_during_a_rotation_is_wrapped_anew_too(tmp_path: Path) -> None:
    clock = ManualClock()
    async with vault_in(tmp_path, clock) as server, vault_in(tmp_path, clock) as command:
        await sealed_by(server)
        await command.rotate()
        late = (await server.keys(UserId("late"))).seal(SAID, purpose=HERE)
    async with vault_in(tmp_path, clock) as vault:
        assert (await vault.known(UserId("late"))).open(late, purpose=HERE) == SAID


async def test_a_master_key_that_is_missing_is_not_made_anew_and_told(tmp_path: Path) -> None:
    async with vault_in(tmp_path, ManualClock()) as vault:
        await sealed_by(vault)
    (tmp_path / "vault" / "master.json").unlink()
    async with vault_in(tmp_path, ManualClock()) as vault:
        for attempt in (vault.keys(USERS[0]), vault.keys(UserId("new"))):
            with pytest.raises(Rejected, match=r"put .*master.json back"):
                await attempt
        assert (await vault.diagnose()).condition is Condition.BROKEN


async def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    async with vault_in(tmp_path, ManualClock()) as vault:
        await sealed_by(vault)
        await vault.rotate()
    files = [path for path in (tmp_path / "vault").iterdir() if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert (tmp_path / "vault").stat().st_mode & 0o777 == 0o700


async def test_a_master_key_of_the_settings_is_changed_by_setting_another_one(tmp_path: Path) -> None:
    clock = ManualClock()
    async with vault_in(tmp_path, clock, master_key=FIRST) as vault:
        sealed = await sealed_by(vault)
    assert not (tmp_path / "vault" / "master.json").exists()
    async with vault_in(tmp_path, clock, master_key=SECOND) as vault:
        with pytest.raises(Rejected, match="which is not here"):
            await vault.known(USERS[0])
    async with vault_in(tmp_path, clock, master_key=SECOND, former_master_keys=FIRST) as vault:
        assert await all_open(vault, sealed)
        assert await vault.rotate() == len(USERS)
        assert await vault.rotate() == 0
    async with vault_in(tmp_path, clock, master_key=SECOND) as vault:
        assert await all_open(vault, sealed)


async def test_a_setting_that_is_no_key_is_told_and_not_shown(tmp_path: Path) -> None:
    async with vault_in(tmp_path, ManualClock(), master_key="swordfish") as vault:
        with pytest.raises(Rejected, match=r"OMI_VAULT__LOCAL__MASTER_KEY is no key: .*openssl") as told:
            await vault.keys(USERS[0])
    assert "swordfish" not in str(told.value)


async def test_servers_that_share_a_store_read_what_each_other_seals() -> None:
    store, clock = InMemoryKeyValueStore(clock=ManualClock()), ManualClock()
    settings = SharedVaultSettings(master_key=FIRST)
    later = SharedVaultSettings(master_key=SECOND, former_master_keys=FIRST)
    async with SharedVault(settings, store=store, clock=clock) as one:
        sealed = await sealed_by(one)
        async with SharedVault(later, store=store, clock=clock) as two:
            assert await all_open(two, sealed)
            assert await two.rotate() == len(USERS)
            assert await two.rotate() == 0
        assert await all_open(one, sealed)
    async with SharedVault(SharedVaultSettings(master_key=SECOND), store=store, clock=clock) as three:
        assert await all_open(three, sealed)
        assert three.present(UserId("nobody")) is None


async def test_values_that_are_not_sealed_can_be_refused(tmp_path: Path) -> None:
    async with vault_in(tmp_path, ManualClock(), clear_values="refuse") as vault:
        for keys in (await vault.known(USERS[0]), await vault.keys(USERS[0])):
            with pytest.raises(Rejected, match="CLEAR_VALUES"):
                keys.open(SAID, purpose=HERE)
