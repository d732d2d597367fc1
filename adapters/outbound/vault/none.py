"""No vault: everything is kept as it is."""

from adapters.outbound.vault.sealed_value import is_sealed
from domain.ids import UserId
from ports.diagnosis import Condition, Diagnosis
from ports.errors import Rejected
from ports.vault import UserKeys, VaultState


class ClearKeys:
    """Seals nothing."""

    def seal(self, content: bytes, *, purpose: bytes) -> bytes:
        """The content itself."""
        del purpose
        return content

    def open(self, stored: bytes, *, purpose: bytes) -> bytes:
        """What was stored. Raises Rejected for what is sealed."""
        del purpose
        if is_sealed(stored):
            raise Rejected("what is stored is sealed: set OMI_VAULT__NAME to the vault that it was sealed with")
        return stored

    def is_current(self, stored: bytes) -> bool:
        """Whether a value is as it would be written now: in the clear."""
        return not is_sealed(stored)

    def derived(self, purpose: bytes) -> UserKeys:
        """The same."""
        del purpose
        return self

    def token_key(self, purpose: bytes) -> bytes | None:
        """None: words stay words."""
        del purpose
        return None


CLEAR = ClearKeys()


class ClearVault:
    """For who encrypts the disk, or nothing."""

    async def keys(self, user: UserId) -> UserKeys:
        """Keys that seal nothing."""
        del user
        return CLEAR

    async def known(self, user: UserId) -> UserKeys:
        """Keys that seal nothing."""
        del user
        return CLEAR

    def present(self, user: UserId) -> UserKeys:
        """Keys that seal nothing."""
        del user
        return CLEAR

    async def erase(self, user: UserId) -> None:
        """There is nothing to forget."""

    async def count(self, user: UserId) -> int:
        """None."""
        del user
        return 0

    async def rotate(self) -> int:
        """Refuses. Raises Rejected."""
        raise Rejected("there are no keys: OMI_VAULT__NAME is none")

    async def state(self) -> VaultState:
        """No keys."""
        return VaultState(kept_in="nothing is sealed: OMI_VAULT__NAME is none")

    async def diagnose(self) -> Diagnosis:
        """That everything is in the clear."""
        remedy = "encrypt the disk, or set OMI_VAULT__NAME=local; servers that share stores: shared"
        return Diagnosis(condition=Condition.WORKING, finding="nothing is sealed", remedy=remedy)
