"""Pictures through Pillow, in a thread."""

import io
import struct
from datetime import datetime

import anyio
import anyio.to_thread
from PIL import ExifTags, Image

from adapters.outbound.image_reader.pillow_colors import colors_of
from domain.photo_errors import NotAPicture, PictureTooLarge
from ports.diagnosis import Condition, Diagnosis
from ports.image_reader import LONGEST_SIDE, MOST_BYTES, MOST_PIXELS, PreparedImage

_AT_ONCE = 2
_QUALITY = 80
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    ArithmeticError,
    struct.error,
    UserWarning,
)
"""What Pillow raises for files that are not what they say; the last one where warnings are errors."""
_TURNS: dict[object, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What puts a picture upright again, by the orientation that the camera noted."""
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)
"""The second one where warnings are errors; where they are not, pixels are counted right behind it."""


class PillowImageReader:
    """Decodes no more of a picture than it needs: a JPEG of 12 megapixels at half its width."""

    def __init__(self) -> None:
        self._limiter: anyio.CapacityLimiter | None = None

    async def read(self, content: bytes) -> PreparedImage:
        """The picture of a file; see the port."""
        if len(content) > MOST_BYTES:
            raise PictureTooLarge(f"a picture of {len(content):,} bytes; at most {MOST_BYTES:,} are taken")
        form = _form(content)
        self._limiter = self._limiter or anyio.CapacityLimiter(_AT_ONCE)
        return await anyio.to_thread.run_sync(_read, content, form, limiter=self._limiter)

    async def diagnose(self) -> Diagnosis:
        """Reads a picture of its own making."""
        file = io.BytesIO()
        Image.new("RGB", (9, 8), "blue").save(file, "PNG")
        try:
            await self.read(file.getvalue())
        except NotAPicture as error:
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy="install pillow anew")
        return Diagnosis(condition=Condition.WORKING, finding="Pillow reads JPEG, PNG and WebP")


def _form(content: bytes) -> str:
    """What the first bytes say; only that decoder is let near the rest."""
    if content.startswith(_JPEG):
        return "JPEG"
    if content.startswith(_PNG):
        return "PNG"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    raise NotAPicture("expected a picture as JPEG, PNG or WebP")


def _read(content: bytes, form: str) -> PreparedImage:
    try:
        with Image.open(io.BytesIO(content), formats=(form,)) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureTooLarge(f"a picture of {opened.width} x {opened.height}; at most {MOST_PIXELS:,} pixels")
            return _prepared(opened)
    except _BOMB as error:
        raise PictureTooLarge(f"a picture of more than {MOST_PIXELS:,} pixels") from error
    except _DAMAGE as error:
        raise NotAPicture(f"the picture is damaged: its {form} cannot be decoded") from error


def _prepared(opened: Image.Image) -> PreparedImage:
    orientation, taken_at = _told(opened)
    opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=None)  # first: what follows is cheap then
    turn = _TURNS.get(orientation)
    picture = _bare(opened if turn is None else opened.transpose(turn))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY)
    return PreparedImage(
        content=file.getvalue(),
        width=picture.width,
        height=picture.height,
        fingerprint=_fingerprint(picture),
        colors=colors_of(picture),
        taken_at=taken_at,
    )


def _told(opened: Image.Image) -> tuple[object, datetime | None]:
    """Which way it was held and when. What the camera says may be damaged while the picture is not."""
    try:
        exif = opened.getexif()
        return exif.get(ExifTags.Base.Orientation), _taken_at(exif)
    except _DAMAGE:
        return None, None


def _bare(image: Image.Image) -> Image.Image:
    """The pixels alone, on white: whatever a file says besides stays behind."""
    colored = image.convert("RGBA")
    bare = Image.new("RGB", colored.size, "white")
    bare.paste(colored, mask=colored.getchannel("A"))
    return bare


def _fingerprint(picture: Image.Image) -> int:
    """The difference hash: of each of 8 x 8 places whether the one to the right is brighter."""
    gray = picture.convert("L").resize((9, 8), Image.Resampling.LANCZOS).tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            place = row * 9 + column
            bits = bits << 1 | (gray[place + 1] > gray[place])
    return bits


def _taken_at(exif: Image.Exif) -> datetime | None:
    details = exif.get_ifd(ExifTags.IFD.Exif)
    moment = details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    offset = details.get(ExifTags.Base.OffsetTimeOriginal)
    told = " ".join(str(part).strip("\0 ") for part in (moment, offset) if part)
    try:
        return datetime.strptime(told, "%Y:%m:%d %H:%M:%S %z" if offset else "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - see the port
    except ValueError:
        return None
