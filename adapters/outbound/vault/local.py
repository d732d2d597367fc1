"""A vault in files: the wrapped keys of users, and the master key unless the settings say it."""

from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import anyio
import anyio.to_thread
from msgspec import Struct

from adapters.outbound.keys import file_name, key_bytes
from adapters.outbound.secret import Secret
from adapters.outbound.vault.key_ring import KeyRing, state_of
from adapters.outbound.vault.master_keys import MasterKeyFile, MasterKeys, MasterKeySource, SetMasterKeys
from adapters.outbound.vault.opened_rings import BEGINS, OpenedRings
from adapters.outbound.vault.ring_folder import RingFolder
from adapters.outbound.vault.user_keys import Clear, NoKeys, RingKeys
from domain.ids import UserId
from ports.clock import Clock
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, NotFound, Rejected
from ports.vault import UserKeys, VaultState

FOLDER, MASTER_KEYS = "vault", "master.json"


class LocalVaultSettings(Struct, frozen=True, kw_only=True):
    """Where keys are."""

    folder: str = ""
    """Where the wrapped keys of users are; empty for `vault` in the data folder."""
    key_file: str = ""
    """Where the master key is, which is made there; empty for beside the wrapped keys."""
    master_key: Secret = ""
    """32 bytes in Base64, in the place of the file."""
    former_master_keys: Secret = ""
    """Those that were set before, with commas, until `omi keys rotate` has ended."""
    clear_values: Clear = "read"
    """Whether values are read that are not sealed, as earlier versions wrote them."""


class LocalVault:
    """A ring of keys for each user, a file each, wrapped with the master key."""

    def __init__(self, settings: LocalVaultSettings, *, data_dir: Path, clock: Clock) -> None:
        folder = Path(settings.folder) if settings.folder else data_dir / FOLDER
        self._rings = RingFolder(folder)
        self._masters: MasterKeySource = (
            SetMasterKeys(settings.master_key, former=settings.former_master_keys, port="OMI_VAULT__LOCAL")
            if settings.master_key
            else MasterKeyFile(Path(settings.key_file) if settings.key_file else folder / MASTER_KEYS)
        )
        self._clear = settings.clear_values
        self._clock = clock
        self._opened = OpenedRings(clock)

    async def __aenter__(self) -> Self:
        self._limiter = anyio.CapacityLimiter(4)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.clear()

    async def keys(self, user: UserId) -> UserKeys:
        """The keys of a user; see the port."""
        known = self._opened.get(user)
        if known is not None:
            return known
        return await anyio.to_thread.run_sync(self.present, user, limiter=self._limiter)

    async def known(self, user: UserId) -> UserKeys:
        """The keys of a user, if there are any; see the port."""
        known = self._opened.get(user) or await anyio.to_thread.run_sync(self._found, user, limiter=self._limiter)
        return known or NoKeys(clear=self._clear)

    def present(self, user: UserId) -> RingKeys:
        """The keys of a user; see the port. Reads a file now and then: a tenth of a millisecond."""
        return self._opened.get(user) or self._found(user) or self._made(user)

    async def erase(self, user: UserId) -> None:
        """Forgets the keys of a user; see the port."""
        await anyio.to_thread.run_sync(self._erase, user, limiter=self._limiter)

    async def count(self, user: UserId) -> int:
        """How many keys a user has."""
        ring = await anyio.to_thread.run_sync(self._rings.get, file_name(user), limiter=self._limiter)
        return len(ring.keys) if ring else 0

    async def rotate(self) -> int:
        """Wraps all keys anew; see the port."""
        masters = await anyio.to_thread.run_sync(self._masters.add, limiter=self._limiter)
        renewed = 0
        for owner in await anyio.to_thread.run_sync(self._rings.owners, limiter=self._limiter):
            renewed += await anyio.to_thread.run_sync(self._renew, owner, masters, limiter=self._limiter)
        return renewed + await anyio.to_thread.run_sync(self._end, masters, limiter=self._limiter)

    async def state(self) -> VaultState:
        """How things stand; see the port."""
        return await anyio.to_thread.run_sync(self._state, limiter=self._limiter)

    async def diagnose(self) -> Diagnosis:
        """Whether there is a master key, and whether keys can be opened with it."""
        try:
            state = await self.state()
        except AdapterError as error:
            remedy = f"put the master key back ({self._masters.place}), or restore {self._rings.folder}"
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy=remedy)
        if state.to_rewrap:
            return Diagnosis(
                condition=Condition.DEGRADED,
                finding=f"a rotation has not ended for {state.to_rewrap} of {state.users} users",
                remedy="omi keys rotate",
            )
        return Diagnosis(condition=Condition.WORKING, finding=f"keys of {state.users} users, {state.kept_in}")

    def _found(self, user: UserId) -> RingKeys | None:
        ring = self._rings.get(file_name(user))
        return None if ring is None else self._open(user, ring)

    def _made(self, user: UserId) -> RingKeys:
        owner = file_name(user)
        with self._rings.alone():  # nobody drops the master key meanwhile
            masters = self._masters.load() if self._rings.owners() else self._masters.load_or_make()
            self._rings.make(KeyRing.first(owner, masters=masters, now=self._clock.now()))
            ring = self._rings.get(owner)
        if ring is None:
            raise NotFound("the keys of this user have just been erased")
        return self._open(user, ring)

    def _open(self, user: UserId, ring: KeyRing) -> RingKeys:
        now, masters = self._clock.now(), self._masters.load()
        return self._opened.put(user, ring.opened(key_bytes(user), masters=masters, now=now, clear=self._clear))

    def _erase(self, user: UserId) -> None:
        with self._rings.alone():
            self._rings.remove(file_name(user))
        self._opened.forget(user)

    def _renew(self, owner: str, masters: MasterKeys) -> int:
        with self._rings.alone():
            ring = self._rings.get(owner)
            if ring is None or ring.master == masters.newest:
                return 0
            self._rings.replace(ring.renewed(masters, since=self._clock.now() + timedelta(seconds=BEGINS)))
        return 1

    def _end(self, masters: MasterKeys) -> int:
        """Those who came meanwhile; then the former keys go. Nobody comes between."""
        late = 0
        with self._rings.alone():
            for owner in self._rings.owners():
                ring = self._rings.get(owner)
                if ring is not None and ring.master != masters.newest:
                    self._rings.replace(ring.rewrapped(masters))
                    late += 1
            self._masters.drop_former()
        return late

    def _state(self) -> VaultState:
        found = [ring for owner in self._rings.owners() if (ring := self._rings.get(owner)) is not None]
        place = f"wrapped keys in {self._rings.folder}, master key in {self._masters.place}"
        try:
            masters = self._masters.load()
        except Rejected:
            if found:
                raise
            return VaultState(kept_in=place)
        for ring in found[:1]:
            ring.unwrapped(masters)
        return state_of(found, masters=masters, kept_in=place)
