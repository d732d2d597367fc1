"""WAV, FLAC and Ogg through libsndfile. Headers are believed only where they ask for less."""

import io

import anyio
import anyio.to_thread
import numpy as np
import soundfile
import soxr
from msgspec import Struct
from numpy.typing import NDArray

from domain.audio import SAMPLE_RATE
from domain.voice_errors import NotARecording, RecordingEmpty, RecordingTooLarge
from ports.recording_decoder import Recording

FORMATS = frozenset({"WAV", "WAVEX", "RF64", "FLAC", "OGG"})
LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000
MOST_CHANNELS = 8
BLOCK_SAMPLES = 65_536
"""Read at once, all channels together: what a file unfolds to never is in memory whole."""
_AT_ONCE = 2
_REFUSAL = "not a recording that can be read; WAV, FLAC and Ogg work"


class SoundfileRecordingDecoderSettings(Struct, frozen=True, kw_only=True):
    """What is taken at all."""

    largest_bytes: int = 256 * 1024 * 1024
    """Of a file."""


class SoundfileRecordingDecoder:
    """Decodes in a thread, block by block, and stops where it becomes too much."""

    def __init__(self, settings: SoundfileRecordingDecoderSettings) -> None:
        self._settings = settings
        self._limiter: anyio.CapacityLimiter | None = None

    async def decode(self, content: bytes, *, longest: float) -> Recording:
        """The sound of a file; see the port."""
        if not content:
            raise RecordingEmpty("Audio is empty: there is not a byte in the file")
        if len(content) > self._settings.largest_bytes:
            raise RecordingTooLarge(f"the file is larger than {self._settings.largest_bytes:,} bytes")
        self._limiter = self._limiter or anyio.CapacityLimiter(_AT_ONCE)
        return await anyio.to_thread.run_sync(_decode, content, longest, limiter=self._limiter)


def _decode(content: bytes, longest: float) -> Recording:
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            _check(file, longest)
            pcm = _mono(file, most=int(longest * file.samplerate))
            rate, channels = file.samplerate, file.channels
    except (soundfile.LibsndfileError, ValueError, TypeError) as error:  # the latter two: headers that make no sense
        raise NotARecording(_REFUSAL) from error
    if not pcm:
        raise RecordingEmpty("Audio is empty: there is not a sample in the file")
    return Recording(pcm=pcm, rate=rate, channels=channels)


def _check(file: soundfile.SoundFile, longest: float) -> None:
    """What the header says, before anything is decoded."""
    if file.format not in FORMATS:
        raise NotARecording(_REFUSAL)
    if not LOWEST_RATE <= file.samplerate <= HIGHEST_RATE or not 1 <= file.channels <= MOST_CHANNELS:
        raise NotARecording(
            f"a recording has {LOWEST_RATE:,} to {HIGHEST_RATE:,} samples a second on 1 to {MOST_CHANNELS} channels"
        )
    if file.frames > longest * file.samplerate:
        raise _too_long(longest)


def _mono(file: soundfile.SoundFile, *, most: int) -> bytes:
    """The mean of the channels at 16 kHz, of at most so many frames: headers may say less than there is."""
    resampler = soxr.ResampleStream(file.samplerate, SAMPLE_RATE, 1, dtype="float32", quality="HQ")
    pcm, taken = bytearray(), 0
    while len(block := file.read(BLOCK_SAMPLES // file.channels, dtype="float32", always_2d=True)):
        taken += len(block)
        if taken > most:
            raise _too_long(most / file.samplerate)
        mono = np.nan_to_num(block, posinf=1.0, neginf=-1.0).mean(axis=1)
        pcm += _sixteen_bit(mono if file.samplerate == SAMPLE_RATE else resampler.resample_chunk(mono))
    if file.samplerate != SAMPLE_RATE:
        pcm += _sixteen_bit(resampler.resample_chunk(np.empty(0, np.float32), last=True))
    return bytes(pcm)


def _sixteen_bit(mono: NDArray[np.float32]) -> bytes:
    return np.clip(np.rint(mono * 32_768), -32_768, 32_767).astype("<i2").tobytes()


def _too_long(longest: float) -> RecordingTooLarge:
    return RecordingTooLarge(f"the recording lasts longer than {longest:g} seconds")
