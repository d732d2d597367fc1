"""`/v1/sync-local-files`: what a device recorded while nobody listened."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from litestar import Controller, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body
from msgspec import Struct

from adapters.inbound.http.errors import FAILURES
from application.offline.accept_files import AcceptFiles, OfflineFile
from domain.audio import SAMPLE_RATE, AudioFormat, Codec
from domain.ids import UserId
from domain.offline_errors import NotACaptureFile
from domain.voice_errors import RecordingTooLarge

LARGEST_FILE = 16 * 1024 * 1024
"""Bytes: more than an hour of Opus."""
LARGEST_UPLOAD = 64 * 1024 * 1024
MOST_FILES = 200
MILLISECONDS = 10**11
"""Numbers above are milliseconds since 1970, those below seconds."""

_CODECS = "|".join(sorted(Codec, key=len, reverse=True))
_FULL = re.compile(rf"_(?P<codec>{_CODECS})_(?P<rate>\d{{4,6}})_(?P<channels>\d{{1,2}})(?:_fs\d+)?_\d{{9,13}}\.bin\Z")
_STAMP = re.compile(r"_(?P<stamp>\d{9,13})\.bin\Z")


class SyncedFiles(Struct, frozen=True, kw_only=True):
    """Memories that the files became, or became part of. Empty where that is not known yet: the files are safe."""

    new_memories: tuple[str, ...]
    updated_memories: tuple[str, ...]


@dataclass
class UploadFiles:
    """Files named `audio_{device}_{codec}_{rate}_{channels}_{seconds since 1970}.bin`."""

    files: list[UploadFile] = field(default_factory=list)


class OfflineFilesController(Controller):
    """Recordings that come late."""

    path = "/v1/sync-local-files"
    tags: Sequence[str] | None = ["memories"]

    @post(
        status_code=200,
        responses=FAILURES,
        summary="Hear what a device recorded while nobody listened",
        request_max_body_size=LARGEST_UPLOAD,
    )
    async def sync(
        self,
        *,
        user: NamedDependency[UserId],
        accept_files: NamedDependency[AcceptFiles],
        data: Annotated[UploadFiles, Body(media_type=RequestEncodingType.MULTI_PART)],
    ) -> SyncedFiles:
        """Takes all of the files or none, once for the same ones.

        A file is a row of packets, each behind its length in four bytes, little-endian.
        """
        if not data.files:
            raise NotACaptureFile("files: there is none")
        if len(data.files) > MOST_FILES:
            raise RecordingTooLarge(f"files: {len(data.files)} at once; send at most {MOST_FILES}")
        synced = await accept_files.accept(user, [await _taken(file) for file in data.files])
        return SyncedFiles(new_memories=synced.created, updated_memories=synced.updated)


async def _taken(file: UploadFile) -> OfflineFile:
    audio, started_at = described(file.filename or "")
    content = await file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise RecordingTooLarge(f"files: one is larger than {LARGEST_FILE} bytes; cut it")
    return OfflineFile(started_at=started_at, audio=audio, content=content, name=file.filename or "")


def described(name: str) -> tuple[AudioFormat, datetime]:
    """What the name of a file says: how it is encoded, and when it begins. Opus where it does not say.

    Raises:
        NotACaptureFile: it does not say when.
    """
    stamp, full = _STAMP.search(name), _FULL.search(name)
    if stamp is None:
        raise NotACaptureFile(f"files: {name[-60:]!r} is not named like audio_omi_opus_16000_1_1735689600.bin")
    moment = int(stamp["stamp"])
    started_at = datetime.fromtimestamp(moment / 1_000 if moment >= MILLISECONDS else moment, UTC)
    if full is None:
        return AudioFormat(codec=Codec.OPUS, sample_rate=SAMPLE_RATE), started_at
    codec, rate, channels = Codec(full["codec"]), int(full["rate"]), int(full["channels"])
    return AudioFormat(codec=codec, sample_rate=rate, channels=channels), started_at
