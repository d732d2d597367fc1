"""What every test gets."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does, before anything imports numpy

import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import sniffio

ROOT = Path(__file__).parent.parent
PROGRAM = ("domain", "ports", "application", "adapters", "bootstrap")


hypothesis.settings.register_profile("untimed", hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("untimed")  # how long an example takes says more about the machine than about the code


@pytest.fixture
def anyio_backend() -> str:
    """Adapters live on asyncio; pure code is tried on trio too, where a test asks for it."""
    return "asyncio"


def outside_of_loops(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, but not where the program would stop an event loop with it."""

    def checked(*arguments: Any, **more: Any) -> Any:
        if not any(Path(sys._getframe(1).f_code.co_filename).is_relative_to(ROOT / folder) for folder in PROGRAM):
            return function(*arguments, **more)
        try:
            sniffio.current_async_library()
        except sniffio.AsyncLibraryNotFoundError:
            return function(*arguments, **more)
        raise AssertionError(f"{function.__name__} blocks the event loop: use a worker thread")

    return checked


@pytest.fixture(autouse=True)
def nothing_blocks_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that wait, where every other session of the process would wait with them."""
    for module, name in ((time, "sleep"), (sqlite3, "connect")):
        monkeypatch.setattr(module, name, outside_of_loops(getattr(module, name)))


@pytest.fixture(scope="session")
def audio_folder() -> Path:
    """Real speech with references (see CONTRIBUTING.md)."""
    folder = Path(os.environ.get("OMI_TEST_AUDIO", ROOT / ".." / "shared" / "audio")).resolve()
    if not (folder / "manifest.json").is_file():
        pytest.fail(f"no test audio: {folder} holds no manifest.json; set OMI_TEST_AUDIO to the folder that does")
    return folder
