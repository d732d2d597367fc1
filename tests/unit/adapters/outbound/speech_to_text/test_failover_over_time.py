"""What a chain of recognizers does in minutes and hours."""

from pathlib import Path

import anyio
import pytest

from adapters.outbound.speech_to_text.failover.failover import FailoverSpeechToText
from adapters.outbound.speech_to_text.failover.kept_audio import MOST_IN_MEMORY
from domain.audio import samples
from domain.recognition import FinalWords, RecognizerChanged
from domain.usage import Billing
from ports.errors import Rejected, TemporarilyUnavailable
from ports.speech_to_text import Terms
from tests.support.failover_scene import Scene, play, scene_over
from tests.support.faulty_recognizer import HEALTHY, REFUSED, Fault, FaultyBatch, FaultyRecognizer
from tests.support.virtual_time import LoopClock, in_virtual_time

LIMIT = 1.0 + 2.0
"""Patience of the recognizers here, and the grace."""


async def talk(scene: Scene) -> None:
    """Half a minute in sentences."""
    for _ in range(8):
        await scene.say(10)
        await scene.pause(1)
    await scene.finish()


@pytest.mark.parametrize(
    "fault",
    [
        Fault(silent_after=30_000),
        Fault(mute_after=30_000),
        Fault(no_finals=True),
        Fault(blocks_after=30_000),
        Fault(blocks_at_finalize=True),
    ],
    ids=["silent", "guesses only", "never final", "takes no data", "blocks at a pause"],
)
def test_a_recognizer_that_makes_no_progress_is_left_within_its_limit(fault: Fault) -> None:
    scene = play(talk, FaultyRecognizer("first", otherwise=fault), FaultyRecognizer("spare"))
    left = next(told.at for told in scene.told if isinstance(told.event, RecognizerChanged))
    assert left <= 3.0 + LIMIT + 0.6
    assert scene.heard_by <= {"first", "spare"}


@pytest.mark.parametrize("closing", [1.9, 1_000.0])
def test_a_recognizer_that_is_slow_to_close_delays_nobody(closing: float) -> None:
    first = FaultyRecognizer("first", Fault(dies_after=30_000, closing=closing))
    scene = play(talk, first, FaultyRecognizer("spare"))
    left = next(told.at for told in scene.told if isinstance(told.event, RecognizerChanged))
    assert left < 30_000 / 16_000 + 0.2


def test_a_recognizer_whose_opening_hangs_costs_its_budget_once() -> None:
    scene = play(talk, FaultyRecognizer("first", otherwise=Fault(hangs=True)), FaultyRecognizer("spare"))
    assert next(told.at for told in scene.told if isinstance(told.event, RecognizerChanged)) <= 5.5


@pytest.mark.parametrize("fault", [Fault(endless=True), Fault(closing=1.9), Fault(closing=100.0)])
def test_the_end_of_a_capture_does_not_wait_for_a_recognizer_that_is_slow_to_leave(fault: Fault) -> None:
    async def act(scene: Scene) -> None:
        await scene.say(10)
        await scene.finish(within=0.1)

    play(act, FaultyRecognizer("first", otherwise=fault))


def test_a_pause_is_no_reason_to_leave_anybody() -> None:
    async def act(scene: Scene) -> None:
        for seconds in (5, 100, 3_600, 20):
            await scene.say(5)
            await scene.pause(seconds)
        await scene.finish()

    first, spare = FaultyRecognizer("first"), FaultyRecognizer("spare")
    assert play(act, first, spare).changes == []
    assert (first.connections, spare.connections) == (1, 0)


def test_a_long_sentence_after_many_short_ones_is_waited_for() -> None:
    """A recognizer of whole sentences says nothing until the end, and has learned to answer soon after a pause."""

    async def act(scene: Scene) -> None:
        for _ in range(60):
            await scene.say(2)
            await scene.pause(0.5)
        await scene.say(45)
        await scene.pause(1)
        await scene.finish()

    first = FaultyRecognizer("first", otherwise=Fault(by_sentence=True), terms=Terms(patience=20.0))
    assert play(act, first, FaultyRecognizer("spare")).changes == []


def test_a_recognizer_that_falls_silent_at_a_pause_is_left_after_what_was_learned() -> None:
    async def act(scene: Scene) -> None:
        for _ in range(60):
            await scene.say(2)
            await scene.pause(0.5)
        await scene.say(5)
        silent = anyio.current_time()
        await scene.pause(30)
        change = next(told.at for told in scene.told if isinstance(told.event, RecognizerChanged))
        assert change - silent < 0.3 + 2.0 + 0.6
        await scene.finish()

    fault = Fault(silent_after=122 * 4_800, delay=0.2)
    play(act, FaultyRecognizer("first", fault, terms=Terms(patience=60.0)), FaultyRecognizer("spare"))


def test_a_local_recognizer_works_off_a_backlog_without_being_thought_dead() -> None:
    """All of it is sent at once, and answered in 20 seconds: that is progress, not silence."""

    async def act(scene: Scene) -> None:
        for _ in range(60):
            await scene.say(2)
            await scene.pause(0.5)
        await scene.say(190)
        await scene.finish()
        assert local.connections <= 3

    faults = [HEALTHY, Fault(slowness=0.4), Fault(slowness=0.4)]
    local = FaultyRecognizer("local", Fault(dies_after=122 * 4_800), *faults, terms=Terms(patience=2.0))
    play(act, local)


def test_twenty_minutes_without_anybody_are_heard_afterwards(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.say(20)
        first.otherwise = spare.otherwise = REFUSED
        await first.break_off()
        for _ in range(100):
            await scene.say(5)
            await scene.pause(10.5)
        assert scene.changes == [None]
        assert scene.stream._custody.kept.in_memory <= MOST_IN_MEMORY
        first.otherwise, recovered = HEALTHY, anyio.current_time()
        await scene.say(300)
        back = next(
            told.at for told in scene.told if isinstance(told.event, RecognizerChanged) and told.event.recognizer
        )
        assert scene.first(f"word{520 + 299}") < anyio.current_time() + 1
        assert back - recovered < 20
        assert back < scene.first("word50")
        await scene.finish(within=3_600)

    first, spare = FaultyRecognizer("first", terms=Terms(replay_speed=1.25)), FaultyRecognizer("spare")
    scene = play(act, first, spare, folder=tmp_path)
    [lost, back] = [event for event in scene.events if isinstance(event, RecognizerChanged)]
    assert (lost.recognizer, back.recognizer) == (None, "first")
    assert "hung up" in lost.reason or "no route" in lost.reason
    assert list(tmp_path.iterdir()) == []


def test_live_words_go_on_while_a_backlog_is_worked_off() -> None:
    async def act(scene: Scene) -> None:
        first.otherwise = REFUSED
        await scene.say(200)
        first.otherwise = HEALTHY
        await scene.say(100)
        said = len(scene.places)
        await scene.say(20)
        assert scene.first(f"word{said + 10}") <= anyio.current_time()
        assert len(scene.words) < len(scene.places) - 20
        await scene.finish()

    first = FaultyRecognizer("first", terms=Terms(replay_speed=1.25))
    play(act, first)


def test_a_backlog_that_breaks_off_again_and_again_still_comes_to_its_end() -> None:
    async def act(scene: Scene) -> None:
        await scene.say(300)
        first.otherwise = Fault(dies_after=160_000)
        await scene.finish(within=3_600)

    first = FaultyRecognizer("first", otherwise=REFUSED, terms=Terms(replay_speed=1.25))
    play(act, first)


def test_replayed_audio_is_sent_no_faster_than_the_vendor_bears() -> None:
    async def act(scene: Scene) -> None:
        await scene.say(200)
        first.otherwise = HEALTHY
        await scene.finish()

    first = FaultyRecognizer("first", otherwise=REFUSED, terms=Terms(replay_speed=1.25))
    play(act, first)
    start = first.sent[0][0]
    total = 0
    for at, count in first.sent:
        total += count
        assert total <= samples(2.0) + samples(1.25 * (at - start)) + count + 1_600


def test_nobody_hears_the_end_and_leaving_takes_no_time() -> None:
    async def act(scene: Scene) -> None:
        await scene.say(20)
        await scene.stream.send_eof()
        await anyio.sleep(100)
        assert not scene.ended.is_set()

    async def timed() -> float:
        async with FailoverSpeechToText([first], clock=LoopClock()) as recognizer:
            async with scene_over(recognizer) as scene:
                await act(scene)
                left = anyio.current_time()
            return anyio.current_time() - left

    first = FaultyRecognizer("first", otherwise=REFUSED)
    assert in_virtual_time(timed) < 0.1


def test_a_primary_that_recovers_is_taken_back_at_a_pause_without_a_seam() -> None:
    async def act(scene: Scene) -> None:
        for _ in range(12):
            await scene.say(10)
            await scene.pause(1)
        await scene.finish()

    first = FaultyRecognizer("first", Fault(dies_after=30_000))
    scene = play(act, first, FaultyRecognizer("spare"))
    assert scene.changes == ["spare", "first"]
    assert first.connections == 2


def test_a_primary_that_recovers_takes_over_in_the_middle_of_endless_speech() -> None:
    async def act(scene: Scene) -> None:
        await scene.say(200)
        await scene.finish()

    scene = play(act, FaultyRecognizer("first", Fault(dies_after=30_000)), FaultyRecognizer("spare"))
    assert scene.changes == ["spare", "first"]


def test_a_session_is_handed_over_before_the_vendor_ends_it() -> None:
    async def act(scene: Scene) -> None:
        for _ in range(30):
            await scene.say(20)
            await scene.pause(2)
        await scene.finish()
        assert 3 <= first.connections <= 5

    first = FaultyRecognizer("first", otherwise=Fault(dies_at=120.0), terms=Terms(longest_session=120.0, patience=1.0))
    spare = FaultyRecognizer("spare")
    assert play(act, first, spare).changes == []
    assert spare.connections == 0


def test_a_connection_that_costs_is_closed_in_silence_and_opened_for_the_next_word() -> None:
    async def act(scene: Scene) -> None:
        await scene.say(10)
        await scene.pause(60)
        assert first.open == 0
        await scene.say(10)
        assert first.open == 1
        await scene.pause(60)
        await scene.finish()

    first = FaultyRecognizer("first", terms=Terms(billing=Billing.CONNECTION))
    assert play(act, first).changes == []
    assert first.connections == 2


def test_a_connection_that_breaks_while_it_is_closed_for_silence_loses_nothing() -> None:
    async def act(scene: Scene) -> None:
        await scene.say(10)
        await scene.pause(60)
        await scene.finish()

    fault = Fault(dies_at_eof=True, delay=17.0)
    terms = Terms(billing=Billing.CONNECTION, patience=30.0)
    play(act, FaultyRecognizer("first", fault, terms=terms), FaultyRecognizer("spare"))


def test_an_idle_connection_that_is_free_stays_open() -> None:
    async def act(scene: Scene) -> None:
        await scene.say(10)
        await scene.pause(600)
        await scene.say(10)
        await scene.finish()

    first = FaultyRecognizer("first", terms=Terms(billing=Billing.AUDIO))
    play(act, first)
    assert first.connections == 1


def test_a_recognizer_that_ends_at_once_without_an_error_is_not_called_again_and_again() -> None:
    first = FaultyRecognizer("first", otherwise=Fault(ends_after=0))
    play(talk, first, FaultyRecognizer("spare"))
    assert first.connections < 5


def test_batch_recognizers_that_refuse_or_hang_are_asked_rarely() -> None:
    async def act(scene: Scene) -> None:
        await scene.say(200)
        first.otherwise = HEALTHY
        await scene.say(100)
        await scene.finish()

    refusing, hanging = FaultyBatch(otherwise=Rejected("wrong key")), FaultyBatch(10_000.0)
    first = FaultyRecognizer("first", otherwise=REFUSED)
    play(act, first, batch=[refusing, hanging])
    assert refusing.requests == 1


def test_sessions_share_what_they_learn() -> None:
    async def perform() -> None:
        async with FailoverSpeechToText([first, FaultyRecognizer("spare")], clock=LoopClock()) as recognizer:
            for _ in range(5):
                async with scene_over(recognizer) as scene:
                    await scene.say(3)
                    await scene.finish()

    first = FaultyRecognizer("first", otherwise=REFUSED)
    in_virtual_time(perform)
    assert first.connections == 1


def test_a_session_that_leaves_while_it_tries_does_not_bar_the_others() -> None:
    async def perform() -> None:
        async with FailoverSpeechToText([first], clock=LoopClock()) as recognizer:
            async with scene_over(recognizer) as scene:
                await scene.say(3)
            await anyio.sleep(20)
            first.otherwise = Fault(opening=4.0)
            async with scene_over(recognizer) as scene:
                await scene.say(1)
            first.otherwise = HEALTHY
            async with scene_over(recognizer) as scene:
                await scene.say(3)
                await scene.finish(within=60)

    first = FaultyRecognizer("first", otherwise=REFUSED)
    in_virtual_time(perform)


def test_an_old_connection_that_works_does_not_speak_for_new_ones() -> None:
    """A vendor at its limit of sessions: those that have one go on, and nobody else knocks twice a second."""

    async def perform() -> None:
        chain = [first, FaultyRecognizer("spare")]
        async with FailoverSpeechToText(chain, clock=LoopClock()) as recognizer, scene_over(recognizer) as old:
            await old.say(5)
            first.otherwise = REFUSED
            async with scene_over(recognizer) as new, anyio.create_task_group() as tasks:
                tasks.start_soon(old.say, 100)
                await new.say(100)
                await new.finish()
            await old.finish()

    first = FaultyRecognizer("first")
    in_virtual_time(perform)
    assert first.connections <= 4


def test_what_a_recognizer_says_after_the_last_word_disturbs_nobody() -> None:
    scene = play(talk, FaultyRecognizer("first", otherwise=Fault(doubled=True)))
    assert isinstance(scene.events[-1], FinalWords)


@pytest.mark.parametrize("error", [TemporarilyUnavailable, Rejected])
def test_a_refusal_in_the_middle_of_speech_loses_nothing(error: type[TemporarilyUnavailable] | type[Rejected]) -> None:
    play(talk, FaultyRecognizer("first", Fault(dies_after=40_000, dying=error)), FaultyRecognizer("spare"))


def test_stamps_beyond_the_audio_are_cut_to_what_was_sent() -> None:
    async def act(scene: Scene) -> None:
        await scene.say(10)
        await scene.stream.send_eof()
        await scene.ended.wait()
        assert len(scene.words) == 10
        assert all(word.end <= scene.position for word in scene.words)

    play(act, FaultyRecognizer("first", otherwise=Fault(stamps_ahead=500_000)))


def test_a_watermark_beyond_the_audio_does_not_cover_what_was_never_heard() -> None:
    async def act(scene: Scene) -> None:
        await scene.say(10)
        await scene.pause(1)
        await scene.say(10)
        await scene.finish()

    fault = Fault(watermark_ahead=500_000, dies_after=60_000)
    play(act, FaultyRecognizer("first", fault), FaultyRecognizer("spare"))


@pytest.mark.parametrize("fault", [Fault(refuse=KeyError("x")), Fault(dies_after=40_000, dying=KeyError)])
def test_a_recognizer_with_a_bug_does_not_take_the_capture_with_it(fault: Fault) -> None:
    scene = play(talk, FaultyRecognizer("first", fault), FaultyRecognizer("spare"))
    change = next(event for event in scene.events if isinstance(event, RecognizerChanged))
    assert "KeyError" in change.reason


@pytest.mark.parametrize("moment", [number * 0.73 for number in range(30)])
def test_a_capture_that_is_canceled_at_any_moment_leaves_nothing_open(moment: float) -> None:
    async def perform() -> float:
        async with FailoverSpeechToText(chain, clock=LoopClock()) as recognizer:
            with anyio.move_on_after(moment):
                async with scene_over(recognizer) as scene:
                    await talk(scene)
            return anyio.current_time() - moment

    faults = [
        Fault(opening=1.0, dies_after=20_000, closing=1.9),
        Fault(hangs=True),
        Fault(silent_after=9_000),
        HEALTHY,
    ]
    chain = [FaultyRecognizer(f"recognizer {number}", fault, fault) for number, fault in enumerate(faults)]
    assert in_virtual_time(perform) < 2.0
    assert [recognizer.open for recognizer in chain] == [0, 0, 0, 0]
