"""Two real servers around one Redis: a kill and a hand-over, and nobody loses a word."""

from pathlib import Path

import pytest

from benchmarks.servers_run import ServersRun
from benchmarks.two_servers import two_servers

pytestmark = pytest.mark.alone


async def test_conversations_go_on_at_the_other_server_after_a_kill_and_after_a_stop(tmp_path: Path) -> None:
    async with two_servers(tmp_path) as (servers, proxy, redis):
        run = ServersRun(servers, proxy, redis, sessions=4, seed=1, pause=(0.5, 0.7))

        async def end_both() -> None:
            run.kill(servers[0])
            await servers[0].start()
            await run.settled()
            await run.stop(servers[1])
            await run.settled()

        result = await run.during(end_both)
    assert result.count.wrong == 0, result
    assert result.count.memories == 4
    assert result.count.words > 20
    assert max(result.stopping) < 10
