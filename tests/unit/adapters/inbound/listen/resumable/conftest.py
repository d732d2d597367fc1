from collections.abc import AsyncIterator

import pytest

from tests.support.resumable_phones import Scene, a_scene


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with a_scene() as scene:
        yield scene
