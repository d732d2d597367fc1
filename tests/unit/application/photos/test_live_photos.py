"""Pictures that come over the socket in pieces."""

import base64

import anyio
import pytest

from adapters.outbound.clock.manual import ManualClock, settle
from application.photos.collect_images import (
    MOST_PENDING,
    PATIENCE,
    CollectImages,
    ImageChunk,
)
from application.photos.live_photos import LivePhotos
from domain.errors import InvalidRequest
from domain.ids import MemoryId
from domain.photo_errors import NotAPicture, PictureTooLarge, TooManyPictures
from domain.session import PhotoDescribed, PhotoProcessing
from tests.unit.application.photos.test_see_photos import ANNA, Scene, descriptions, jpeg

TALK = MemoryId("talk")


def pieces(content: bytes, *, name: str = "p", length: int = 8) -> list[ImageChunk]:
    text = base64.b64encode(content).decode()
    parts = [text[place : place + length] for place in range(0, len(text), length)]
    return [ImageChunk(id=name, index=index, total=len(parts), data=part) for index, part in enumerate(parts)]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def collected(clock: ManualClock) -> CollectImages:
    return CollectImages(clock=clock)


def test_pieces_in_any_order_and_twice_make_the_picture(collected: CollectImages) -> None:
    *others, last = reversed(pieces(b"0123456789" * 5))
    assert [collected.take(chunk) for chunk in (*others, *others)] == [None] * 2 * len(others)
    assert collected.take(last) == b"0123456789" * 5
    assert collected.pending == 0


def test_pictures_may_come_intertwined(collected: CollectImages) -> None:
    one, other = pieces(b"a" * 12, name="1"), pieces(b"b" * 12, name="2")
    given = [collected.take(chunk) for pair in zip(one, other, strict=True) for chunk in pair]
    assert [content for content in given if content] == [b"a" * 12, b"b" * 12]


def test_what_is_no_base64_is_refused(collected: CollectImages) -> None:
    for data in ("not base64!", "AAA", "\u00fc"):
        with pytest.raises(NotAPicture):
            collected.take(ImageChunk(id="p", index=0, total=1, data=data))
    assert collected.pending == 0


def test_a_piece_that_does_not_fit_is_refused(collected: CollectImages) -> None:
    collected.take(ImageChunk(id="p", index=0, total=3, data="AAAA"))
    with pytest.raises(InvalidRequest):
        collected.take(ImageChunk(id="p", index=1, total=4, data="AAAA"))
    with pytest.raises(InvalidRequest):
        collected.take(ImageChunk(id="q", index=3, total=3, data="AAAA"))
    assert collected.pending == 0


async def test_after_a_minute_nobody_waits_for_the_rest(collected: CollectImages, clock: ManualClock) -> None:
    first, *rest = pieces(b"0123456789")
    collected.take(first)
    await clock.advance(PATIENCE + 1)
    assert [collected.take(chunk) for chunk in rest] == [None] * len(rest)


async def test_fifty_pictures_wait_and_no_more(collected: CollectImages, clock: ManualClock) -> None:
    for number in range(MOST_PENDING):
        collected.take(ImageChunk(id=str(number), index=0, total=2, data="AAAA"))
    with pytest.raises(TooManyPictures):
        collected.take(ImageChunk(id="more", index=0, total=2, data="AAAA"))
    await clock.advance(PATIENCE + 1)
    collected.take(ImageChunk(id="more", index=0, total=2, data="AAAA"))


def test_a_picture_of_too_many_characters_is_refused(collected: CollectImages) -> None:
    large = "A" * (6 * 1024 * 1024)
    collected.take(ImageChunk(id="p", index=0, total=3, data=large))
    with pytest.raises(PictureTooLarge):
        collected.take(ImageChunk(id="p", index=1, total=3, data=large))


def test_what_waits_is_bounded_all_together(collected: CollectImages) -> None:
    large = "A" * (9 * 1024 * 1024)
    for number in range(3):
        collected.take(ImageChunk(id=str(number), index=0, total=3, data=large))
    with pytest.raises(TooManyPictures):
        collected.take(ImageChunk(id="3", index=0, total=3, data=large))


class Live:
    def __init__(self) -> None:
        self.scene, self.clock = Scene(), ManualClock()
        self.told: list[PhotoProcessing | PhotoDescribed] = []
        self.photos = LivePhotos(
            ANNA, see=self.scene.see, keep=self.scene.keep, clock=self.clock, tell=self.told.append
        )

    def take(self, content: bytes, name: str) -> None:
        for chunk in pieces(content, name=name):
            self.photos.take(chunk, memory=TALK)


async def test_a_photo_is_announced_then_described_and_waits_for_its_memory() -> None:
    live = Live()
    live.scene.model.answers.append(descriptions("A door."))
    live.take(jpeg("door"), "t1")
    live.photos.finish()
    await live.photos.run()
    processing, described = live.told
    assert isinstance(processing, PhotoProcessing)
    assert processing.temporary == "t1"
    assert described == PhotoDescribed(processing.photo, "A door.")
    (photo,) = await live.scene.keep.of(ANNA, TALK)
    assert (photo.id, photo.description, photo.taken_at) == (processing.photo, "A door.", live.clock.now())


async def test_a_repeat_is_discarded_in_a_later_batch_too() -> None:
    live = Live()
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(live.photos.run)
            live.take(jpeg("desk"), "t1")
            await settle()
            live.take(jpeg("desk"), "t2")
            await settle()
            live.photos.finish()
    assert [event.discarded for event in live.told if isinstance(event, PhotoDescribed)] == [False, True]
    assert len(await live.scene.keep.of(ANNA, TALK)) == 1


async def test_photos_that_pile_up_are_looked_at_together() -> None:
    live = Live()
    for number in range(10):
        live.take(jpeg(str(number)), str(number))
    live.photos.finish()
    await live.photos.run()
    assert len(live.scene.model.tasks) == 2
    assert len(await live.scene.keep.of(ANNA, TALK)) == 10


async def test_what_cannot_be_taken_is_told_of_and_ends_nothing() -> None:
    live = Live()
    live.photos.take(ImageChunk(id="bad", index=0, total=1, data="*"), memory=TALK)
    live.take(b"text, no picture", "text")
    live.photos.finish()
    await live.photos.run()
    assert live.told[0] == PhotoDescribed("bad", "", discarded=True)
    assert live.told[-1] == PhotoDescribed(live.told[1].photo, "", discarded=True)


async def test_a_hundred_wait_and_further_ones_are_refused() -> None:
    live = Live()
    for number in range(101):
        live.take(jpeg(str(number)), str(number))
    refused = [event for event in live.told if isinstance(event, PhotoDescribed)]
    assert [event.discarded for event in refused] == [True]
    live.photos.finish()
    await live.photos.run()
    assert len(await live.scene.keep.of(ANNA, TALK)) == 100
