"""Mel energies are Kaldi's."""

import numpy as np
import pytest

from adapters.outbound.speaker_encoder.fbank import BANDS, FRAME, HOP, MelFilters


def test_features_are_those_of_kaldi():
    n = np.arange(1600)
    chirp = 8000 * np.sin(2 * np.pi * 440 * n / 16_000 * (1 + n / 1600))
    samples = (chirp + (n * 7919 % 2001 - 1000)).astype(np.int16)

    features = MelFilters().features(samples)

    # From kaldi-native-fbank: 80 bands, Hamming window, no dither, no energy; less the mean over time.
    reference = [
        [-0.013, -0.803, -0.266, -0.532, 0.013],
        [0.069, 1.207, -0.536, 0.182, 0.021],
        [-0.052, -0.517, -1.258, 0.076, 0.023],
    ]
    assert features[[0, 3, 7]][:, [0, 10, 20, 40, 79]] == pytest.approx(np.array(reference), abs=1e-3)


@pytest.mark.parametrize(("samples", "frames"), [(FRAME, 1), (FRAME + HOP - 1, 1), (FRAME + HOP, 2), (16_000, 98)])
def test_there_is_a_frame_every_ten_milliseconds(samples: int, frames: int):
    features = MelFilters().features(np.arange(samples).astype(np.int16))

    assert features.shape == (frames, BANDS)
    assert features.dtype == np.float32


def test_features_have_no_mean_over_time():
    noise = np.random.default_rng(0).normal(0, 1000, 16_000).astype(np.int16)

    assert MelFilters().features(noise).mean(axis=0) == pytest.approx(np.zeros(BANDS), abs=1e-4)


def test_digital_silence_has_features():
    assert np.isfinite(MelFilters().features(np.zeros(16_000, np.int16))).all()
