"""`/v1/files`: documents and pictures to ask about in the chat."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from litestar import Controller, Request, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body

from adapters.inbound.http.chat_wire import WireChatFile, file_to_wire
from adapters.inbound.http.errors import FAILURES
from application.questions.chat_files import MOST_AT_ONCE, ChatFiles, SentFile
from domain.chat_errors import ChatFileTooLarge
from domain.ids import UserId

LARGEST_FILE = 8 * 1024 * 1024
"""Bytes: of a picture. Documents are shorter."""
LARGEST_UPLOAD = 32 * 1024 * 1024


@dataclass
class UploadChatFiles:
    """Text, Markdown, CSV, JSON, HTML, or pictures as JPEG, PNG or WebP."""

    files: list[UploadFile] = field(default_factory=list)


class ChatFilesController(Controller):
    """Files of the caller's chat."""

    tags: Sequence[str] | None = ["chat"]

    @post(
        ["/v1/files", "/v2/files"],
        status_code=200,
        responses=FAILURES,
        summary="Send files to ask about",
        request_max_body_size=LARGEST_UPLOAD,
    )
    async def upload_files(
        self,
        *,
        user: NamedDependency[UserId],
        chat_files: NamedDependency[ChatFiles],
        data: Annotated[UploadChatFiles, Body(media_type=RequestEncodingType.MULTI_PART)],
        request: Request[Any, Any, Any],
    ) -> list[WireChatFile]:
        """Takes all of the files or none. What can be read in them is kept until the chat is cleared.

        A message names them in `file_ids`.
        """
        if len(data.files) > MOST_AT_ONCE:
            raise ChatFileTooLarge(f"files: {len(data.files)} at once; send at most {MOST_AT_ONCE}")
        kept = await chat_files.keep(user, [await _taken(file) for file in data.files])
        server = str(request.base_url)
        return [file_to_wire(await chat_files.shown(user, file), server=server) for file in kept]


async def _taken(file: UploadFile) -> SentFile:
    content = await file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise ChatFileTooLarge(f"files: one is larger than {LARGEST_FILE:,} bytes")
    return SentFile(file.filename, content)
