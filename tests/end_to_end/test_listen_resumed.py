"""The published client against the real server, over a network that cuts its connection at random bytes."""

import pytest

from benchmarks.resume import cut_again_and_again

pytestmark = pytest.mark.alone


async def test_a_client_that_is_cut_at_random_bytes_loses_no_sample_and_no_event() -> None:
    outcome = await cut_again_and_again(cuts=18, seed=3, most_up=8_000, most_down=500)
    assert outcome.total == 0, outcome
    assert outcome.cuts >= 18
    assert outcome.sessions == 1
    assert outcome.words > 5
    assert outcome.packets_again > 0


async def test_a_client_that_comes_to_another_server_after_each_cut_loses_nothing_and_begins_nothing_anew() -> None:
    outcome = await cut_again_and_again(cuts=8, seed=3, servers=2, most_up=8_000, most_down=2_000)
    assert outcome.total == 0, outcome
    assert (outcome.sessions, outcome.conversations) == (1, 1)
    assert outcome.words > 2
