"""What can be wrong with files that a device recorded while nobody listened."""

from typing import ClassVar

from domain.errors import BusinessError


class NotACaptureFile(BusinessError):
    """The name does not say what it holds, or the content is no row of packets."""

    code: ClassVar[str] = "not_a_capture_file"
