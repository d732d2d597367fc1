"""The network judges as onnxruntime does with the same model."""

from pathlib import Path

import numpy as np
import pytest

from adapters.outbound import onnx_models
from adapters.outbound.voice_activity_detector.silero_network import ROWS, SileroNetwork
from tests.support import recordings

RATE = np.array(16_000, np.int64)


@pytest.fixture
def sound(audio_folder: Path) -> np.ndarray:
    """Two people talking, then nothing."""
    speech = np.frombuffer(recordings.read(audio_folder / "conv_2spk.wav"), "<i2")
    return np.concatenate([speech[:480_000].astype(np.float32) / 32768, np.zeros(32_000, np.float32)])


def windows(sound: np.ndarray, captures: int, turn: int) -> np.ndarray:
    """A window of each capture; each is at another place."""
    starts = (np.arange(captures) * 7_919 + turn * 512) % (len(sound) - 576)
    return np.stack([sound[start : start + 576] for start in starts]).astype(np.float32)


@pytest.mark.parametrize("captures", [1, 7, ROWS, ROWS + 3])
def test_every_window_is_judged_as_by_onnxruntime(sound: np.ndarray, captures: int) -> None:
    session, network = onnx_models.session(onnx_models.VOICE_ACTIVITY), SileroNetwork.load()
    expected = found = np.zeros((2, captures, 128), np.float32)
    for turn in range(12):
        heard = windows(sound, captures, turn)
        probability, expected = session.run(None, {"input": heard, "state": expected, "sr": RATE})
        ours, found = network.run(None, {"input": heard, "state": found, "sr": RATE})
        assert np.abs(ours - probability).max() < 1e-4
        assert np.abs(found - expected).max() < 1e-3


def test_what_one_capture_says_does_not_change_another(sound: np.ndarray) -> None:
    network = SileroNetwork.load()
    heard, state = windows(sound, 3, 0), np.zeros((2, 3, 128), np.float32)
    together, _ = network.run(None, {"input": heard, "state": state})
    for row in range(3):
        alone, _ = network.run(None, {"input": heard[row : row + 1], "state": state[:, :1]})
        assert np.abs(alone[0] - together[row]).max() < 1e-6


def test_deafening_sound_breaks_nothing() -> None:
    network = SileroNetwork.load()
    loud = np.ones((1, 576), np.float32) * np.resize([1.0, -1.0], 576).astype(np.float32)
    state = np.zeros((2, 1, 128), np.float32)
    for _ in range(20):
        (probability,), state = network.run(None, {"input": loud, "state": state})
        assert 0 <= probability[0] <= 1
        assert np.isfinite(state).all()
