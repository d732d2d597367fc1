"""Values as bytes: how all stores write them down."""

from typing import Generic, TypeVar

import msgspec

from ports.errors import Rejected, TemporarilyUnavailable

T = TypeVar("T")


class Codec(Generic[T]):
    """Values of one type to JSON and back. JSON keeps the offsets of times and whole numbers of any size."""

    def __init__(self, kind: type[T], *, noun: str) -> None:
        self._noun = noun
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(kind)

    def encode(self, value: T) -> bytes:
        """The value as JSON.

        Raises:
            Rejected: it holds text that is not text: half a character.
        """
        try:
            return self._encoder.encode(value)
        except UnicodeEncodeError:
            # from None: the cause carries the text
            raise Rejected(f"a {self._noun} holds text that is not valid Unicode") from None

    def decode(self, content: bytes) -> T:
        """The value that was encoded.

        Raises:
            TemporarilyUnavailable: it is damaged, or a newer program wrote it.
        """
        try:
            return self._decoder.decode(content)
        except msgspec.MsgspecError as error:
            kind = type(error).__name__  # its message may quote what is stored
            raise TemporarilyUnavailable(f"a stored {self._noun} cannot be read ({kind})") from error
