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


class InvalidRequest(BusinessError):
    """A value of the request is not what it has to be; the message names it and what is expected."""

    code = "invalid_request"


class TooManySessions(BusinessError):
    """No further live session can be taken now."""

    code = "too_many_sessions"
