"""Odd and broken frames over real sockets to the real server: a small part of `make fuzz`."""

from pathlib import Path

import pytest

from benchmarks.crash import FAKES
from benchmarks.fuzz.frames import BROKEN
from benchmarks.fuzz.trial import fuzzed
from benchmarks.server_process import ServerProcess

pytestmark = pytest.mark.alone


async def test_frames_that_no_client_should_send_harm_nobody_else(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path, settings=FAKES)
    await server.start()
    try:
        result = await fuzzed(server, frames=2_000, sockets=10, rate=2_000, honest=2, quiet=0.5, seed=1)
    finally:
        server.kill()
    assert not result.tally.wrong, result.tally.wrong
    assert result.tally.right > 20
    assert len(result.tally.sent.keys() & {attack.kind for attack in BROKEN}) > len(BROKEN) // 2
    assert (result.missing, result.cut) == (0, 0)
    assert result.corrupt > 100
    assert not result.failures
