import io
import random
import struct
import zlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from PIL import ExifTags, Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from adapters.outbound.image_reader.pillow import PillowImageReader
from domain.photo import distance
from domain.photo_errors import NotAPicture, PictureTooLarge
from ports.diagnosis import Condition

ROTATED_RIGHT = 6


def encoded(image: Image.Image, form: str = "JPEG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def noise(seed: int = 1, size: tuple[int, int] = (160, 120)) -> Image.Image:
    small = Image.frombytes("RGB", (8, 6), random.Random(seed).randbytes(8 * 6 * 3))
    return small.resize(size, Image.Resampling.BICUBIC)


def exif(**more: str) -> Image.Exif:
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = ROTATED_RIGHT
    tags[ExifTags.Base.Make] = "a camera with a serial number"
    details = tags.get_ifd(ExifTags.IFD.Exif)
    for name, value in more.items():
        details[ExifTags.Base[name]] = value
    tags.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    return tags


async def test_a_picture_is_turned_the_right_way() -> None:
    prepared = await PillowImageReader().read(encoded(noise(), exif=exif()))
    assert (prepared.width, prepared.height) == (120, 160)
    with Image.open(io.BytesIO(prepared.content)) as kept:
        assert kept.size == (120, 160)


@pytest.mark.parametrize("orientation", range(1, 9))
async def test_every_way_to_hold_a_camera_is_put_right(orientation: int) -> None:
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = orientation
    held = noise()
    prepared = await PillowImageReader().read(encoded(held, "PNG", exif=tags))
    upright = await PillowImageReader().read(encoded(ImageOps.exif_transpose(with_exif(held, tags)), "PNG"))
    assert prepared.content == upright.content


def with_exif(image: Image.Image, tags: Image.Exif) -> Image.Image:
    return Image.open(io.BytesIO(encoded(image, "PNG", exif=tags)))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_where_and_by_what_it_was_taken_is_not_kept(form: str) -> None:
    comment = {"pnginfo": PngInfo()} if form == "PNG" else {}
    if form == "PNG":
        comment["pnginfo"].add_text("Comment", "at home")
    if form == "JPEG":
        comment = {"comment": b"at home"}
    prepared = await PillowImageReader().read(encoded(noise(), form, exif=exif(), **comment))
    with Image.open(io.BytesIO(prepared.content)) as kept:
        assert not kept.getexif()
        assert not {"comment", "Comment", "exif", "icc_profile"} & kept.info.keys()
    assert b"serial number" not in prepared.content
    assert b"at home" not in prepared.content


async def test_a_large_picture_becomes_a_jpeg_of_moderate_size() -> None:
    prepared = await PillowImageReader().read(encoded(noise(size=(4_000, 3_000)), "JPEG"))
    assert (prepared.width, prepared.height) == (1_024, 768)
    assert prepared.content.startswith(b"\xff\xd8\xff")


async def test_a_small_picture_keeps_its_size() -> None:
    prepared = await PillowImageReader().read(encoded(noise(), "PNG"))
    assert (prepared.width, prepared.height) == (160, 120)


async def test_more_pixels_than_a_camera_has_are_refused_before_they_are_decoded() -> None:
    with pytest.raises(PictureTooLarge):
        await PillowImageReader().read(bomb(5_001, 5_000))
    with pytest.raises(PictureTooLarge):
        await PillowImageReader().read(bomb(10_000, 10_000))
    with pytest.raises(PictureTooLarge):
        await PillowImageReader().read(bomb(65_000, 65_000))


def bomb(width: int, height: int) -> bytes:
    """A PNG that claims to be large and holds next to nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1_000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_that_breaks_off_is_no_picture(form: str) -> None:
    whole = encoded(noise(), form)
    reader = PillowImageReader()
    for length in range(12, len(whole) - 12, max(1, len(whole) // 60)):
        with pytest.raises(NotAPicture):
            await reader.read(whole[:length])


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_a_damaged_picture_is_read_or_refused_and_nothing_else(form: str) -> None:
    chance, reader = random.Random(7), PillowImageReader()
    whole = encoded(noise(), form, exif=exif())
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(4):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        with suppress(NotAPicture, PictureTooLarge):
            assert (await reader.read(bytes(damaged))).content


async def test_the_same_scene_looks_alike_however_it_is_scaled_and_compressed() -> None:
    reader = PillowImageReader()
    one = await reader.read(encoded(noise(1, (640, 480)), "JPEG", quality=95))
    again = await reader.read(encoded(noise(1, (400, 300)), "JPEG", quality=30))
    other = await reader.read(encoded(noise(2, (640, 480)), "JPEG"))
    assert distance(one.fingerprint, again.fingerprint) <= 6
    assert distance(one.fingerprint, other.fingerprint) > 16


async def test_colors_are_named_by_how_much_they_cover() -> None:
    flag = Image.new("RGB", (100, 100), "blue")
    flag.paste("yellow", (0, 0, 100, 30))
    assert (await PillowImageReader().read(encoded(flag, "PNG"))).colors == ("blue", "yellow")
    assert (await PillowImageReader().read(encoded(Image.new("RGB", (9, 9), (90, 50, 20)), "PNG"))).colors == ("brown",)


async def test_what_is_seen_through_is_white() -> None:
    assert (await PillowImageReader().read(encoded(Image.new("RGBA", (9, 9), (0, 0, 0, 0)), "PNG"))).colors == (
        "white",
    )


async def test_the_time_is_what_the_camera_said() -> None:
    reader = PillowImageReader()
    plain = await reader.read(encoded(noise(), exif=exif(DateTimeOriginal="2026:05:01 14:05:00")))
    zoned = await reader.read(
        encoded(noise(), exif=exif(DateTimeOriginal="2026:05:01 14:05:00", OffsetTimeOriginal="+02:00"))
    )
    nonsense = await reader.read(encoded(noise(), exif=exif(DateTimeOriginal="0000:00:00 00:00:00")))
    assert plain.taken_at == datetime(2026, 5, 1, 14, 5)  # noqa: DTZ001 - the camera named no zone
    assert zoned.taken_at == datetime(2026, 5, 1, 14, 5, tzinfo=timezone(timedelta(hours=2)))
    assert zoned.taken_at.astimezone(UTC).hour == 12
    assert nonsense.taken_at is None


async def test_it_finds_itself_working() -> None:
    assert (await PillowImageReader().diagnose()).condition is Condition.WORKING
