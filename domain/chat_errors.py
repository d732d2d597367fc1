"""What can be wrong with what somebody sends to the chat."""

from typing import ClassVar

from domain.errors import BusinessError


class MessageNotFound(BusinessError):
    """The user has no such message."""

    code: ClassVar[str] = "message_not_found"


class ChatFileNotFound(BusinessError):
    """The user sent no such file, or it went with a chat that was cleared."""

    code: ClassVar[str] = "chat_file_not_found"


class ChatFileTooLarge(BusinessError):
    """More bytes than can be asked about, or more files than are kept."""

    code: ClassVar[str] = "chat_file_too_large"


class NotADocument(BusinessError):
    """Neither text nor a picture in a format that is read, or it is damaged."""

    code: ClassVar[str] = "not_a_document"


class NotAVoiceMessage(BusinessError):
    """What was sent is no audio in a format that is read, or nobody speaks in it."""

    code: ClassVar[str] = "not_a_voice_message"
