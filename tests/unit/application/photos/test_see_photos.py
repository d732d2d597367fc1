"""Photos, from the bytes to what can be found."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.image_reader.fake import FakeImageReader
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.language_model.fake import FakeLanguageModel
from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from adapters.outbound.object_store.memory import InMemoryObjectStore
from application.memories.deleted_memories import DeletedMemories
from application.photos.keep_photos import KeepPhotos
from application.photos.remember_photos import RememberPhotos
from application.photos.see_photos import SeePhotos, Shot
from application.tasks.describe_photos import PhotoDescription
from application.users.accounts import Accounts
from domain.ids import MemoryId, UserId
from domain.material import Pictures
from domain.memory import Photo, Source
from domain.photo import Look
from ports.errors import TemporarilyUnavailable
from tests.support.chat_world import ChatWorld
from tests.support.http_app import PlainMaker

ANNA, TRIP = UserId("anna"), MemoryId("trip")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Scene:
    def __init__(self) -> None:
        self.model, self.objects = FakeLanguageModel(), InMemoryObjectStore()
        self.accounts = Accounts(store=InMemoryKeyValueStore(clock=ManualClock()))
        self.keep = KeepPhotos(objects=self.objects)
        self.see = SeePhotos(reader=FakeImageReader(), model=self.model, keep=self.keep, accounts=self.accounts)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def jpeg(content: str) -> bytes:
    return b"\xff\xd8\xff" + content.encode()


def shots(*contents: str) -> list[Shot]:
    return [
        Shot(content=jpeg(content), number=number, taken_at=NOON + timedelta(minutes=number))
        for number, content in enumerate(contents)
    ]


def descriptions(*texts: str) -> tuple[PhotoDescription, ...]:
    return tuple(PhotoDescription(description=text) for text in texts)


async def test_a_photo_is_described_and_kept(scene: Scene) -> None:
    scene.model.answers.append((PhotoDescription(description="A door.", text="EXIT"),))
    (photo,) = (await scene.see.see(ANNA, TRIP, shots("door"))).kept
    assert photo.description == "A door.\nText in the picture: EXIT"
    assert (photo.key, photo.base64, photo.taken_at) == ("photos/trip/0.jpg", "", NOON)
    assert await scene.objects.get(ANNA, "photos/trip/0.jpg") == jpeg("door")


async def test_the_same_scene_is_looked_at_once(scene: Scene) -> None:
    scene.model.answers.append(descriptions("A desk.", "A window."))
    seen = await scene.see.see(ANNA, TRIP, shots("desk", "desk", "window", "desk"))
    assert [photo and photo.description for photo in seen.photos] == ["A desk.", None, "A window.", None]
    assert await scene.objects.list(ANNA) == ("photos/trip/0.jpg", "photos/trip/2.jpg")


async def test_a_model_is_shown_eight_at_a_time(scene: Scene) -> None:
    await scene.see.see(ANNA, TRIP, shots(*map(str, range(19))))
    shown = [len(part.images) for task in scene.model.tasks for part in task.materials if isinstance(part, Pictures)]
    assert shown == [8, 8, 3]


async def test_what_the_app_described_is_kept_and_not_looked_at(scene: Scene) -> None:
    described = [structs.replace(shot, description="Lunch") for shot in shots("soup", "soup")]
    seen = await scene.see.see(ANNA, TRIP, described)
    assert [photo.description for photo in seen.kept] == ["Lunch", "Lunch"]
    assert scene.model.tasks == []


async def test_without_a_model_that_sees_photos_get_a_card(scene: Scene) -> None:
    await scene.accounts.update(ANNA, lambda account: structs.replace(account, time_zone="Europe/Berlin"))
    seen = await scene.see.see(ANNA, TRIP, shots("one", "two", "three"), place="Main Street 1")
    first, *others = [photo.description for photo in seen.kept]
    assert first == (
        "3 photos, 13:00 to 13:02, near Main Street 1, mostly gray. Nobody has looked at what is on it yet."
    )
    assert others == ["", ""]
    assert seen.degraded == ()


async def test_a_model_that_fails_costs_the_description_only(scene: Scene) -> None:
    scene.model.answers.append(TemporarilyUnavailable("busy"))
    seen = await scene.see.see(ANNA, TRIP, shots("one"))
    assert seen.kept[0].description.startswith("A photo, 12:00")
    assert seen.degraded == ("describe_photos",)


async def test_a_damaged_picture_spoils_no_other(scene: Scene) -> None:
    bad = Shot(content=b"no picture", number=9)
    seen = await scene.see.see(ANNA, TRIP, [bad, *shots("one")])
    assert [photo is None for photo in seen.photos] == [True, False]


async def test_looks_of_earlier_photos_count(scene: Scene) -> None:
    before = (await scene.see.see(ANNA, TRIP, shots("desk"))).looks
    assert isinstance(before[0], Look)
    assert (await scene.see.see(ANNA, TRIP, shots("desk"), before=before)).kept == ()


async def test_photos_as_an_app_sends_them_are_seen(scene: Scene) -> None:
    sent = [
        Photo(base64=base64.b64encode(jpeg("door")).decode(), description=""),
        Photo(base64="AAAA", description="a train"),
        Photo(base64="*", description=""),
    ]
    scene.model.answers.append(descriptions("A door."))
    seen = await scene.see.see_sent(ANNA, TRIP, sent)
    assert [(photo.description, photo.key) for photo in seen.kept] == [
        ("A door.", "photos/trip/0.jpg"),
        ("a train", ""),
    ]


async def test_the_picture_is_given_as_base64_wherever_it_is_kept(scene: Scene) -> None:
    (photo,) = (await scene.see.see(ANNA, TRIP, shots("door"))).kept
    assert base64.b64decode(await scene.keep.base64(ANNA, photo)) == jpeg("door")
    assert await scene.keep.base64(ANNA, Photo(base64="AAAA")) == "AAAA"
    assert await scene.keep.base64(ANNA, Photo(key="photos/trip/99.jpg")) == ""


async def test_photos_of_a_session_wait_for_their_memory(scene: Scene) -> None:
    seen = await scene.see.see(ANNA, TRIP, [*shots("b", "a"), Shot(content=jpeg("c"), number=10)])
    for photo in seen.kept[:2]:
        await scene.keep.note(ANNA, photo)
    assert await scene.keep.of(ANNA, TRIP) == (*seen.kept[:2], Photo(key="photos/trip/10.jpg"))


async def test_pictures_of_a_forgotten_memory_are_gone_and_no_others(scene: Scene) -> None:
    await scene.see.see(ANNA, TRIP, shots("one", "two"))
    await scene.see.see(ANNA, MemoryId("trip/2"), shots("three"))
    await scene.keep.forget(ANNA, TRIP)
    assert await scene.objects.list(ANNA) == ("photos/trip/2/0.jpg",)


async def test_photos_of_a_session_without_speech_become_one_memory(scene: Scene) -> None:
    memories, clock = InMemoryMemoryRepository(), ManualClock()
    maker = PlainMaker(memories, ChatWorld().recall)
    remember = RememberPhotos(
        keep=scene.keep,
        make_memory=maker,
        memories=memories,
        clock=clock,
        deleted=DeletedMemories(InMemoryKeyValueStore(clock=clock)),
    )
    assert await remember.remember(ANNA, TRIP) is None
    seen = await scene.see.see(ANNA, TRIP, shots("one", "two"))
    for photo in seen.kept:
        await scene.keep.note(ANNA, photo)
    memory = await remember.remember(ANNA, TRIP)
    assert memory is not None
    assert (memory.id, memory.source, memory.photos) == (TRIP, Source.OPENGLASS, seen.kept)
    assert (memory.started_at, memory.finished_at) == (NOON, NOON + timedelta(minutes=1))
    assert await remember.remember(ANNA, TRIP) == memory


async def test_photos_of_a_session_that_its_user_threw_away_go_with_it(scene: Scene) -> None:
    memories, clock = InMemoryMemoryRepository(), ManualClock()
    deleted = DeletedMemories(InMemoryKeyValueStore(clock=clock))
    maker = PlainMaker(memories, ChatWorld().recall)
    remember = RememberPhotos(keep=scene.keep, make_memory=maker, memories=memories, clock=clock, deleted=deleted)
    for photo in (await scene.see.see(ANNA, TRIP, shots("one"))).kept:
        await scene.keep.note(ANNA, photo)
    await deleted.note(ANNA, TRIP)
    assert await remember.remember(ANNA, TRIP) is None
    assert await scene.objects.list(ANNA) == ()
