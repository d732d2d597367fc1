"""What is said is heard the same, whether a clip of the owner was played before or not."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from adapters.outbound.speech_to_text.primed import PrimedSpeechToText
from domain.audio import AudioFrame
from domain.recognition import FinalWords, InterimWords, RecognitionEvent
from domain.transcript import Word
from domain.watermark import WORD_SAMPLES, word
from ports.speech_to_text import TranscriptionRequest, TranscriptionStream
from tests.contract.deepgram_harness import deepgram
from tests.contract.primed_harness import Opened
from tests.contract.soniox_harness import soniox
from tests.contract.speech_to_text_bench import Bench
from tests.contract.speechmatics_harness import speechmatics
from tests.contract.test_speech_to_text import fake
from tests.support.owner_clips import FIRST_WORD, FixedOwnerClip

PATIENCE = 20.0
MILLISECOND = 16
"""Samples: vendors tell times in milliseconds."""
PACKET = 320

Said = list[AudioFrame | None]
"""Frames; None where the speaker's pause is told."""


@pytest.fixture(params=[fake, deepgram, soniox, speechmatics], ids=lambda harness: harness.__name__)
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    async with request.param(tmp_path) as opened:
        yield opened


def some_clip(chance: random.Random) -> bytes:
    """From 1 to 6 s of another voice, which may break off within a word."""
    words = [word(FIRST_WORD + number) + bytes(2 * chance.randrange(4_000)) for number in range(30)]
    return b"".join(words)[: 2 * chance.randrange(16_000, 96_000)]


def some_speech(chance: random.Random) -> Said:
    """Words with pauses, the first of them perhaps at once, with silence left out between some."""
    said: Said = []
    at = chance.choice([0, chance.randrange(1_000), chance.randrange(2_000_000)])
    for number in range(12):
        lead = chance.choice([0, 0, 500, 3_000])
        pcm = bytes(2 * lead) + word(number) + bytes(2 * chance.randrange(6_000))
        said += [AudioFrame(at + cut // 2, pcm[cut : cut + 2 * PACKET]) for cut in range(0, len(pcm), 2 * PACKET)]
        at += len(pcm) // 2
        if chance.random() < 0.3:
            said.append(None)
            at += chance.choice([0, 50_000])
    return said


async def speak(stream: TranscriptionStream, said: Said) -> None:
    for frame in said:
        await (stream.finalize() if frame is None else stream.send(frame))
    await stream.send_eof()


async def heard(recognizer: Opened | PrimedSpeechToText, said: Said) -> list[RecognitionEvent]:
    with anyio.fail_after(PATIENCE):
        request = TranscriptionRequest(interim=True)
        async with recognizer.open_stream(request) as stream, anyio.create_task_group() as tasks:
            tasks.start_soon(speak, stream, said)
            return [event async for event in stream]


def final_words(events: list[RecognitionEvent]) -> list[Word]:
    return [each for event in events if isinstance(event, FinalWords) for each in event.words]


def plain(words: list[Word]) -> list[tuple[str, int]]:
    """Without punctuation, which depends on how much was said before."""
    return [(text, each.speaker) for each in words if (text := each.text.rstrip("."))]


@pytest.mark.parametrize("seed", range(6))
async def test_priming_changes_neither_words_nor_times(bench: Bench, seed: int) -> None:
    chance = random.Random(seed)
    clip, said = some_clip(chance), some_speech(chance)
    frames = [frame for frame in said if frame is not None]
    without = final_words(await heard(Opened(bench.recognizer), said))
    async with PrimedSpeechToText(Opened(bench.recognizer), profile=FixedOwnerClip(clip)) as primed:
        events = await heard(primed, said)
    words = final_words(events)
    assert plain(words) == plain(without)
    assert all(
        abs(got.start - expected.start) <= MILLISECOND and abs(got.end - expected.end) <= MILLISECOND
        for got, expected in zip(words, without, strict=True)
    )
    watermarks = [event.through for event in events if isinstance(event, FinalWords)]
    assert watermarks == sorted(watermarks)
    assert watermarks[0] >= frames[0].start
    assert watermarks[-1] == frames[-1].end


@pytest.mark.parametrize("seed", range(3))
async def test_guesses_are_of_live_speech_alone(bench: Bench, seed: int) -> None:
    chance = random.Random(seed)
    clip, said = some_clip(chance), some_speech(chance)
    first = next(frame.start for frame in said if frame is not None)
    async with PrimedSpeechToText(Opened(bench.recognizer), profile=FixedOwnerClip(clip)) as primed:
        guesses = [event for event in await heard(primed, said) if isinstance(event, InterimWords)]
    numbers = {int(each.text.rstrip(".").removeprefix("word")) for guess in guesses for each in guess.words}
    assert numbers <= set(range(12))
    assert all(each.start >= first for guess in guesses for each in guess.words)


async def test_the_number_of_the_owners_voice_is_told(bench: Bench) -> None:
    """Simulated vendors hear a second voice in words from 100 on; the fake hears one alone."""
    number = 0 if bench.recognizer.name == "fake" else 1
    clip = b"".join(word(FIRST_WORD + at) + bytes(2_000) for at in range(8))
    live = word(7) + word(FIRST_WORD + 50) + bytes(2 * WORD_SAMPLES)
    async with PrimedSpeechToText(Opened(bench.recognizer), profile=FixedOwnerClip(clip)) as primed:
        events = await heard(primed, [AudioFrame(0, live), None])
    with_words = [event for event in events if isinstance(event, FinalWords) and event.words]
    assert with_words
    assert {event.owner for event in with_words} == {number}
    assert final_words(events)[-1].speaker in {number, 0}
