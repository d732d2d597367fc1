"""Files that users ask about: taken, read once, kept until the chat is cleared."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import anyio.to_thread
import msgspec
from msgspec import Struct, structs

from application.photos.photo_cards import Unseen, cards
from application.photos.see_photos import in_words
from application.questions.document_text import picture_type, plain_name, read_document
from application.tasks.describe_photos import describe_photos
from application.users.accounts import Accounts
from domain.chat import ChatFile, FileText
from domain.chat_errors import ChatFileNotFound, ChatFileTooLarge, NotADocument
from domain.ids import UserId, new_id
from domain.material import Image
from domain.photo_errors import NotAPicture, PictureTooLarge
from ports.clock import Clock
from ports.errors import AdapterError, NotFound
from ports.image_reader import ImageReader, PreparedImage
from ports.language_model import LanguageModel
from ports.object_store import ObjectStore

FOLDER = "chat_files/"
MOST_AT_ONCE = 10
"""Files of one upload, and of one message."""
MOST_KEPT = 1_000
"""Files of a user."""
_LINKED = timedelta(hours=1)
_LANGUAGE = "en"
_NOTE, _TEXT, _PICTURE = ".json", ".txt", ".jpg"
_LONGEST_ID = 100


class SentFile(Struct, frozen=True):
    """A file as it came."""

    name: str
    content: bytes


class ShownFile(Struct, frozen=True, kw_only=True):
    """A file as somebody sees it."""

    file: ChatFile
    thumbnail: str | None = None
    """An address, or a path on our own server, of the picture; None for a document."""


class ChatFiles:
    """Keeps what can be read in files: their text, or a picture and what it shows. The file itself is not kept."""

    def __init__(
        self,
        *,
        objects: ObjectStore,
        images: ImageReader,
        language_model: LanguageModel,
        accounts: Accounts,
        clock: Clock,
    ) -> None:
        """Keeps what it works with. `language_model` says what pictures show, where it can see."""
        self._objects = objects
        self._images = images
        self._model = language_model
        self._accounts = accounts
        self._clock = clock

    async def keep(self, user: UserId, sent: Sequence[SentFile]) -> tuple[ChatFile, ...]:
        """Keeps all of the files, or none.

        Raises:
            NotADocument: one is nothing that is read.
            ChatFileTooLarge: one is too large, they are too many at once, or too many are kept.
            TemporarilyUnavailable: not kept.
        """
        if not sent:
            raise NotADocument("files: there is none")
        if len(sent) > MOST_AT_ONCE:
            raise ChatFileTooLarge(f"files: {len(sent)} at once; send at most {MOST_AT_ONCE}")
        kept = [key for key in await self._objects.list(user, FOLDER) if key.endswith(_NOTE)]
        if len(kept) + len(sent) > MOST_KEPT:
            raise ChatFileTooLarge(f"files: at most {MOST_KEPT} are kept; clear the chat to remove them")
        read = [await self._read(user, file) for file in sent]
        for one, picture in read:
            if picture is not None:
                await self._objects.put(user, one.file.picture, picture.content)
            await self._objects.put(user, _key(one.file.id, _TEXT), one.text.encode())
            await self._objects.put(user, _key(one.file.id, _NOTE), msgspec.json.encode(one.file))
        return tuple(one.file for one, _ in read)

    async def get(self, user: UserId, file_id: str) -> ChatFile:
        """A file, without its text.

        Raises:
            ChatFileNotFound: the user sent no such file.
            TemporarilyUnavailable: not read.
        """
        return msgspec.json.decode(await self._content(user, file_id, _NOTE), type=ChatFile)

    async def read(self, user: UserId, file_id: str) -> FileText:
        """A file and what can be read in it. Raises as `get`."""
        file = await self.get(user, file_id)
        return FileText(file=file, text=(await self._content(user, file_id, _TEXT)).decode())

    async def shown(self, user: UserId, file: ChatFile) -> ShownFile:
        """A file, with a link to its picture that works for an hour. Raises TemporarilyUnavailable."""
        thumbnail = None
        if file.picture:
            with suppress(NotFound):
                thumbnail = await self._objects.link(user, file.picture, lifetime=_LINKED)
        return ShownFile(file=file, thumbnail=thumbnail)

    async def forget_all(self, user: UserId) -> None:
        """Removes all files of a user. Raises TemporarilyUnavailable."""
        for key in await self._objects.list(user, FOLDER):
            await self._objects.delete(user, key)

    async def _content(self, user: UserId, file_id: str, ending: str) -> bytes:
        try:
            if 0 < len(file_id) <= _LONGEST_ID:
                return await self._objects.get(user, _key(file_id, ending))
        except NotFound:
            pass
        raise ChatFileNotFound("file_ids: there is no such file")

    async def _read(self, user: UserId, sent: SentFile) -> tuple[FileText, PreparedImage | None]:
        file = ChatFile(
            id=new_id(),
            name=plain_name(sent.name),
            media_type=picture_type(sent.content) or "",
            created_at=self._clock.now(),
        )
        if not file.media_type:
            document = await anyio.to_thread.run_sync(read_document, file.name, sent.content)
            return FileText(file=structs.replace(file, media_type=document.media_type), text=document.text), None
        try:
            image = await self._images.read(sent.content)
        except NotAPicture as error:
            raise NotADocument(f"files: {error}") from error
        except PictureTooLarge as error:
            raise ChatFileTooLarge(f"files: {error}") from error
        file = structs.replace(file, picture=_key(file.id, _PICTURE))
        return FileText(file=file, text=await self._described(user, image)), image

    async def _described(self, user: UserId, image: PreparedImage) -> str:
        """What a picture shows; where nobody can look at it, what can be told without."""
        account = await self._accounts.get(user)
        try:
            task = describe_photos([Image(content=image.content)], language=account.language or _LANGUAGE)
            seen = in_words((await self._model.generate(task)).value[0])
        except AdapterError:
            seen = ""
        return seen or cards([Unseen(taken_at=None, colors=image.colors)], zone=account.zone)[0]


def _key(file_id: str, ending: str) -> str:
    return f"{FOLDER}{file_id}{ending}"
