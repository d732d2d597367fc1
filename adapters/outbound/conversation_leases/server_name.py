"""The name of a server, and that of the one which used the same folder before: that one is gone for certain."""

import fcntl
import os
from pathlib import Path

from adapters.outbound.user_folder import create
from domain.ids import new_id

_FILE = "server.name"


class ServerName:
    """A new name for every start. Who has the folder's lock notes it, for whoever comes next."""

    def __init__(self, data_dir: Path) -> None:
        self.own = new_id()
        self.former: str | None = None
        """Of a server whose process has ended; None where that cannot be known."""
        self._folder = data_dir
        self._file: int | None = None

    def take(self) -> None:
        """Reads who was here before, and notes who is here now.

        Raises:
            OSError: the folder cannot be written.
        """
        create(self._folder)
        file = os.open(self._folder / _FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # a command beside a running server: that one keeps its name
            os.close(file)
            return
        self._file = file
        self.former = os.pread(file, 100, 0).decode(errors="replace") or None
        os.ftruncate(file, 0)
        os.pwrite(file, self.own.encode(), 0)

    def leave(self) -> None:
        """Lets go of the folder."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
