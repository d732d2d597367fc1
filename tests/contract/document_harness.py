"""Harnesses of the stores that keep a user's documents: each port has the same four technologies, and seals alike."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from adapters.inbound.simulators.firestore import serve_firestore
from adapters.outbound.firestore_settings import FirestoreSettings
from tests.contract.harness import Harness
from tests.support.firestore import reaching
from tests.support.vaults import a_vault

T = TypeVar("T")
Opened = Callable[..., AbstractAsyncContextManager[T]]
"""The class of an adapter that is ready once it is entered."""


def document_harnesses(
    *,
    sqlite: Opened[T],
    memory: Callable[[], T],
    firestore: Opened[T],
    sealed: Opened[T],
    settings: type[FirestoreSettings],
) -> dict[str, Harness[T]]:
    """One for each technology. `clear` is SQLite without a vault, `sealed` the store in memory behind one.

    `settings` are those that the adapter for Firestore takes.
    """

    @asynccontextmanager
    async def in_sqlite(folder: Path) -> AsyncIterator[T]:
        async with a_vault(folder) as vault, sqlite(folder, vault=vault) as ready:
            yield ready

    @asynccontextmanager
    async def in_memory(_: Path) -> AsyncIterator[T]:
        yield memory()

    @asynccontextmanager
    async def in_firestore(_: Path) -> AsyncIterator[T]:
        async with serve_firestore() as simulation, firestore(reaching(simulation, settings)) as ready:
            yield ready

    @asynccontextmanager
    async def behind_a_seal(folder: Path) -> AsyncIterator[T]:
        async with a_vault(folder) as vault, sealed(memory(), vault=vault) as ready:
            yield ready

    return {
        "sqlite": in_sqlite,
        "clear": sqlite,
        "memory": in_memory,
        "firestore": in_firestore,
        "sealed": behind_a_seal,
    }


def durable(harnesses: dict[str, Harness[T]]) -> pytest.MarkDecorator:
    """Over the harnesses that find again in a folder what was kept there."""
    return pytest.mark.parametrize("harness", [pytest.param(harnesses["sqlite"], id="sqlite")])
