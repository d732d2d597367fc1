"""The microphone of this machine, where there is a library for it."""

import importlib
from typing import Any

from domain.audio import SAMPLE_RATE
from ports.errors import Rejected, TemporarilyUnavailable

LIBRARY = "sounddevice"
WITHOUT = (
    "record half a minute of speech with any program, and then: omi profile upload FILE "
    f"(or install what uses the microphone from here: pip install {LIBRARY})"
)


class Microphone:
    """Hears what is said beside this machine."""

    def __init__(self) -> None:
        """Looks for the library.

        Raises:
            Rejected: it is not installed.
        """
        self._device = _library()

    def record(self, duration: float) -> bytes:
        """So many seconds of what is heard now: mono, signed 16-bit little-endian, 16 kHz. Waits that long.

        Raises:
            TemporarilyUnavailable: there is no microphone, or it is somebody else's.
        """
        count = round(duration * SAMPLE_RATE)
        try:
            heard = self._device.rec(count, samplerate=SAMPLE_RATE, channels=1, dtype="int16", blocking=True)
        except self._device.PortAudioError as error:
            raise TemporarilyUnavailable(f"the microphone cannot be used; {WITHOUT}") from error
        return bytes(heard.astype("<i2").tobytes())


def _library() -> Any:  # noqa: ANN401 - a module that need not be there
    try:
        return importlib.import_module(LIBRARY)
    except ModuleNotFoundError as error:
        raise Rejected(f"the microphone cannot be used from here: {LIBRARY} is not installed; {WITHOUT}") from error
    except OSError as error:  # the library is there, and what it stands on is not
        raise Rejected(f"the microphone cannot be used from here: PortAudio is not installed; {WITHOUT}") from error
