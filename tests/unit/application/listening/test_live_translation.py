"""Translations beside the live text: never in its way, never made up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from adapters.outbound.translator.fake import UNKNOWN, FakeTranslator
from adapters.outbound.translator.none import NoTranslator
from application.listening import live_translation
from application.listening.live_translation import MOST_WAITING, UNAVAILABLE, LiveTranslation
from domain.ids import ConversationId, SegmentId
from domain.session import SegmentsRemoved, SegmentsTranslated, SessionEvent, StatusChanged, TranscriptGrew
from domain.transcript import TranscriptChange, TranscriptSegment
from ports.errors import Rejected, TemporarilyUnavailable
from ports.translator import Translator

HERE = ConversationId("c1")


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GATHER_SECONDS", "RETRY_SECONDS"):
        monkeypatch.setattr(live_translation, name, 0.01)


def said(text: str, *, name: str = "s1") -> TranscriptGrew:
    segment = TranscriptSegment(id=SegmentId(name), text=text, start=0, end=16_000)
    return TranscriptGrew(HERE, 0, TranscriptChange(added=(segment,), changed=(segment,)))


class Session:
    def __init__(self, translator: Translator, language: str) -> None:
        self.told: list[SessionEvent] = []
        self.translation = LiveTranslation(translator, language=language, tell=self.told.append)

    @property
    def texts(self) -> list[tuple[str, str]]:
        events = [event for event in self.told if isinstance(event, SegmentsTranslated)]
        return [(one.id, one.translations[0].text) for event in events for one in event.segments]

    async def until(self, count: int) -> None:
        with anyio.fail_after(5):
            while len(self.told) < count:
                await anyio.sleep(0.005)


@asynccontextmanager
async def session(translator: Translator, language: str = "de") -> AsyncIterator[Session]:
    opened = Session(translator, language)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(opened.translation.run)
        yield opened
        tasks.cancel_scope.cancel()


async def test_what_is_said_is_told_in_the_other_language() -> None:
    async with session(FakeTranslator()) as here:
        here.translation.offer(said("Hello."))
        await here.until(1)
    (event,) = here.told
    assert isinstance(event, SegmentsTranslated)
    assert (event.conversation, event.language) == (HERE, "de")
    assert here.texts == [("s1", "[de] Hello.")]


async def test_a_segment_that_grows_is_translated_as_it_stands() -> None:
    translator = FakeTranslator()
    async with session(translator) as here:
        for text in ("Hello", "Hello there", "Hello there."):
            here.translation.offer(said(text))
        await here.until(1)
        here.translation.offer(said("Hello there."))
        here.translation.offer(said("More.", name="s2"))
        await here.until(2)
    assert translator.asked == [("Hello there.",), ("More.",)]


async def test_what_is_in_the_language_already_is_not_told() -> None:
    async with session(FakeTranslator()) as here:
        here.translation.offer(said("[de] Hallo."))
        here.translation.offer(said("Hello.", name="s2"))
        await here.until(1)
    assert here.texts == [("s2", "[de] Hello.")]


async def test_what_a_failure_kept_back_comes_later() -> None:
    translator = FakeTranslator()
    translator.failures = [TemporarilyUnavailable("away"), TemporarilyUnavailable("away")]
    async with session(translator) as here:
        here.translation.offer(said("Hello."))
        await here.until(1)
    assert here.texts == [("s1", "[de] Hello.")]


@pytest.mark.parametrize("translator", [NoTranslator(), FakeTranslator()])
async def test_that_nobody_translates_is_told_once(translator: Translator) -> None:
    async with session(translator, UNKNOWN) as here:
        await here.until(1)
        here.translation.offer(said("Hello."))
        await anyio.sleep(0.05)
    (event,) = here.told
    assert isinstance(event, StatusChanged)
    assert event.status == UNAVAILABLE


async def test_a_translator_that_refuses_is_not_asked_again() -> None:
    translator = FakeTranslator()
    translator.failures = [Rejected("no credit")]
    async with session(translator) as here:
        here.translation.offer(said("Hello."))
        await here.until(1)
        here.translation.offer(said("More.", name="s2"))
        await anyio.sleep(0.05)
    assert [type(event) for event in here.told] == [StatusChanged]
    assert len(translator.asked) == 1


async def test_what_became_part_of_another_segment_is_not_translated() -> None:
    async with session(FakeTranslator()) as here:
        here.translation.offer(said("Gone."))
        here.translation.offer(SegmentsRemoved(HERE, (SegmentId("s1"),)))
        here.translation.offer(said("Here.", name="s2"))
        await here.until(1)
    assert here.texts == [("s2", "[de] Here.")]


def test_a_translator_that_is_away_for_long_costs_bounded_memory() -> None:
    here = Session(FakeTranslator(), "de")
    for number in range(3 * MOST_WAITING):
        here.translation.offer(said("x", name=f"s{number}"))
    assert len(here.translation._waiting) == MOST_WAITING
