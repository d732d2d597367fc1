"""Whatever recognizers do: every sample is finalized once or still kept, every word comes once."""

from collections.abc import Sequence

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from msgspec import Struct

from adapters.outbound.speech_to_text.failover.failover import FailoverSpeechToText
from domain import watermark
from domain.audio import SAMPLE_RATE, AudioFrame
from domain.ledger import CaptureLedger
from domain.recognition import FinalWords, RecognitionEvent
from domain.transcript import Word
from ports.batch_speech_to_text import BatchSpeechToText
from ports.errors import Rejected, TemporarilyUnavailable
from ports.speech_to_text import Terms, TranscriptionRequest
from tests.support.faulty_recognizer import HEALTHY, Fault, FaultyBatch, FaultyRecognizer
from tests.support.virtual_time import LoopClock, in_virtual_time

EXAMPLES = 120
pytestmark = pytest.mark.timeout(240)
HOURS = 2 * 3600
"""Of virtual time, in which anything that can be heard is heard."""
EXACT = 320
"""Samples: a word that a connection broke in two may lack a part of 20 ms."""


class Said(Struct, frozen=True):
    """A word and what follows it. In samples."""

    pause: int
    tells_pause: bool
    """The speaker's pause is told to the recognizer."""
    gated: int
    """Silence that is left out."""


class Script(Struct, frozen=True, kw_only=True):
    """Everything that a run consists of."""

    words: list[Said]
    packet: int
    speed: float
    faults: list[list[Fault]]
    """For each recognizer those of its connections; the last one holds for all further ones."""
    replay_speeds: list[float]
    batch: list[list[TemporarilyUnavailable | Rejected | float]] | None
    longest_session: float
    billing_by_connection: bool


def positions() -> some.SearchStrategy[int]:
    return some.integers(0, 200_000)


def failing() -> some.SearchStrategy[Fault]:
    return some.one_of(
        some.sampled_from([TemporarilyUnavailable("no route"), Rejected("wrong key")]).map(lambda e: Fault(refuse=e)),
        some.just(Fault(hangs=True)),
        positions().map(lambda at: Fault(dies_after=at)),
        positions().map(lambda at: Fault(dies_after=at, dying=Rejected)),
        some.floats(0, 30).map(lambda at: Fault(dies_at=at)),
        some.just(Fault(dies_at_finalize=True)),
        some.just(Fault(dies_at_eof=True)),
        positions().map(lambda at: Fault(silent_after=at)),
        positions().map(lambda at: Fault(mute_after=at)),
        some.just(Fault(no_finals=True)),
        positions().map(lambda at: Fault(ends_after=at)),
        positions().map(lambda at: Fault(blocks_after=at)),
        some.just(Fault(blocks_at_finalize=True)),
    )


def quirks() -> some.SearchStrategy[Fault]:
    """What does not keep a recognizer from working."""
    return some.builds(
        Fault,
        opening=some.sampled_from([0.0, 0.0, 0.3, 4.0]),
        delay=some.sampled_from([0.0, 0.0, 0.2, 0.9]),
        endless=some.booleans(),
        closing=some.sampled_from([0.0, 0.0, 1.9, 100.0]),
        doubled=some.booleans(),
        swapped=some.booleans(),
        watermark_ahead=some.sampled_from([0, 0, 50_000]),
        short_way=some.booleans(),
    )


@some.composite
def faults(draw: some.DrawFn) -> Fault:
    """A quirk, a failure, or both."""
    quirk = draw(some.one_of(some.just(HEALTHY), quirks()))
    failure = draw(some.one_of(some.just(HEALTHY), failing()))
    both = {name: getattr(failure, name) for name in Fault.__struct_fields__}
    for name in Fault.__struct_fields__:
        if both[name] == getattr(HEALTHY, name):
            both[name] = getattr(quirk, name)
    return Fault(**both)


def speech() -> some.SearchStrategy[list[Said]]:
    said = some.builds(
        Said,
        pause=some.sampled_from([1_600, 1_600, 3_200, 8_000, 24_000]),
        tells_pause=some.booleans(),
        gated=some.sampled_from([0, 0, 0, 16_000, 16_000 * 60]),
    )
    return some.lists(said, min_size=1, max_size=30)


def scripts() -> some.SearchStrategy[Script]:
    troubles = some.one_of(some.sampled_from([TemporarilyUnavailable("busy"), Rejected("no")]), some.just(1_000.0))
    return some.builds(
        Script,
        words=speech(),
        packet=some.sampled_from([320, 800, 1_111, 3_200]),
        speed=some.sampled_from([0.5, 1.0, 1.0, 4.0, 20.0]),
        faults=some.lists(some.lists(faults(), min_size=1, max_size=5), min_size=1, max_size=4),
        replay_speeds=some.lists(some.sampled_from([1.25, 2.0, float("inf")]), min_size=4, max_size=4),
        batch=some.one_of(some.none(), some.lists(some.lists(troubles, max_size=2), min_size=1, max_size=2)),
        longest_session=some.sampled_from([float("inf"), float("inf"), 5.0, 65.0]),
        billing_by_connection=some.booleans(),
    )


class Run:
    """One script, performed."""

    def __init__(self, script: Script, *, until_heard: bool = True) -> None:
        self._script = script
        self._until_heard = until_heard
        self.ledger = CaptureLedger()
        self.events: list[RecognitionEvent] = []
        self.places: list[int] = []
        """Where each word was said."""
        self.settled = 0
        self.chain = [self._recognizer(number, faults) for number, faults in enumerate(script.faults)]

    def _recognizer(self, number: int, faults: list[Fault]) -> FaultyRecognizer:
        terms = Terms(
            patience=1.0,
            replay_speed=self._script.replay_speeds[number],
            longest_session=self._script.longest_session,
            billing="connection" if self._script.billing_by_connection else "nothing",
        )
        otherwise = HEALTHY if number == len(self._script.faults) - 1 and self._until_heard else faults[-1]
        return FaultyRecognizer(f"recognizer {number}", *faults, otherwise=otherwise, terms=terms)

    async def perform(self) -> None:
        batch: Sequence[BatchSpeechToText] = [FaultyBatch(*failures) for failures in self._script.batch or ()]
        async with (
            FailoverSpeechToText(self.chain, batch=batch, clock=LoopClock()) as recognizer,
            recognizer.open_stream(TranscriptionRequest(interim=True)) as self.stream,
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(self._speak)
            with anyio.move_on_after(HOURS if self._until_heard else 100) as patience:
                async for event in self.stream:
                    self._hear(event)
            assert not (patience.cancelled_caught and self._until_heard), "not everything was heard"
            tasks.cancel_scope.cancel()
        await anyio.wait_all_tasks_blocked()
        assert [recognizer.open for recognizer in self.chain] == [0] * len(self.chain)

    async def _speak(self) -> None:
        position = 0
        for number, said in enumerate(self._script.words):
            self.places.append(position)
            position = await self._say(position, watermark.word(number) + bytes(2 * said.pause))
            if said.tells_pause or said.gated:
                await self.stream.finalize()
            if said.gated:
                await anyio.sleep(said.gated / SAMPLE_RATE / self._script.speed)
                position += said.gated
                self.ledger.skip(position, "silence")
        await self.stream.finalize()
        await self.stream.send_eof()

    async def _say(self, position: int, pcm: bytes) -> int:
        for at in range(0, len(pcm), 2 * self._script.packet):
            frame = AudioFrame(position + at // 2, pcm[at : at + 2 * self._script.packet])
            self.ledger.capture(frame.end)
            self.ledger.send(frame.start, frame.end)
            await self.stream.send(frame)
            await anyio.sleep((frame.end - frame.start) / SAMPLE_RATE / self._script.speed)
        return position + len(pcm) // 2

    def _hear(self, event: RecognitionEvent) -> None:
        self.events.append(event)
        if isinstance(event, FinalWords):
            self.settled += self.ledger.finalize(event.through, recognizer=event.recognizer, since=event.since)

    @property
    def words(self) -> list[Word]:
        found = [word for event in self.events if isinstance(event, FinalWords) for word in event.words]
        return sorted(found, key=lambda word: word.start)

    def assert_words(self, numbers: Sequence[int]) -> None:
        """These, in the order of time, where they were said."""
        assert [word.text for word in self.words] == [watermark.text_of(number) for number in numbers]
        for number, word in zip(numbers, self.words, strict=True):
            start = self.places[number]
            assert abs(word.start - start) <= EXACT, (word, start)
            assert abs(word.end - start - watermark.WORD_SAMPLES) <= EXACT, (word, start)


def performed(script: Script, *, until_heard: bool = True) -> Run:
    async def perform() -> Run:
        run = Run(script, until_heard=until_heard)
        await run.perform()
        return run

    return in_virtual_time(perform)


profile = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@profile
@given(scripts())
def test_every_word_comes_once_while_anybody_works_in_the_end(script: Script) -> None:
    run = performed(script)
    run.assert_words(range(len(script.words)))
    assert not run.ledger.pending()
    assert run.settled == sum(watermark.WORD_SAMPLES + said.pause for said in script.words)


@profile
@given(scripts())
def test_what_nobody_hears_is_left_and_what_was_heard_came_once(script: Script) -> None:
    run = performed(script, until_heard=False)
    texts = [word.text for word in run.words]
    assert len(texts) == len(set(texts))
    ends = [(start, start + watermark.WORD_SAMPLES) for start in run.places]
    for number, (start, end) in enumerate(ends):
        is_final = run.ledger.parts(start, end, "finalized") and not run.ledger.parts(start, end, "sent")
        assert not is_final or watermark.text_of(number) in texts
