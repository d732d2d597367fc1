"""What every reader of pictures does."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image

from adapters.outbound.image_reader.fake import FakeImageReader
from adapters.outbound.image_reader.pillow import PillowImageReader
from domain.photo_errors import NotAPicture, PictureTooLarge
from ports.image_reader import MOST_BYTES, ImageReader
from tests.contract.harness import Harness, over


@asynccontextmanager
async def pillow(_: Path) -> AsyncIterator[ImageReader]:
    yield PillowImageReader()


@asynccontextmanager
async def fake(_: Path) -> AsyncIterator[ImageReader]:
    yield FakeImageReader()


HARNESSES: dict[str, Harness[ImageReader]] = {"pillow": pillow, "fake": fake}


@pytest.fixture(params=over("image_reader", HARNESSES))
async def reader(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ImageReader]:
    async with request.param(tmp_path) as ready:
        yield ready


def picture(color: str = "red", form: str = "JPEG") -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((64, 48)).save(file, form) if color == "gradient" else Image.new(
        "RGB", (64, 48), color
    ).save(file, form)
    return file.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_pictures_of_all_three_kinds_are_read(reader: ImageReader, form: str) -> None:
    prepared = await reader.read(picture(form=form))
    assert prepared.content
    assert prepared.width > 0 < prepared.height
    assert 0 <= prepared.fingerprint < 2**64


async def test_the_same_file_gives_the_same_picture(reader: ImageReader) -> None:
    assert await reader.read(picture("gradient")) == await reader.read(picture("gradient"))


@pytest.mark.parametrize(
    "content", [b"", b"no picture", b"GIF89a" + bytes(20), b"%PDF-1.7", b"<svg/>", b"BM" + bytes(99)]
)
async def test_what_is_no_picture_of_these_kinds_is_refused(reader: ImageReader, content: bytes) -> None:
    with pytest.raises(NotAPicture):
        await reader.read(content)


async def test_a_file_of_too_many_bytes_is_refused(reader: ImageReader) -> None:
    with pytest.raises(PictureTooLarge):
        await reader.read(picture() + bytes(MOST_BYTES))
