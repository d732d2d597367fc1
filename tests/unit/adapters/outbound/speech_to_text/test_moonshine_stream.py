import threading

import anyio
import pytest

from adapters.outbound.speech_to_text.decoding_pool import DecodingPool
from adapters.outbound.speech_to_text.moonshine_stream import MoonshineStream
from adapters.outbound.speech_to_text.moonshine_words import Continuation
from domain.audio import SAMPLE_RATE, AudioFrame
from domain.recognition import FinalWords, InterimWords, RecognitionEvent
from domain.transcript import Word
from ports.errors import TemporarilyUnavailable

SECOND = bytes(2 * SAMPLE_RATE)


def one_word(utterance: AudioFrame) -> tuple[Word, ...]:
    """Says how long the utterance is."""
    return (Word(f"{(utterance.end - utterance.start) / SAMPLE_RATE:g}", utterance.start, utterance.end),)


def stream(
    pool: DecodingPool, *, guess_every: int | None = None, most_undecoded: int = 60, longest_in_context: int = 0
) -> MoonshineStream:
    return MoonshineStream(
        pool,
        recognizer="moonshine",
        longest=14 * SAMPLE_RATE,
        most_undecoded=most_undecoded * SAMPLE_RATE,
        guess_every=guess_every and guess_every * SAMPLE_RATE,
        longest_in_context=longest_in_context * SAMPLE_RATE,
    )


def second(number: int) -> AudioFrame:
    return AudioFrame(number * SAMPLE_RATE, SECOND)


def texts(events: list[RecognitionEvent]) -> list[str]:
    return [
        f"{'~' if isinstance(event, InterimWords) else ''}{event.words[0].text}"
        for event in events
        if isinstance(event, InterimWords | FinalWords)
    ]


async def test_who_sends_waits_while_too_much_is_undecoded() -> None:
    async with DecodingPool(one_word, workers=1) as pool, stream(pool, most_undecoded=3) as speaking:
        for number in range(3):
            await speaking.send(second(number))
            await speaking.finalize()
        with anyio.move_on_after(0.05) as waiting:
            await speaking.send(second(3))
        assert waiting.cancelled_caught
        await anext(speaking)
        with anyio.fail_after(1):
            await speaking.finalize()
            await speaking.send_eof()
            assert texts([event async for event in speaking]) == ["1", "1", "1"]


async def test_a_guess_comes_each_time_the_utterance_has_grown() -> None:
    events: list[RecognitionEvent] = []
    async with DecodingPool(one_word, workers=1) as pool, stream(pool, guess_every=2) as speaking:
        for number in range(6):
            await speaking.send(second(number))
            if number % 2:
                events.append(await anext(speaking))
        await speaking.send_eof()
        events += [event async for event in speaking]
    assert texts(events) == ["~2", "~4", "~6", "6"]


async def test_each_utterance_is_guessed_at_anew() -> None:
    events: list[RecognitionEvent] = []
    async with DecodingPool(one_word, workers=1) as pool, stream(pool, guess_every=2) as speaking:
        for number in range(6):
            await speaking.send(second(number))
            if number == 2:
                await speaking.finalize()
                events.append(await anext(speaking))
        await speaking.send(second(6))
        events.append(await anext(speaking))
    assert texts(events) == ["3", "~4"]


async def test_a_guess_is_dropped_when_the_utterance_ends() -> None:
    going_on = threading.Event()

    def decode(utterance: AudioFrame) -> tuple[Word, ...]:
        if utterance.end == 2 * SAMPLE_RATE:
            going_on.wait(10)
        return one_word(utterance)

    async with DecodingPool(decode, workers=2) as pool, stream(pool, guess_every=2) as speaking:
        await speaking.send(second(0))
        await speaking.send(second(1))
        async with anyio.create_task_group() as tasks:
            heard: list[RecognitionEvent] = []

            async def listen() -> None:
                heard.append(await anext(speaking))

            tasks.start_soon(listen)
            await anyio.wait_all_tasks_blocked()
            await speaking.send(second(2))
            await speaking.finalize()
        assert texts(heard) == ["3"]
        going_on.set()


async def test_who_gave_up_waiting_may_ask_again() -> None:
    going_on = threading.Event()

    def decode(utterance: AudioFrame) -> tuple[Word, ...]:
        going_on.wait(10)
        return one_word(utterance)

    async with DecodingPool(decode, workers=1) as pool, stream(pool) as speaking:
        await speaking.send(second(0))
        await speaking.finalize()
        with anyio.move_on_after(0.05) as waiting:
            await anext(speaking)
        assert waiting.cancelled_caught
        going_on.set()
        with anyio.fail_after(2):
            assert texts([await anext(speaking)]) == ["1"]


async def test_a_closed_stream_wakes_who_sends() -> None:
    failures: list[TemporarilyUnavailable] = []

    async def send(speaking: MoonshineStream) -> None:
        try:
            for number in range(10):
                await speaking.send(second(number))
        except TemporarilyUnavailable as failure:
            failures.append(failure)

    async with DecodingPool(one_word, workers=1) as pool, anyio.create_task_group() as tasks:
        speaking = stream(pool, most_undecoded=2)
        async with speaking:
            tasks.start_soon(send, speaking)
            await anyio.wait_all_tasks_blocked()
    assert len(failures) == 1


async def test_a_closed_stream_says_so() -> None:
    async with DecodingPool(one_word, workers=1) as pool:
        async with stream(pool) as speaking:
            pass
        with pytest.raises(TemporarilyUnavailable):
            await speaking.send(second(0))
        with pytest.raises(TemporarilyUnavailable):
            await anext(speaking)


async def contexts(frames: list[AudioFrame], *, longest: int = 10) -> list[str]:
    """For each utterance: how long it was decoded as, with the one it goes on from."""

    def decode(utterance: AudioFrame) -> tuple[Word, ...]:
        before = f"{utterance.said}+" if isinstance(utterance, Continuation) else ""
        (word,) = one_word(utterance)
        return (Word(before + word.text, word.start, word.end),)

    heard: list[RecognitionEvent] = []
    async with DecodingPool(decode, workers=1) as pool, stream(pool, longest_in_context=longest) as speaking:
        for frame in frames:
            await speaking.send(frame)
            await speaking.finalize()
            heard.append(await anext(speaking))
    return texts(heard)


async def test_an_utterance_is_decoded_together_with_the_one_it_goes_on_from() -> None:
    assert await contexts([second(0), second(1), second(3)]) == ["1", "1+1", "1+1+1"]


async def test_what_was_said_long_before_is_no_context() -> None:
    assert await contexts([second(0), second(3)]) == ["1", "1"]


async def test_two_utterances_that_are_too_long_together_are_decoded_alone() -> None:
    assert await contexts([second(0), second(1)], longest=1) == ["1", "1"]


async def test_a_stream_that_is_behind_does_not_decode_anything_twice() -> None:
    alone: list[bool] = []

    def decode(utterance: AudioFrame) -> tuple[Word, ...]:
        alone.append(not isinstance(utterance, Continuation))
        return one_word(utterance)

    async with DecodingPool(decode, workers=1) as pool, stream(pool, longest_in_context=10) as speaking:
        for number in range(3):
            await speaking.send(second(number))
            await speaking.finalize()
        for _ in range(3):
            await anext(speaking)
    assert alone == [True, True, False]
