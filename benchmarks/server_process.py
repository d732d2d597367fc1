"""The real server in a process of its own, with data and settings of its own, for benchmarks to talk to."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.to_thread

from adapters.outbound.authenticator.local import LocalAuthenticator
from adapters.outbound.clock.system import SystemClock
from domain.ids import UserId

ROOT = Path(__file__).resolve().parent.parent
COMMAND = (sys.executable, "-m", "bootstrap.main", "serve")
START_SECONDS = 60.0
STOP_SECONDS = 20.0
_LOOK_SECONDS = 0.05
_LAST_LINES = 20


class ServerFailed(Exception):
    """The server did not start, or did not end as it should. The message holds the end of its log."""


class ServerProcess:
    """A server that can be started, stopped, killed and started again on the same data and the same port."""

    def __init__(
        self, folder: Path, *, settings: Mapping[str, str] | None = None, command: Sequence[str] = COMMAND
    ) -> None:
        """Nothing runs yet.

        Args:
            folder: takes the data and the log; has to exist.
            settings: `OMI_` variables. Those of the caller's own environment are not passed on.
            command: what serves.
        """
        self.folder = folder
        self.data_dir = folder / "data"
        self.log = folder / "server.log"
        """What all runs said, one after the other."""
        self.port = free_port()
        self.start_seconds = 0.0
        """From starting the process until it answered; known after `start`."""
        self._settings = dict(settings or {})
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        return self._running.pid

    async def start(self) -> None:
        """Starts the process; returns when it answers.

        Raises:
            ServerFailed: it ended, or does not answer in time.
        """
        began = time.monotonic()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - takes a millisecond
                self._command,
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        while not await anyio.to_thread.run_sync(self._answers):
            if self._process.poll() is not None:
                raise ServerFailed(f"the server ended with {self._process.returncode}:\n{self.last_lines()}")
            if time.monotonic() - began > START_SECONDS:
                self.kill()
                raise ServerFailed(f"the server does not answer after {START_SECONDS:.0f} s:\n{self.last_lines()}")
            await anyio.sleep(_LOOK_SECONDS)
        self.start_seconds = time.monotonic() - began

    async def stop(self) -> None:
        """Asks the process to end, which drains its sessions, and waits for it. Harmless when it does not run.

        Raises:
            ServerFailed: it had to be killed, or says that it failed.
        """
        if self._process is None:
            return
        process = self._running
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        while process.poll() is None and time.monotonic() - began < STOP_SECONDS:
            await anyio.sleep(_LOOK_SECONDS)
        if process.poll() is None:
            self.kill()
            raise ServerFailed(f"the server did not stop within {STOP_SECONDS:.0f} s:\n{self.last_lines()}")
        self._process = None
        if process.returncode:
            raise ServerFailed(f"the server stopped with {process.returncode}:\n{self.last_lines()}")

    def kill(self) -> None:
        """Ends the process at once, as a power cut does. Harmless when it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def token(self, user: str) -> str:
        """An access token that this server believes."""
        self.data_dir.mkdir(exist_ok=True)
        return LocalAuthenticator(data_dir=self.data_dir, clock=SystemClock()).issue(UserId(user))

    def last_lines(self) -> str:
        """The end of the log."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-_LAST_LINES:])

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ServerFailed("the server does not run")
        return self._process

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("OMI_")}
        own = {
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "OMI_DATA_DIR": str(self.data_dir),
            "OMI_HOST": "127.0.0.1",
            "OMI_PORT": str(self.port),
        }
        return inherited | own | self._settings

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/health/live", timeout=1) as answer:  # noqa: S310 - our own
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def free_port() -> int:
    """A port of this machine that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@asynccontextmanager
async def running_server(settings: Mapping[str, str] | None = None) -> AsyncIterator[ServerProcess]:
    """A server with a temporary folder; stopped, and its data gone, on leaving.

    Raises:
        ServerFailed: it did not start or stop as it should.
    """
    with tempfile.TemporaryDirectory(prefix="omi-benchmark-") as folder:
        server = ServerProcess(Path(folder), settings=settings)
        try:
            await server.start()
            yield server
            await server.stop()
        finally:
            server.kill()
