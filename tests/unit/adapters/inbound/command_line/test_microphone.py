"""Recording with this machine."""

import sys
from types import ModuleType

import numpy as np
import pytest

from adapters.inbound.command_line import microphone
from adapters.inbound.command_line.microphone import Microphone
from ports.errors import Rejected, TemporarilyUnavailable


class PortAudioError(Exception):
    pass


class Library(ModuleType):
    """What speaks to the sound card, where there is one."""

    PortAudioError = PortAudioError

    def __init__(self, *, heard: np.ndarray | None) -> None:
        super().__init__("sounddevice")
        self._heard = heard

    def rec(self, frames: int, *, samplerate: int, channels: int, dtype: str, blocking: bool) -> np.ndarray:
        assert (samplerate, channels, dtype, blocking) == (16_000, 1, "int16", True)
        if self._heard is None:
            raise PortAudioError
        return self._heard[:frames]


def test_without_a_library_it_is_told_what_to_do_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(microphone, "LIBRARY", "no_library_of_this_name")
    with pytest.raises(Rejected, match="omi profile upload FILE"):
        Microphone()


def test_what_is_heard_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = np.arange(16_000, dtype=np.int16)[:, None]
    monkeypatch.setitem(sys.modules, "sounddevice", Library(heard=heard))
    assert Microphone().record(0.5) == heard[:8_000].tobytes()


def test_without_a_microphone_it_is_told_what_to_do_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", Library(heard=None))
    with pytest.raises(TemporarilyUnavailable, match="omi profile upload FILE"):
        Microphone().record(1)
