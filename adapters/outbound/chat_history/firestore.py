"""Messages in Google's Firestore, in the collection that earlier backends used."""

from functools import partial
from types import TracebackType
from typing import Any, Self

from adapters.outbound.firestore_connection import FirestoreConnection
from adapters.outbound.firestore_documents import Collection, FirestoreDocuments
from adapters.outbound.firestore_settings import FirestoreSettings
from adapters.outbound.firestore_values import START_OF_TIME, Document, choice, moment, name, texts, truth
from adapters.outbound.user_encryption import Protection, UserCipher, decrypted_text, protected, user_cipher
from domain.chat import Message, MessageKind, Sender
from domain.ids import MemoryId, PluginId, UserId
from ports.diagnosis import Diagnosis


def message_fields(message: Message, user: UserId, *, cipher: UserCipher, protection: Protection) -> dict[str, Any]:
    """The fields of a document for a message."""
    fields = {
        "id": message.id,
        "text": message.text,
        "created_at": message.created_at,
        "sender": message.sender.value,
        "type": message.kind.value,
        "plugin_id": message.plugin_id,
        "from_external_integration": message.from_integration,
        "memories_id": list(message.memory_ids),
        "files_id": list(message.file_ids),
        "chat_session_id": message.session_id,
        "reported": message.reported,
        "deleted": False,
    }
    return protected(fields, "text", user=user, cipher=cipher, protection=protection)


def message_of(document: Document, identifier: str, user: UserId, *, cipher: UserCipher) -> Message:
    """The message of a document, whatever program wrote it.

    Raises:
        TemporarilyUnavailable: it is encrypted with another secret.
        Rejected: it is encrypted and there is no secret.
    """
    plugin = name(document.get("plugin_id")) or name(document.get("app_id"))
    return Message(
        id=identifier,
        text=decrypted_text(document.get("text"), document=document, user=user, cipher=cipher),
        created_at=moment(document.get("created_at")) or START_OF_TIME,
        sender=choice(Sender, document.get("sender"), Sender.AI),
        kind=choice(MessageKind, document.get("type"), MessageKind.TEXT),
        plugin_id=PluginId(plugin) if plugin else None,
        from_integration=truth(document.get("from_external_integration")),
        memory_ids=tuple(MemoryId(memory) for memory in texts(document.get("memories_id"))),
        file_ids=texts(document.get("files_id")),
        session_id=name(document.get("chat_session_id")),
        reported=truth(document.get("reported")),
    )


class FirestoreChatHistory:
    """Messages below `users/{user}/messages`."""

    def __init__(self, settings: FirestoreSettings) -> None:
        self._connection = FirestoreConnection(settings)
        cipher = user_cipher(settings.encryption_secret)
        messages = Collection(
            noun="message",
            name="messages",
            identifier=lambda message: message.id,
            fields=partial(message_fields, cipher=cipher, protection=settings.protection),
            value=partial(message_of, cipher=cipher),
            mark="text",
        )
        self._documents = FirestoreDocuments(messages, connection=self._connection)

    async def __aenter__(self) -> Self:
        await self._connection.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connection.__aexit__(kind, error, trace)

    async def append(self, user: UserId, message: Message) -> None:
        """Stores a message; replaces the one with the same id. Raises TemporarilyUnavailable, Rejected."""
        await self._documents.save(user, message)

    async def recent(self, user: UserId, *, limit: int = 100) -> tuple[Message, ...]:
        """The newest messages, newest first. Raises TemporarilyUnavailable."""
        return await self._documents.newest(user, limit=limit)

    async def clear(self, user: UserId) -> None:
        """Removes all messages of a user for good. Raises TemporarilyUnavailable."""
        await self._documents.clear(user)

    async def diagnose(self) -> Diagnosis:
        """Whether the database answers."""
        return await self._connection.diagnose()
