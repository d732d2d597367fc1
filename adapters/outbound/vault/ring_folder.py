"""Rings in files, one for each user."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.outbound.storage_errors import translated
from adapters.outbound.user_folder import create
from adapters.outbound.vault import private_file
from adapters.outbound.vault.key_ring import KeyRing, read, written

_SUFFIX = ".keys"
_LOCK = "lock"


class RingFolder:
    """Reads and writes at once: a file is small, and there are none of them to wait for. Any thread may."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, owner: str) -> KeyRing | None:
        """The ring of a user. Raises TemporarilyUnavailable."""
        path = self._path(owner)
        with translated(path):
            try:
                return read(path.read_bytes())
            except FileNotFoundError:
                return None

    def make(self, ring: KeyRing) -> None:
        """Keeps a ring, where there is none. Raises TemporarilyUnavailable."""
        path = self._path(ring.owner)
        with translated(path):
            private_file.make(path, written(ring))

    def replace(self, ring: KeyRing) -> None:
        """Keeps a ring in the place of another. Hold `alone`. Raises TemporarilyUnavailable."""
        path = self._path(ring.owner)
        with translated(path):
            private_file.replace(path, written(ring))

    def remove(self, owner: str) -> None:
        """Forgets a ring. Raises TemporarilyUnavailable."""
        path = self._path(owner)
        with translated(path):
            private_file.remove(path)

    def owners(self) -> list[str]:
        """Whose rings there are. Raises TemporarilyUnavailable."""
        with translated(self.folder):
            return sorted(path.stem for path in self.folder.glob(f"*{_SUFFIX}"))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps every other process from changing rings meanwhile. Raises TemporarilyUnavailable."""
        path = self.folder / _LOCK
        with translated(path):
            create(self.folder)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
            finally:
                os.close(handle)

    def _path(self, owner: str) -> Path:
        return self.folder / f"{owner}{_SUFFIX}"
