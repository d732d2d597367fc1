"""Speechmatics is told of the owner's voice by identifiers that it made itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import msgspec
import pytest

from adapters.inbound.simulators.speechmatics import SimulatedSpeechmatics, serve_speechmatics
from adapters.outbound.object_store.memory import InMemoryObjectStore
from adapters.outbound.speech_to_text.owner_clip import OwnerClip
from adapters.outbound.speech_to_text.speechmatics import SpeechmaticsSpeechToText, SpeechmaticsSpeechToTextSettings
from adapters.outbound.speech_to_text.speechmatics_messages import OWNER_LABEL, OWNER_NUMBER, speaker_number
from adapters.outbound.speech_to_text.speechmatics_owners import KEY, SpeechmaticsOwners
from domain.ids import UserId
from domain.recognition import FinalWords
from domain.watermark import speech
from ports.errors import NotFound, Rejected, TemporarilyUnavailable
from ports.speech_to_text import TranscriptionRequest
from tests.support.owner_clips import FIRST_WORD, FixedOwnerClip, NoOwnerClip, owners_clip
from tests.support.speaking import frames, send
from tests.unit.adapters.outbound.speech_to_text.speechmatics_bench import impatience

KEY_OF_VENDOR = "a-key-for-tests"
ANNA = UserId("anna")
CLIP = owners_clip()
REQUEST = TranscriptionRequest(user=ANNA)


class Enrolling:
    """A vendor that enrolls by script: identifiers, or what goes wrong, one after the other."""

    def __init__(self, *outcomes: tuple[str, ...] | Exception) -> None:
        self._outcomes = list(outcomes)
        self.asked = 0

    async def __call__(self, pcm: bytes) -> tuple[str, ...]:
        self.asked += 1
        outcome = self._outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        assert pcm
        return outcome


async def asked_twice(
    objects: InMemoryObjectStore, profile: OwnerClip, enroll: Enrolling, *, later: OwnerClip | None = None
) -> list[tuple[str, ...]]:
    found = []
    async with SpeechmaticsOwners(enroll, profile=profile, objects=objects) as owners:
        found.append(await owners.identifiers(ANNA))
        await anyio.wait_all_tasks_blocked()
        if later is not None:
            owners._profile = later
        found.append(await owners.identifiers(ANNA))
        await anyio.wait_all_tasks_blocked()
    return found


@asynccontextmanager
async def vendor(
    objects: InMemoryObjectStore, profile: OwnerClip
) -> AsyncIterator[tuple[SpeechmaticsSpeechToText, SimulatedSpeechmatics]]:
    async with serve_speechmatics(key=KEY_OF_VENDOR) as simulation:
        settings = SpeechmaticsSpeechToTextSettings(api_key=KEY_OF_VENDOR, url=simulation.url, enroll_owner=True)
        with impatience():
            async with SpeechmaticsSpeechToText(settings, profile=profile, objects=objects) as recognizer:
                yield recognizer, simulation


async def said(recognizer: SpeechmaticsSpeechToText, pcm: bytes) -> list[FinalWords]:
    with anyio.fail_after(10):
        async with recognizer.open_stream(REQUEST) as stream, anyio.create_task_group() as tasks:
            tasks.start_soon(send, stream, frames(pcm))
            return [event async for event in stream if isinstance(event, FinalWords) and event.words]


async def kept(objects: InMemoryObjectStore) -> None:
    """Waits until the enrollment is over."""
    with anyio.fail_after(10):
        while KEY not in await objects.list(ANNA):
            await anyio.sleep(0.01)


def named(simulation: SimulatedSpeechmatics) -> list[str]:
    """Labels that the last session was given."""
    config = simulation.legs[-1].config
    return [] if config is None else [speaker.label for speaker in config.speaker_diarization_config.speakers]


async def test_the_second_session_is_told_of_the_owner_and_hears_who_it_is() -> None:
    objects = InMemoryObjectStore()
    talk = speech(0, 3, pause=1_600) + speech(FIRST_WORD + 50, 3, pause=1_600)
    async with vendor(objects, FixedOwnerClip(CLIP)) as (recognizer, simulation):
        before = await said(recognizer, talk)
        await kept(objects)
        assert {event.owner for event in before} == {None}
        after = await said(recognizer, talk)
        assert named(simulation) == [OWNER_LABEL]
    assert {event.owner for event in after} == {OWNER_NUMBER}
    numbers = {word.text.rstrip("."): word.speaker for event in after for word in event.words}
    assert {numbers["word0"], numbers["word2"]} == {0}
    assert {numbers["word150"], numbers["word152"]} == {OWNER_NUMBER}


async def test_identifiers_that_are_not_taken_any_more_are_dropped_and_the_session_opens() -> None:
    objects = InMemoryObjectStore()
    async with vendor(objects, FixedOwnerClip(CLIP)) as (recognizer, simulation):
        await said(recognizer, speech(0, 2, pause=800))
        await kept(objects)
        known = msgspec.json.decode(await objects.get(ANNA, KEY))
        refused = {**known, "identifiers": [f"made by an engine of old: {number}" for number in range(51)]}
        await objects.put(ANNA, KEY, msgspec.json.encode(refused))
        heard = await said(recognizer, speech(0, 2, pause=800))
        assert len([word for event in heard for word in event.words]) == 2
        assert named(simulation) == []
    assert msgspec.json.decode(await objects.get(ANNA, KEY))["identifiers"] == []


async def test_nobody_is_enrolled_unless_it_is_asked_for() -> None:
    profile = FixedOwnerClip(CLIP)
    async with serve_speechmatics(key=KEY_OF_VENDOR) as simulation:
        settings = SpeechmaticsSpeechToTextSettings(api_key=KEY_OF_VENDOR, url=simulation.url)
        async with SpeechmaticsSpeechToText(settings, profile=profile, objects=InMemoryObjectStore()) as recognizer:
            await said(recognizer, speech(0, 2, pause=800))
    assert profile.asked == []
    assert len(simulation.legs) == 1


async def test_a_voice_is_enrolled_once() -> None:
    objects, enroll = InMemoryObjectStore(), Enrolling(("id",))
    assert await asked_twice(objects, FixedOwnerClip(CLIP), enroll) == [(), ("id",)]
    assert await asked_twice(objects, FixedOwnerClip(CLIP), enroll) == [("id",), ("id",)]
    assert enroll.asked == 1


async def test_a_new_profile_is_enrolled_anew() -> None:
    objects, enroll = InMemoryObjectStore(), Enrolling(("old",), ("new",))
    other = FixedOwnerClip(owners_clip(words=10))
    assert await asked_twice(objects, FixedOwnerClip(CLIP), enroll, later=other) == [(), ()]
    assert await asked_twice(objects, other, enroll) == [("new",), ("new",)]


async def test_what_was_made_of_a_forgotten_profile_is_forgotten() -> None:
    objects = InMemoryObjectStore()
    enroll = Enrolling(("id",))
    assert await asked_twice(objects, FixedOwnerClip(CLIP), enroll, later=FixedOwnerClip(None)) == [(), ()]
    with pytest.raises(NotFound):
        await objects.get(ANNA, KEY)


async def test_an_enrollment_that_broke_off_is_tried_again() -> None:
    enroll = Enrolling(TemporarilyUnavailable("busy"), ("id",))
    assert await asked_twice(InMemoryObjectStore(), FixedOwnerClip(CLIP), enroll) == [(), ()]
    assert enroll.asked == 2


async def test_an_enrollment_that_was_refused_is_not_paid_for_again_and_again() -> None:
    enroll = Enrolling(Rejected("not in your plan"))
    assert await asked_twice(InMemoryObjectStore(), FixedOwnerClip(CLIP), enroll) == [(), ()]
    assert enroll.asked == 1


async def test_a_store_that_is_away_holds_nobody_up() -> None:
    assert await asked_twice(InMemoryObjectStore(), NoOwnerClip(), Enrolling()) == [(), ()]


async def test_a_damaged_document_is_written_anew() -> None:
    objects = InMemoryObjectStore()
    await objects.put(ANNA, KEY, b"{")
    assert await asked_twice(objects, FixedOwnerClip(CLIP), Enrolling(("id",))) == [(), ("id",)]


@pytest.mark.parametrize(("label", "number"), [("owner", 99), ("S1", 0), ("S7", 6), ("UU", 0), (None, 0)])
def test_the_owner_has_a_number_that_no_other_voice_has(label: str | None, number: int) -> None:
    assert speaker_number(label) == number
