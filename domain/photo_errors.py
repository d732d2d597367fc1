"""What can be wrong with a picture that somebody sends."""

from typing import ClassVar

from domain.errors import BusinessError


class NotAPicture(BusinessError):
    """What was sent is no picture in a format that is read, or it is damaged."""

    code: ClassVar[str] = "not_a_picture"


class PictureTooLarge(BusinessError):
    """More bytes, or more pixels behind few bytes, than a camera that is worn takes."""

    code: ClassVar[str] = "picture_too_large"


class TooManyPictures(BusinessError):
    """More pictures wait than are kept waiting."""

    code: ClassVar[str] = "too_many_pictures"
