"""Vaults for tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.vault.local import LocalVault, LocalVaultSettings


@asynccontextmanager
async def a_vault(folder: Path) -> AsyncIterator[LocalVault]:
    """One that seals; its keys lie in the folder."""
    async with LocalVault(LocalVaultSettings(), data_dir=folder, clock=ManualClock()) as vault:
        yield vault
