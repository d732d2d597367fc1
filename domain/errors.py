"""What can be wrong with a request. Each error has a stable code; inbound adapters turn codes into statuses."""

from typing import ClassVar


class BusinessError(Exception):
    """A request that cannot be fulfilled, and why. The message is shown to the caller."""

    code: ClassVar[str] = "invalid"


class UnsupportedAudio(BusinessError):
    """The declared codec or sample rate cannot be decoded."""

    code = "unsupported_audio"


class UnsupportedLanguage(BusinessError):
    """No recognizer that is configured knows the language."""

    code = "unsupported_language"


class MemoryNotFound(BusinessError):
    """The user has no such memory."""

    code = "memory_not_found"


class NothingToRemember(BusinessError):
    """A memory was asked for without speech, text or photos."""

    code = "nothing_to_remember"


class Unauthenticated(BusinessError):
    """The caller did not prove who they are."""

    code = "unauthenticated"


class Forbidden(BusinessError):
    """It is known who asks, and they may not do that; the message says what is missing."""

    code = "forbidden"


class AskedTooOften(BusinessError):
    """It was done as often as it may be for now."""

    code = "asked_too_often"

    def __init__(self, message: str, *, seconds: float) -> None:
        """Keeps when to come again.

        Args:
            message: what was done too often.
            seconds: until it may be done again.
        """
        super().__init__(message)
        self.seconds = seconds


class InvalidRequest(BusinessError):
    """A value of the request is not what it has to be; the message names it and what is expected."""

    code = "invalid_request"


class TooManySessions(BusinessError):
    """No further live session can be taken now."""

    code = "too_many_sessions"
