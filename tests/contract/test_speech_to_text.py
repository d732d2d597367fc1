"""What every recognizer of live speech does, and every composition of several."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from msgspec import Struct

from adapters.outbound.clock.system import SystemClock
from adapters.outbound.speech_to_text import moonshine as moonshine_module
from adapters.outbound.speech_to_text.failover.failover import FailoverSpeechToText
from adapters.outbound.speech_to_text.fake import FakeSpeechToText
from adapters.outbound.speech_to_text.moonshine import MoonshineSpeechToText, MoonshineSpeechToTextSettings
from benchmarks.word_error_rate import distance
from domain.audio import AudioFrame
from domain.ledger import CaptureLedger
from domain.recognition import FinalWords, InterimWords, RecognitionEvent
from domain.transcript import Word
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable
from ports.speech_to_text import SpeechToText, TranscriptionRequest, TranscriptionStream
from tests.contract.deepgram_harness import deepgram
from tests.contract.harness import Harness, over
from tests.contract.primed_harness import primed
from tests.contract.soniox_harness import soniox
from tests.contract.speech_to_text_bench import Bench
from tests.contract.speechmatics_harness import speechmatics
from tests.support.faulty_recognizer import Fault, FaultyRecognizer
from tests.support.moonshine_models import ChokingModel, shared_model
from tests.support.utterances import Utterance, heard, real_speech, watermarked_speech

LEAVING_SECONDS = 2.0
"""How long leaving may take."""
PATIENCE = 20.0
"""Seconds for anything else; a deadline, never waited for."""


class Scene(Struct, frozen=True, kw_only=True):
    """A recognizer, and utterances it is spoken to with."""

    bench: Bench
    utterances: list[Utterance]

    @property
    def recognizer(self) -> SpeechToText:
        return self.bench.recognizer

    def assert_heard(self, words: Iterable[Word], utterances: Iterable[Utterance]) -> None:
        """All words of the utterances, in order, each once."""
        said, got = [word for utterance in utterances for word in utterance.words], heard(words)
        assert distance(said, got) <= self.bench.tolerance * len(said), (said, got)


@asynccontextmanager
async def moonshine(_: Path) -> AsyncIterator[Bench]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moonshine_module, "MoonshineModel", shared_model)
        async with MoonshineSpeechToText(MoonshineSpeechToTextSettings(partial_seconds=1.0)) as recognizer:

            async def break_off() -> None:
                patch.setattr(recognizer, "_model", ChokingModel())

            yield Bench(recognizer=recognizer, say=real_speech, tolerance=0.1, break_off=break_off)


@asynccontextmanager
async def fake(_: Path) -> AsyncIterator[Bench]:
    yield Bench(recognizer=FakeSpeechToText(), say=watermarked_speech)


@asynccontextmanager
async def failover(folder: Path) -> AsyncIterator[Bench]:
    chain = [FakeSpeechToText(), FaultyRecognizer("spare")]
    async with FailoverSpeechToText(chain, clock=SystemClock(), folder=folder) as recognizer:
        yield Bench(recognizer=recognizer, say=watermarked_speech, heard_by=frozenset({"fake"}))


@asynccontextmanager
async def failing_over(folder: Path) -> AsyncIterator[Bench]:
    """A chain whose first recognizers break off, one after the other, in whatever the suite does."""
    faults = [Fault(dies_after=samples) for samples in (4_000, 9_000, 0, 30_000)]
    chain = [FaultyRecognizer(f"recognizer {number}", fault) for number, fault in enumerate(faults)]
    names = frozenset({*(recognizer.name for recognizer in chain), "fake"})
    async with FailoverSpeechToText([*chain, FakeSpeechToText()], clock=SystemClock(), folder=folder) as recognizer:
        yield Bench(recognizer=recognizer, say=watermarked_speech, heard_by=names)


HARNESSES: dict[str, Harness[Bench]] = {
    "moonshine": moonshine,
    "fake": fake,
    "deepgram": deepgram,
    "soniox": soniox,
    "speechmatics": speechmatics,
    "failover": failover,
    "failing over": failing_over,
    **{f"primed {each.__name__}": primed(each) for each in (fake, deepgram, soniox, speechmatics)},
}
BREAKABLE: dict[str, Harness[Bench]] = {
    "moonshine": moonshine,
    "deepgram": deepgram,
    "soniox": soniox,
    "speechmatics": speechmatics,
}


@pytest.fixture(params=over("speech_to_text", HARNESSES))
async def scene(request: pytest.FixtureRequest, tmp_path: Path, audio_folder: Path) -> AsyncIterator[Scene]:
    async with request.param(tmp_path) as bench:
        yield Scene(bench=bench, utterances=[bench.say(number, audio_folder) for number in range(4)])


@pytest.fixture(params=[pytest.param(harness, id=name) for name, harness in BREAKABLE.items()])
async def breakable(request: pytest.FixtureRequest, tmp_path: Path, audio_folder: Path) -> AsyncIterator[Scene]:
    async with request.param(tmp_path) as bench:
        yield Scene(bench=bench, utterances=[bench.say(number, audio_folder) for number in range(4)])


def request(*, interim: bool = False) -> TranscriptionRequest:
    return TranscriptionRequest(language="en", interim=interim)


def placed(utterances: Iterable[Utterance], *, start: int = 0, gap: int = 0) -> list[list[AudioFrame]]:
    """Frames of utterances that follow each other, with audio left out between them."""
    frames: list[list[AudioFrame]] = []
    for utterance in utterances:
        frames.append(utterance.frames(start=start))
        start = frames[-1][-1].end + gap
    return frames


async def speak(stream: TranscriptionStream, spoken: Iterable[Sequence[AudioFrame]]) -> None:
    """Sends utterances with a pause behind each, and the end."""
    for frames in spoken:
        for frame in frames:
            await stream.send(frame)
        await stream.finalize()
    await stream.send_eof()


async def collected(stream: TranscriptionStream) -> list[RecognitionEvent]:
    return [event async for event in stream]


async def transcribed(
    recognizer: SpeechToText, spoken: Sequence[Sequence[AudioFrame]], *, interim: bool = False
) -> list[RecognitionEvent]:
    """All events of a capture, spoken and listened to at once."""
    with anyio.fail_after(PATIENCE):
        async with recognizer.open_stream(request(interim=interim)) as stream, anyio.create_task_group() as tasks:
            tasks.start_soon(speak, stream, spoken)
            return await collected(stream)


def finals(events: Iterable[RecognitionEvent]) -> list[FinalWords]:
    return [event for event in events if isinstance(event, FinalWords)]


def words_of(events: Iterable[RecognitionEvent]) -> list[Word]:
    return [word for event in finals(events) for word in event.words]


async def test_every_word_of_every_utterance_comes_once_and_in_order(scene: Scene) -> None:
    words = words_of(await transcribed(scene.recognizer, placed(scene.utterances)))
    scene.assert_heard(words, scene.utterances)
    assert [word.start for word in words] == sorted(word.start for word in words)


async def test_the_end_is_enough_to_make_words_final(scene: Scene) -> None:
    spoken = placed(scene.utterances[:2])
    joined = [frame for frames in spoken for frame in frames]
    scene.assert_heard(words_of(await transcribed(scene.recognizer, [joined])), scene.utterances[:2])


@pytest.mark.parametrize("size", [320, 777, 40_000])
async def test_the_size_of_frames_does_not_matter(scene: Scene, size: int) -> None:
    utterance = scene.utterances[0]
    events = await transcribed(scene.recognizer, [utterance.frames(size=size)])
    scene.assert_heard(words_of(events), [utterance])


async def test_a_pause_makes_words_final_without_an_end(scene: Scene) -> None:
    utterance = scene.utterances[0]
    words: list[Word] = []
    ledger = CaptureLedger()
    ledger.capture(utterance.samples)
    ledger.send(0, utterance.samples)
    with anyio.fail_after(PATIENCE):
        async with scene.recognizer.open_stream(request()) as stream:
            for frame in utterance.frames():
                await stream.send(frame)
            await stream.finalize()
            async for event in stream:
                words += words_of([event])
                if isinstance(event, FinalWords):
                    ledger.finalize(event.through, recognizer=event.recognizer, since=event.since)
                if not ledger.pending():
                    break
    scene.assert_heard(sorted(words, key=lambda word: word.start), [utterance])


async def test_the_watermark_never_goes_back_and_ends_with_the_audio(scene: Scene) -> None:
    spoken = placed(scene.utterances, start=50_000, gap=20_000)
    watermarks = [event.through for event in finals(await transcribed(scene.recognizer, spoken))]
    assert watermarks == sorted(watermarks)
    assert watermarks[-1] == spoken[-1][-1].end


async def test_words_lie_where_they_were_said_also_behind_cuts(scene: Scene) -> None:
    spoken = placed(scene.utterances, start=100_000, gap=160_000)
    spans = [(frames[0].start, frames[-1].end) for frames in spoken]
    words = words_of(await transcribed(scene.recognizer, spoken))
    assert all(word.start < word.end for word in words)
    assert all(any(start <= word.start and word.end <= end for start, end in spans) for word in words)
    for utterance, (start, end) in zip(scene.utterances, spans, strict=True):
        scene.assert_heard([word for word in words if start <= word.start < end], [utterance])


async def test_events_name_the_recognizer(scene: Scene) -> None:
    events = finals(await transcribed(scene.recognizer, placed(scene.utterances[:1])))
    assert {event.recognizer for event in events} <= (scene.bench.heard_by or {scene.recognizer.name})


async def test_nothing_is_said_of_no_audio(scene: Scene) -> None:
    assert words_of(await transcribed(scene.recognizer, [])) == []


async def test_frames_without_samples_change_nothing(scene: Scene) -> None:
    (frames,) = placed(scene.utterances[:1])
    spoken = [AudioFrame(0, b""), *frames, AudioFrame(frames[-1].end, b"")]
    events = await transcribed(scene.recognizer, [spoken])
    scene.assert_heard(words_of(events), scene.utterances[:1])
    assert finals(events)[-1].through == frames[-1].end


async def test_silence_is_dealt_with_and_holds_no_words(scene: Scene) -> None:
    silence = Utterance(bytes(64_000), [])
    events = await transcribed(scene.recognizer, [silence.frames()])
    assert words_of(events) == []
    assert finals(events)[-1].through == silence.samples


async def test_pauses_and_ends_may_be_told_more_than_once(scene: Scene) -> None:
    (frames,) = placed(scene.utterances[:1])
    with anyio.fail_after(PATIENCE):
        async with scene.recognizer.open_stream(request()) as stream:
            await stream.finalize()
            for frame in frames:
                await stream.send(frame)
            await stream.finalize()
            await stream.finalize()
            await stream.send_eof()
            await stream.send_eof()
            scene.assert_heard(words_of(await collected(stream)), scene.utterances[:1])


async def test_guesses_come_only_when_asked_for(scene: Scene) -> None:
    spoken = placed(scene.utterances[:2])
    assert not any(isinstance(event, InterimWords) for event in await transcribed(scene.recognizer, spoken))


async def test_guesses_change_no_final_words(scene: Scene) -> None:
    spoken = placed(scene.utterances[:2])
    events = await transcribed(scene.recognizer, spoken, interim=True)
    scene.assert_heard(words_of(events), scene.utterances[:2])


async def test_a_guess_comes_while_somebody_speaks(scene: Scene) -> None:
    (frames,) = placed(scene.utterances[:1])
    with anyio.fail_after(PATIENCE):
        async with scene.recognizer.open_stream(request(interim=True)) as stream:
            for frame in frames:
                await stream.send(frame)
            event = await anext(aiter(stream))
            while not isinstance(event, InterimWords):
                event = await anext(aiter(stream))
    assert event.words
    assert all(0 <= word.start < word.end <= frames[-1].end for word in event.words)


async def test_a_caller_that_listens_late_misses_nothing(scene: Scene) -> None:
    with anyio.fail_after(PATIENCE):
        async with scene.recognizer.open_stream(request()) as stream, anyio.create_task_group() as tasks:
            tasks.start_soon(speak, stream, placed(scene.utterances))
            await anyio.wait_all_tasks_blocked()
            scene.assert_heard(words_of(await collected(stream)), scene.utterances)


async def test_two_streams_do_not_mix(scene: Scene) -> None:
    forth, back = scene.utterances, scene.utterances[::-1]
    results: dict[str, list[RecognitionEvent]] = {}

    async def run(name: str, utterances: list[Utterance], start: int) -> None:
        results[name] = await transcribed(scene.recognizer, placed(utterances, start=start))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run, "forth", forth, 0)
        tasks.start_soon(run, "back", back, 1_000_000)
    scene.assert_heard(words_of(results["forth"]), forth)
    scene.assert_heard(words_of(results["back"]), back)
    assert all(word.start >= 1_000_000 for word in words_of(results["back"]))


async def test_leaving_early_waits_for_no_words(scene: Scene) -> None:
    async with scene.recognizer.open_stream(request(interim=True)) as stream:
        for frames in placed(scene.utterances):
            for frame in frames:
                await stream.send(frame)
        await stream.finalize()
        left_at = anyio.current_time()
    assert anyio.current_time() - left_at < LEAVING_SECONDS
    events = await transcribed(scene.recognizer, placed(scene.utterances[:1]))
    scene.assert_heard(words_of(events), scene.utterances[:1])


async def test_leaving_wakes_who_still_listens(scene: Scene) -> None:
    outcome: list[str] = []

    async def listen(stream: TranscriptionStream) -> None:
        try:
            await collected(stream)
        except AdapterError:
            outcome.append("failed")
        else:
            outcome.append("ended")

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks, scene.recognizer.open_stream(request()) as stream:
            tasks.start_soon(listen, stream)
            await anyio.wait_all_tasks_blocked()
    assert len(outcome) == 1


async def test_a_canceled_opening_leaves_nothing_behind(scene: Scene) -> None:
    with anyio.CancelScope() as scope:
        scope.cancel()
        async with scene.recognizer.open_stream(request()):
            await anyio.lowlevel.checkpoint()
    events = await transcribed(scene.recognizer, placed(scene.utterances[:1]))
    scene.assert_heard(words_of(events), scene.utterances[:1])


async def test_a_canceled_listener_leaves_at_once(scene: Scene) -> None:
    async def listen() -> None:
        async with scene.recognizer.open_stream(request()) as stream:
            for frame in scene.utterances[0].frames():
                await stream.send(frame)
            await stream.finalize()
            await stream.send_eof()
            await collected(stream)
            await anyio.sleep_forever()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        await anyio.lowlevel.checkpoint()
        canceled_at = anyio.current_time()
        tasks.cancel_scope.cancel()
    assert anyio.current_time() - canceled_at < LEAVING_SECONDS


async def test_a_canceled_closing_still_closes(scene: Scene) -> None:
    with anyio.move_on_after(LEAVING_SECONDS) as scope:
        async with scene.recognizer.open_stream(request()) as stream:
            for frame in scene.utterances[0].frames():
                await stream.send(frame)
            await stream.finalize()
            scope.cancel()
    events = await transcribed(scene.recognizer, placed(scene.utterances[:1]))
    scene.assert_heard(words_of(events), scene.utterances[:1])


async def test_no_task_outlives_a_stream(scene: Scene) -> None:
    before = set(anyio.get_running_tasks())
    async with scene.recognizer.open_stream(request()) as stream:
        await stream.send(scene.utterances[0].frames()[0])
    await anyio.wait_all_tasks_blocked()
    assert set(anyio.get_running_tasks()) == before


async def test_an_error_of_the_caller_passes_through_unchanged(scene: Scene) -> None:
    mistake = LookupError("of the caller")

    async def use() -> None:
        async with scene.recognizer.open_stream(request()) as stream:
            await stream.send(scene.utterances[0].frames()[0])
            raise mistake

    with pytest.raises(LookupError) as caught:
        await use()
    assert caught.value is mistake


async def test_a_language_that_is_not_supported_is_rejected_on_entering(scene: Scene) -> None:
    language = next(tag for tag in ("tlh", "") if not scene.recognizer.supports(tag))
    opening = scene.recognizer.open_stream(TranscriptionRequest(language=language))
    with pytest.raises(Rejected):
        async with opening:
            pass


async def test_english_is_supported(scene: Scene) -> None:
    assert scene.recognizer.supports("en")
    assert scene.recognizer.supports("en-US")


async def use_until_broken(stream: TranscriptionStream, bench: Bench, spoken: Sequence[Sequence[AudioFrame]]) -> None:
    """Speaks, breaks the recognizer, speaks on and listens."""
    assert bench.break_off is not None
    await stream.send(spoken[0][0])
    await bench.break_off()
    await speak(stream, [spoken[0][1:], *spoken[1:]])
    await collected(stream)


async def send_paced(stream: TranscriptionStream, frames: Iterable[AudioFrame]) -> None:
    for frame in frames:
        await stream.send(frame)
        await anyio.sleep(0.01)


async def test_a_stream_that_breaks_off_raises_one_adapter_error(breakable: Scene) -> None:
    with anyio.fail_after(PATIENCE):
        async with breakable.recognizer.open_stream(request()) as stream:
            with pytest.raises(TemporarilyUnavailable):
                await use_until_broken(stream, breakable.bench, placed(breakable.utterances))


async def test_an_adapter_error_leaves_the_stream_as_it_is(breakable: Scene) -> None:
    async def use() -> None:
        async with breakable.recognizer.open_stream(request()) as stream:
            await use_until_broken(stream, breakable.bench, placed(breakable.utterances))

    with anyio.fail_after(PATIENCE), pytest.raises(TemporarilyUnavailable):
        await use()


async def test_a_broken_stream_takes_no_more_audio(breakable: Scene) -> None:
    first, second, *_ = placed(breakable.utterances)
    with anyio.fail_after(PATIENCE):
        async with breakable.recognizer.open_stream(request()) as stream:
            with pytest.raises(TemporarilyUnavailable):
                await use_until_broken(stream, breakable.bench, [first])
            with pytest.raises(TemporarilyUnavailable):
                await send_paced(stream, second)
