"""Recordings on disk, of any kind."""

from pathlib import Path

import numpy as np
import soundfile
import soxr

from domain.audio import SAMPLE_RATE
from domain.errors import InvalidRequest

BLOCK = 65_536
"""Frames read at once: an hour of stereo takes no more memory than its 16 kHz mono."""


def read_audio(path: Path) -> bytes:
    """The sound of a file: wav, flac, ogg, mp3 and whatever else libsndfile reads.

    Returns:
        Mono (the mean of all channels), signed 16-bit little-endian, 16 kHz.

    Raises:
        InvalidRequest: there is no such file, it is no audio, or it holds no sound.
    """
    if not path.is_file():
        raise InvalidRequest(f"{path}: there is no such file")
    try:
        with soundfile.SoundFile(path) as recording:
            pcm = _mono(recording)
    except soundfile.LibsndfileError as error:
        raise InvalidRequest(f"{path}: not an audio file that can be read; wav, flac, ogg or mp3 work") from error
    if not pcm:
        raise InvalidRequest(f"{path}: the file holds no sound")
    return pcm


def _mono(recording: soundfile.SoundFile) -> bytes:
    resampler = soxr.ResampleStream(recording.samplerate, SAMPLE_RATE, 1, dtype="float32", quality="HQ")
    pcm = bytearray()
    for block in recording.blocks(BLOCK, dtype="float32", always_2d=True):
        pcm += _pcm(resampler.resample_chunk(block.mean(axis=1)))
    return bytes(pcm + _pcm(resampler.resample_chunk(np.empty(0, np.float32), last=True)))


def _pcm(samples: np.ndarray) -> bytes:
    """Float samples of -1 to 1; what is louder is clipped, what is no number is silence."""
    scaled = np.rint(np.nan_to_num(samples) * 32_768)
    return bytes(np.clip(scaled, -32_768, 32_767).astype("<i2"))
