"""What every recognizer of recordings does."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from msgspec import Struct

from adapters.outbound.batch_speech_to_text import moonshine as moonshine_module
from adapters.outbound.batch_speech_to_text.fake import FakeBatchSpeechToText
from adapters.outbound.batch_speech_to_text.moonshine import (
    MoonshineBatchSpeechToText,
    MoonshineBatchSpeechToTextSettings,
)
from benchmarks.word_error_rate import distance
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame
from domain.transcript import Word
from ports.batch_speech_to_text import BatchSpeechToText
from ports.errors import Rejected, TemporarilyUnavailable
from ports.speech_to_text import TranscriptionRequest
from tests.contract.batch_speech_to_text_bench import Bench
from tests.contract.deepgram_harness import deepgram_batch
from tests.contract.fal_harness import fal_batch
from tests.contract.harness import Harness, over
from tests.support.moonshine_models import ChokingModel, shared_model
from tests.support.utterances import Utterance, heard, real_speech, watermarked_speech

LEAVING_SECONDS = 2.0
ENGLISH = TranscriptionRequest(language="en")
SECOND = bytes(SAMPLE_RATE * SAMPLE_BYTES)


class Scene(Struct, frozen=True, kw_only=True):
    """A recognizer, and utterances to make recordings of."""

    bench: Bench
    utterances: list[Utterance]

    @property
    def recognizer(self) -> BatchSpeechToText:
        return self.bench.recognizer

    def assert_heard(self, words: Iterable[Word], utterances: Iterable[Utterance]) -> None:
        """All words of the utterances, in order, each once."""
        said, got = [word for utterance in utterances for word in utterance.words], heard(words)
        assert distance(said, got) <= self.bench.tolerance * len(said), (said, got)


@asynccontextmanager
async def moonshine(_: Path) -> AsyncIterator[Bench]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moonshine_module, "MoonshineModel", shared_model)
        async with MoonshineBatchSpeechToText(MoonshineBatchSpeechToTextSettings()) as recognizer:

            async def break_down() -> None:
                patch.setattr(recognizer, "_loaded", ChokingModel())

            yield Bench(recognizer=recognizer, say=real_speech, tolerance=0.1, break_down=break_down)


@asynccontextmanager
async def fake(_: Path) -> AsyncIterator[Bench]:
    yield Bench(recognizer=FakeBatchSpeechToText(), say=watermarked_speech)


HARNESSES: dict[str, Harness[Bench]] = {
    "moonshine": moonshine,
    "fake": fake,
    "deepgram": deepgram_batch,
    "fal": fal_batch,
}
BREAKABLE: dict[str, Harness[Bench]] = {"moonshine": moonshine, "deepgram": deepgram_batch, "fal": fal_batch}


@pytest.fixture(params=over("batch_speech_to_text", HARNESSES))
async def scene(request: pytest.FixtureRequest, tmp_path: Path, audio_folder: Path) -> AsyncIterator[Scene]:
    async with request.param(tmp_path) as bench:
        yield Scene(bench=bench, utterances=[bench.say(number, audio_folder) for number in range(4)])


@pytest.fixture(params=[pytest.param(harness, id=name) for name, harness in BREAKABLE.items()])
async def breakable(request: pytest.FixtureRequest, tmp_path: Path, audio_folder: Path) -> AsyncIterator[Scene]:
    async with request.param(tmp_path) as bench:
        yield Scene(bench=bench, utterances=[bench.say(number, audio_folder) for number in range(4)])


def recorded(utterances: Iterable[Utterance], *, start: int = 0, pause: bytes = SECOND) -> AudioFrame:
    """Utterances with a pause in front of each and at the end."""
    return AudioFrame(start, pause.join([b"", *(utterance.pcm for utterance in utterances), b""]))


async def test_every_word_comes_once_and_in_order(scene: Scene) -> None:
    words = await scene.recognizer.transcribe(recorded(scene.utterances), ENGLISH)
    scene.assert_heard(words, scene.utterances)
    assert [word.start for word in words] == sorted(word.start for word in words)


async def test_words_are_on_the_clock_of_the_recording(scene: Scene) -> None:
    start, (first, second, *_) = 5_000_000, scene.utterances
    recording = recorded([first, second], start=start)
    words = await scene.recognizer.transcribe(recording, ENGLISH)
    between = start + SAMPLE_RATE + first.samples + SAMPLE_RATE // 2
    scene.assert_heard([word for word in words if word.end <= between], [first])
    scene.assert_heard([word for word in words if word.start >= between], [second])
    assert all(start <= word.start < word.end <= recording.end for word in words)


async def test_speech_without_a_pause_is_heard_to_its_end(scene: Scene) -> None:
    several = [*scene.utterances, *scene.utterances, *scene.utterances]
    scene.assert_heard(await scene.recognizer.transcribe(recorded(several, pause=b""), ENGLISH), several)


async def test_a_long_silence_changes_nothing(scene: Scene) -> None:
    recording = recorded(scene.utterances[:2], pause=30 * SECOND)
    scene.assert_heard(await scene.recognizer.transcribe(recording, ENGLISH), scene.utterances[:2])


@pytest.mark.parametrize("pcm", [b"", bytes(2), bytes(600), 5 * SECOND], ids=len)
async def test_nothing_is_heard_where_nothing_is_said(scene: Scene, pcm: bytes) -> None:
    assert await scene.recognizer.transcribe(AudioFrame(7, pcm), ENGLISH) == ()


async def test_two_recordings_at_once_do_not_mix(scene: Scene) -> None:
    heard_words: dict[int, tuple[Word, ...]] = {}

    async def run(number: int) -> None:
        recording = recorded(scene.utterances[number : number + 2], start=number * 1_000_000)
        heard_words[number] = await scene.recognizer.transcribe(recording, ENGLISH)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run, 0)
        tasks.start_soon(run, 2)
    scene.assert_heard(heard_words[0], scene.utterances[:2])
    scene.assert_heard(heard_words[2], scene.utterances[2:])


async def test_canceling_waits_for_no_words(scene: Scene) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(scene.recognizer.transcribe, recorded(scene.utterances * 20), ENGLISH)
        await anyio.wait_all_tasks_blocked()
        canceled_at = anyio.current_time()
        tasks.cancel_scope.cancel()
    assert anyio.current_time() - canceled_at < LEAVING_SECONDS
    words = await scene.recognizer.transcribe(recorded(scene.utterances[:1]), ENGLISH)
    scene.assert_heard(words, scene.utterances[:1])


async def test_a_language_that_is_not_supported_is_rejected(scene: Scene) -> None:
    language = next(tag for tag in ("tlh", "") if not scene.recognizer.supports(tag))
    with pytest.raises(Rejected):
        await scene.recognizer.transcribe(recorded([]), TranscriptionRequest(language=language))


async def test_english_is_supported(scene: Scene) -> None:
    assert scene.recognizer.supports("en")


async def test_a_breakdown_is_an_adapter_error(breakable: Scene) -> None:
    assert breakable.bench.break_down is not None
    await breakable.bench.break_down()
    with pytest.raises(TemporarilyUnavailable):
        await breakable.recognizer.transcribe(recorded(breakable.utterances), ENGLISH)
