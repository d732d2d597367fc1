"""What can be wrong with a recording of a voice, and with what is asked of people and voices."""

from typing import ClassVar

from domain.errors import BusinessError


class NotARecording(BusinessError):
    """What was sent is no audio in a format that is read."""

    code: ClassVar[str] = "not_a_recording"


class RecordingTooLarge(BusinessError):
    """More bytes, or more sound behind few bytes, than anybody needs to send."""

    code: ClassVar[str] = "recording_too_large"


class RecordingEmpty(BusinessError):
    """There is not a sample in it."""

    code: ClassVar[str] = "recording_empty"


class NoSpeech(BusinessError):
    """Nobody speaks in it."""

    code: ClassVar[str] = "no_speech"


class WrongSampleRate(BusinessError):
    """The recording was made at another rate than the one that is asked for."""

    code: ClassVar[str] = "wrong_sample_rate"


class ProfileTooShort(BusinessError):
    """Too little to know a voice by."""

    code: ClassVar[str] = "profile_too_short"


class ProfileTooLong(BusinessError):
    """More than it takes to know a voice."""

    code: ClassVar[str] = "profile_too_long"


class UnsafeFileName(BusinessError):
    """The name of the file would lead somewhere else, were it used."""

    code: ClassVar[str] = "unsafe_file_name"


class PersonNotFound(BusinessError):
    """The user knows no such person."""

    code: ClassVar[str] = "person_not_found"


class SegmentNotFound(BusinessError):
    """The memory has no such segment."""

    code: ClassVar[str] = "segment_not_found"


class SampleNotFound(BusinessError):
    """There is no such sample of a voice."""

    code: ClassVar[str] = "sample_not_found"
