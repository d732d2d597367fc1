"""The parts of the failover: breaker, patience, pacing, kept audio."""

from pathlib import Path

import anyio
import pytest

from adapters.outbound.speech_to_text.failover.breaker import (
    FIRST_BENCH,
    LONGEST_BENCH,
    LONGEST_PROBE,
    REJECTED_BENCH,
    Breaker,
    BreakerState,
)
from adapters.outbound.speech_to_text.failover.kept_audio import KeptAudio
from adapters.outbound.speech_to_text.failover.pacing import BURST, Pacing
from adapters.outbound.speech_to_text.failover.patience import GRACE, Patience
from domain.audio import AudioFrame
from tests.support.virtual_time import LoopClock, in_virtual_time


class Watch:
    """A clock for a breaker."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def breaker(watch: Watch) -> Breaker:
    return Breaker(monotonic=watch)


def test_a_failure_benches_a_recognizer_for_a_while(breaker: Breaker, watch: Watch) -> None:
    assert breaker.try_it()
    breaker.failed("gone")
    assert not breaker.try_it()
    watch.now += FIRST_BENCH
    assert breaker.state is BreakerState.HALF_OPEN
    assert breaker.reason == "gone"


def test_one_session_tries_while_the_others_wait(breaker: Breaker, watch: Watch) -> None:
    breaker.failed("gone")
    watch.now += FIRST_BENCH
    assert [breaker.try_it() for _ in range(3)] == [True, False, False]
    breaker.served(opened=watch.now)
    assert [breaker.try_it() for _ in range(3)] == [True, True, True]


def test_a_session_that_finds_nothing_out_makes_room_for_another(breaker: Breaker, watch: Watch) -> None:
    breaker.failed("gone")
    watch.now += FIRST_BENCH
    assert breaker.try_it()
    watch.now += LONGEST_PROBE
    assert breaker.try_it()


def test_the_bench_doubles_up_to_a_limit_however_long_it_lasts(breaker: Breaker, watch: Watch) -> None:
    benches = []
    for _ in range(1_200):
        breaker.failed("gone")
        start = watch.now
        while not breaker.try_it():
            watch.now += 5
        benches.append(watch.now - start)
    assert benches[:6] == [15, 30, 60, 120, 240, 240]
    assert benches[-1] == LONGEST_BENCH


def test_fifty_connections_that_break_at_once_are_one_failure(breaker: Breaker, watch: Watch) -> None:
    for _ in range(50):
        breaker.failed("gone")
    watch.now += FIRST_BENCH
    assert breaker.try_it()


def test_words_end_the_row_of_failures(breaker: Breaker, watch: Watch) -> None:
    for _ in range(3):
        breaker.failed("gone")
        watch.now += LONGEST_BENCH
    breaker.served(opened=watch.now)
    breaker.failed("gone")
    watch.now += FIRST_BENCH
    assert breaker.try_it()


def test_words_on_an_old_connection_end_nothing(breaker: Breaker, watch: Watch) -> None:
    breaker.failed("too many connections")
    breaker.served(opened=watch.now - 60)
    assert not breaker.try_it()


def test_a_refusal_benches_for_long_also_for_those_who_have_no_choice(breaker: Breaker, watch: Watch) -> None:
    breaker.rejected("wrong key")
    breaker.failed("gone")
    watch.now += REJECTED_BENCH - 1
    assert not breaker.try_it()
    assert not breaker.try_for_want_of_better()
    watch.now += 1
    assert breaker.try_it()


def test_who_has_no_choice_tries_before_a_long_bench_is_over(breaker: Breaker, watch: Watch) -> None:
    for _ in range(4):
        breaker.failed("gone")
        watch.now += LONGEST_BENCH
    breaker.failed("gone")
    assert not breaker.try_for_want_of_better()
    watch.now += FIRST_BENCH
    assert not breaker.try_it()
    assert [breaker.try_for_want_of_better() for _ in range(2)] == [True, False]


def test_patience_starts_with_a_guess_and_learns() -> None:
    patience = Patience(6.0)
    for _ in range(49):
        patience.learn(0.3)
    assert patience.limit == 6.0 + GRACE
    patience.learn(0.3)
    assert patience.limit == 0.3 + GRACE


def test_patience_covers_99_of_100() -> None:
    patience = Patience(6.0)
    for number in range(500):
        patience.learn(number / 100)
    assert patience.p99 == 4.95


def test_patience_grows_with_a_recognizer_that_becomes_slow() -> None:
    patience = Patience(6.0)
    for _ in range(500):
        patience.learn(0.3)
    for _ in range(20):
        patience.in_vain(patience.limit + 0.1)
    assert patience.limit > 4
    for _ in range(500):
        patience.in_vain(patience.limit + 0.1)
    assert patience.limit <= 6.0 + GRACE


def test_patience_in_the_middle_of_speech_does_not_fall_below_the_first_guess() -> None:
    patience = Patience(6.0, least=6.0)
    for _ in range(500):
        patience.learn(0.1)
    assert patience.p99 == 6.0


def test_a_backlog_is_paced_after_a_burst() -> None:
    async def paced() -> list[float]:
        pacing = Pacing(1.25, clock=LoopClock())
        times = []
        for number in range(100):
            await pacing.wait(AudioFrame(number * 1_600, bytes(3_200)))
            times.append(anyio.current_time())
        return [at - times[0] for at in times]

    times = in_virtual_time(paced)
    assert times[19] == 0.0
    assert times[-1] == pytest.approx((10.0 - BURST) / 1.25)


def test_live_audio_never_waits() -> None:
    async def live() -> float:
        pacing = Pacing(1.25, clock=LoopClock())
        waited = 0.0
        for number in range(1_000):
            start = anyio.current_time()
            await pacing.wait(AudioFrame(number * 320, bytes(640)))
            waited += anyio.current_time() - start
            await anyio.sleep(0.02)
        return waited

    assert in_virtual_time(live) == 0.0


def test_what_goes_at_once_counts_as_what_waited() -> None:
    async def sent_at_once() -> int:
        pacing = Pacing(1.25, clock=LoopClock())
        count = 0
        for number in range(100):
            frame = AudioFrame(number * 1_600, bytes(3_200))
            if pacing.allows(frame):
                pacing.spend(frame)
                count += 1
        return count

    assert in_virtual_time(sent_at_once) == 10 * BURST


def numbered(start: int, count: int) -> bytes:
    """Samples that tell their own position."""
    return b"".join((position % 30_000).to_bytes(2, "little") for position in range(start, start + count))


def kept_with(folder: Path | None, *, frames: int, most: int = 6_400, gap: int = 0) -> KeptAudio:
    kept = KeptAudio(folder=folder, most_in_memory=most)
    for number in range(frames):
        start = number * (320 + gap)
        kept.add(AudioFrame(start, numbered(start, 320)))
    return kept


def test_what_does_not_fit_the_memory_comes_back_from_the_disk(tmp_path: Path) -> None:
    with kept_with(tmp_path, frames=1_000) as kept:
        assert kept.in_memory <= 6_400
        assert list(tmp_path.iterdir()) == []
        assert b"".join(frame.pcm for frame in kept.between(777, 300_001)) == numbered(777, 300_001 - 777)


def test_cuts_survive_the_disk(tmp_path: Path) -> None:
    with kept_with(tmp_path, frames=100, gap=100) as kept:
        frames = list(kept.between(0, 1_000_000))
        assert [frame.start for frame in frames] == [number * 420 for number in range(100)]
        assert all(frame.pcm == numbered(frame.start, 320) for frame in frames)


def test_hours_on_disk_cost_no_memory(tmp_path: Path) -> None:
    with kept_with(tmp_path, frames=20_000) as kept:
        assert len(kept._spilled) == 1


def test_what_is_forgotten_is_gone(tmp_path: Path) -> None:
    with kept_with(tmp_path, frames=1_000) as kept:
        kept.forget(320 * 995)
        assert [frame.start for frame in kept.between(0, 1_000_000)] == [320 * number for number in range(995, 1_000)]
        kept.add(AudioFrame(320_000, numbered(320_000, 320 * 30)))
        assert b"".join(frame.pcm for frame in kept.between(320_000, 320_100)) == numbered(320_000, 100)


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    with kept_with(tmp_path / "missing", frames=100) as kept:
        assert b"".join(frame.pcm for frame in kept.between(0, 32_000)) == numbered(0, 32_000)


def test_closing_gives_the_file_back(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with kept_with(tmp_path, frames=1_000):
        pass
    assert len(list(Path("/proc/self/fd").iterdir())) == before
