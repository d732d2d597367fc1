"""A recognizer that hears a clip of the owner first."""

import math
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import anyio
import anyio.lowlevel
import pytest
from msgspec import structs

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.speech_to_text.failover.failover import FailoverSpeechToText
from adapters.outbound.speech_to_text.fake import FakeSpeechToText
from adapters.outbound.speech_to_text.fake_stream import FakeStream
from adapters.outbound.speech_to_text.metered import MeteredSpeechToText
from adapters.outbound.speech_to_text.owner_clip import OwnerClip
from adapters.outbound.speech_to_text.primed import PrimedSpeechToText, PrimedStream
from adapters.outbound.speech_to_text.priming import SILENCE
from adapters.outbound.usage_ledger.memory import InMemoryUsageLedger
from application.listening.outbox import straight_to
from domain.audio import AudioFrame, samples
from domain.ids import UserId
from domain.recognition import FinalWords
from domain.watermark import word
from ports.errors import TemporarilyUnavailable
from ports.speech_to_text import Terms, TranscriptionRequest, TranscriptionStream
from tests.support.failover_scene import Scene, scene_over
from tests.support.faulty_recognizer import Fault, FaultyRecognizer
from tests.support.owner_clips import FixedOwnerClip, NoOwnerClip, ahead_of_live, owners_clip
from tests.support.virtual_time import LoopClock, in_virtual_time

CLIP = owners_clip()
ANNA = TranscriptionRequest(user=UserId("anna"))


class LateOwnerClip:
    """A clip that has to be waited for, the first time."""

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._loaded = False

    async def clip(self, user: UserId) -> bytes:  # noqa: ARG002 - the same for everybody
        if not self._loaded:
            await anyio.sleep(self._seconds)
        self._loaded = True
        return CLIP


@asynccontextmanager
async def primed(profile: OwnerClip, *, terms: Terms | None = None) -> AsyncIterator[PrimedSpeechToText]:
    async with PrimedSpeechToText(FaultyRecognizer("vendor", terms=terms), profile=profile) as recognizer:
        yield recognizer


def vendor(recognizer: PrimedSpeechToText) -> FaultyRecognizer:
    inner = recognizer._recognizer
    assert isinstance(inner, FaultyRecognizer)
    return inner


def given(recognizer: PrimedSpeechToText) -> int:
    return sum(count for _, count in vendor(recognizer).sent)


async def test_who_has_no_profile_gets_the_recognizers_own_stream() -> None:
    async with primed(FixedOwnerClip(None)) as recognizer, recognizer.open_stream(ANNA) as stream:
        assert not isinstance(stream, PrimedStream)
        assert given(recognizer) == 0


async def test_a_store_that_is_away_costs_the_clip_and_nothing_else() -> None:
    async with primed(NoOwnerClip()) as recognizer, recognizer.open_stream(ANNA) as stream:
        assert not isinstance(stream, PrimedStream)


async def test_nobody_is_asked_for_a_clip_where_voices_are_not_told_apart() -> None:
    profile = FixedOwnerClip(CLIP)
    async with (
        primed(profile) as recognizer,
        recognizer.open_stream(structs.replace(ANNA, diarize=False)) as stream,
    ):
        assert not isinstance(stream, PrimedStream)
    assert profile.asked == []


async def test_the_clip_is_the_users_own() -> None:
    profile = FixedOwnerClip(CLIP)
    async with primed(profile) as recognizer, recognizer.open_stream(ANNA):
        assert profile.asked == ["anna"]


async def test_a_clip_too_short_to_tell_a_voice_by_is_not_played() -> None:
    async with primed(FixedOwnerClip(CLIP[:30_000])) as recognizer, recognizer.open_stream(ANNA):
        assert given(recognizer) == 0


@pytest.mark.parametrize(
    ("speed", "seconds"), [(math.inf, 5.0), (2.0, 5.0), (1.25, 3.75), (1.2, 3.0), (1.05, 0.0), (1.0, 0.0)]
)
async def test_a_vendor_gets_no_longer_a_clip_than_it_can_catch_up_with(speed: float, seconds: float) -> None:
    terms = Terms(replay_speed=speed)
    async with primed(FixedOwnerClip(owners_clip(words=40)), terms=terms) as recognizer, recognizer.open_stream(ANNA):
        assert given(recognizer) == pytest.approx(samples(seconds), abs=1)


async def test_who_watches_the_recognizer_knows_that_the_clip_takes_its_time() -> None:
    terms = Terms(patience=5.0, replay_speed=1.25)
    async with primed(FixedOwnerClip(CLIP), terms=terms) as recognizer:
        assert recognizer.terms == structs.replace(terms, patience=5.0 + 3.75 / 1.25)


def test_a_clip_that_comes_late_is_played_to_the_next_connection() -> None:
    async def twice() -> list[bool]:
        primed_streams = []
        async with primed(LateOwnerClip(seconds=2.0)) as recognizer:
            for _ in range(2):
                opening = anyio.current_time()
                async with recognizer.open_stream(ANNA) as stream:
                    assert anyio.current_time() - opening < 0.3
                    primed_streams.append(isinstance(stream, PrimedStream))
                await anyio.sleep(3.0)
        return primed_streams

    assert in_virtual_time(twice) == [False, True]


async def test_half_a_sample_at_the_end_of_a_clip_is_left_out() -> None:
    async with primed(FixedOwnerClip(CLIP + b"?")) as recognizer, recognizer.open_stream(ANNA):
        assert given(recognizer) == ahead_of_live(CLIP)


async def test_the_clip_is_billed() -> None:
    ledger, clock = InMemoryUsageLedger(), ManualClock()
    metered = MeteredSpeechToText(FakeSpeechToText(), ledger=ledger, clock=clock)
    async with (
        PrimedSpeechToText(metered, profile=FixedOwnerClip(CLIP)) as recognizer,
        recognizer.open_stream(ANNA) as stream,
    ):
        await stream.send(AudioFrame(0, word(0)))
    [row] = await ledger.between(clock.now() - timedelta(days=1), clock.now() + timedelta(days=1))
    assert row.audio_seconds == pytest.approx((ahead_of_live(CLIP) + 3_200) / 16_000)


async def test_behind_the_first_frame_audio_goes_straight_to_the_recognizer() -> None:
    recognizer = FaultyRecognizer("vendor", otherwise=Fault(short_way=True))
    async with (
        PrimedSpeechToText(recognizer, profile=FixedOwnerClip(CLIP)) as outer,
        outer.open_stream(ANNA) as stream,
    ):
        take = straight_to(stream)
        frames = [AudioFrame(at, word(3)[2 * at : 2 * at + 640]) for at in range(0, 3_200, 320)]
        assert not take(frames[0])
        await stream.send(frames[0])
        assert all(take(frame) for frame in frames[1:])
        await stream.send_eof()
        [event] = [event async for event in stream if isinstance(event, FinalWords) and event.words]
    assert [(found.text, found.start, found.end) for found in event.words] == [("word3", 0, 3_200)]


async def test_the_end_of_the_clip_is_a_pause() -> None:
    """The recognizer says its words before there is live audio, so no result has to span both."""
    recognizer = FaultyRecognizer("vendor", otherwise=Fault(by_sentence=True))
    async with (
        PrimedSpeechToText(recognizer, profile=FixedOwnerClip(CLIP)) as outer,
        outer.open_stream(ANNA) as stream,
    ):
        assert isinstance(stream, PrimedStream)
        inner = aiter(stream._stream)
        event = await anext(inner)
        assert isinstance(event, FinalWords)
        assert event.through <= ahead_of_live(CLIP)
        assert event.words


def played(act: Callable[[Scene], Awaitable[None]], *chain: FaultyRecognizer, clip: bytes) -> Scene:
    """A chain whose recognizers are all primed, in virtual time."""

    async def play() -> Scene:
        recognizers = [PrimedSpeechToText(each, profile=FixedOwnerClip(clip)) for each in chain]
        async with (
            FailoverSpeechToText(recognizers, clock=LoopClock()) as recognizer,
            scene_over(recognizer) as scene,
        ):
            await act(scene)
        return scene

    return in_virtual_time(play)


async def talk(scene: Scene) -> None:
    for _ in range(4):
        await scene.say(10)
        await scene.pause(1)
    await scene.finish()


@pytest.mark.parametrize("seed", range(12))
def test_over_failing_recognizers_nothing_is_lost_and_nothing_of_a_clip_is_told(seed: int) -> None:
    chance = random.Random(seed)
    ahead = ahead_of_live(CLIP)
    faults = [
        [
            chance.choice(
                [Fault(dies_after=chance.randrange(2 * ahead)), Fault(mute_after=chance.randrange(2 * ahead))]
            )
            for _ in range(3)
        ]
        for _ in range(2)
    ]
    chain = [FaultyRecognizer(f"recognizer {number}", *each) for number, each in enumerate(faults)]
    scene = played(talk, *chain, FaultyRecognizer("last"), clip=CLIP)
    assert {event.owner for event in scene.events if isinstance(event, FinalWords) and event.words} <= {0, None}


def test_each_connection_is_primed_anew() -> None:
    first = FaultyRecognizer("first", Fault(dies_after=ahead_of_live(CLIP) + 40_000))
    spare = FaultyRecognizer("spare")
    played(talk, first, spare, clip=CLIP)
    clips = sum(recognizer.connections for recognizer in (first, spare)) * ahead_of_live(CLIP)
    sent = sum(count for recognizer in (first, spare) for _, count in recognizer.sent)
    assert first.connections + spare.connections >= 2
    assert sent >= clips + 40 * 4_800 - SILENCE


class GoneVendor(FakeSpeechToText):
    """Opens, and takes no audio."""

    @asynccontextmanager
    async def open_stream(self, request: TranscriptionRequest) -> AsyncIterator[FakeStream]:
        stream = FakeStream(recognizer=self.name, interim=request.interim)
        async with stream:
            pass
        yield stream


async def test_a_vendor_that_is_gone_shows_on_opening() -> None:
    async with PrimedSpeechToText(GoneVendor(), profile=FixedOwnerClip(CLIP)) as recognizer:
        with pytest.raises(TemporarilyUnavailable):
            await recognizer.open_stream(ANNA).__aenter__()


class HearsNoPause(FaultyRecognizer):
    """Says nothing before the end: then one result spans the clip and all that was said."""

    @asynccontextmanager
    async def open_stream(self, request: TranscriptionRequest) -> AsyncIterator[TranscriptionStream]:
        async with super().open_stream(request) as stream:
            vars(stream)["finalize"] = anyio.lowlevel.checkpoint
            yield stream


async def told(recognizer: FaultyRecognizer, *, clip: bytes, first: int) -> list[FinalWords]:
    """What comes of ten words."""
    said = b"".join(word(number) + bytes(2_000) for number in range(10))
    async with (
        PrimedSpeechToText(recognizer, profile=FixedOwnerClip(clip)) as outer,
        outer.open_stream(ANNA) as stream,
    ):
        for at in range(0, len(said), 640):
            await stream.send(AudioFrame(first + at // 2, said[at : at + 640]))
        await stream.send_eof()
        return [event async for event in stream if isinstance(event, FinalWords)]


@pytest.mark.parametrize("first", [0, 7, 900_000])
@pytest.mark.parametrize(
    ("recognizer", "exact"),
    [
        (FaultyRecognizer("as it should be"), 0),
        (FaultyRecognizer("late", otherwise=Fault(delay=0.05)), 0),
        (FaultyRecognizer("by sentence", otherwise=Fault(by_sentence=True)), 0),
        (HearsNoPause("in one result", otherwise=Fault(by_sentence=True)), 0),
        (FaultyRecognizer("misjudging by 0.2 s", otherwise=Fault(jitter=3_200)), 2 * 3_200),
        (HearsNoPause("misjudging in one result", otherwise=Fault(jitter=3_200, by_sentence=True)), 2 * 3_200),
    ],
    ids=lambda value: getattr(value, "name", None),
)
async def test_live_words_are_told_whole_and_where_they_were_said(
    recognizer: FaultyRecognizer, exact: int, first: int
) -> None:
    events = await told(recognizer, clip=CLIP, first=first)
    words = [found for event in events for found in event.words]
    assert [found.text for found in words] == [f"word{number}" for number in range(10)]
    for number, found in enumerate(words):
        place = first + number * 4_200
        assert abs(found.start - place) <= exact
        assert abs(found.end - place - 3_200) <= exact
        assert found.start >= first
    assert [event.through for event in events] == sorted(event.through for event in events)
    assert events[0].through >= first
    assert events[-1].through == first + 42_000
