"""What every test gets."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def anyio_backend() -> str:
    """Adapters live on asyncio; pure code is tried on trio too, where a test asks for it."""
    return "asyncio"


@pytest.fixture(scope="session")
def audio_folder() -> Path:
    """Real speech with references (see README, Tests)."""
    folder = Path(os.environ.get("OMI_TEST_AUDIO", ROOT / ".." / "shared" / "audio")).resolve()
    if not (folder / "manifest.json").is_file():
        pytest.fail(f"no test audio: {folder} holds no manifest.json; set OMI_TEST_AUDIO to the folder that does")
    return folder
