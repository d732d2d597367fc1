"""What every recording decoder does."""

import io
import math
import struct
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from adapters.outbound.recording_decoder.soundfile import (
    SoundfileRecordingDecoder,
    SoundfileRecordingDecoderSettings,
)
from domain.voice_errors import NotARecording, RecordingEmpty, RecordingTooLarge
from ports.recording_decoder import RecordingDecoder
from tests.contract.harness import Harness, over

TONE = np.array([int(8000 * math.sin(i / 9)) for i in range(16_000)], np.int16)
"""One second."""


@asynccontextmanager
async def libsndfile(_: Path) -> AsyncIterator[RecordingDecoder]:
    yield SoundfileRecordingDecoder(SoundfileRecordingDecoderSettings(largest_bytes=2_000_000))


HARNESSES: dict[str, Harness[RecordingDecoder]] = {"soundfile": libsndfile}


@pytest.fixture(params=over("recording_decoder", HARNESSES))
async def decoder(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RecordingDecoder]:
    async with request.param(tmp_path) as ready:
        yield ready


def file_of(samples: np.ndarray = TONE, *, rate: int = 16_000, form: str = "WAV", subtype: str | None = None) -> bytes:
    written = io.BytesIO()
    soundfile.write(written, samples, rate, format=form, subtype=subtype)
    return written.getvalue()


@pytest.mark.parametrize("form", ["WAV", "FLAC"])
async def test_what_nothing_was_lost_of_comes_back_to_the_sample(decoder: RecordingDecoder, form: str) -> None:
    recording = await decoder.decode(file_of(form=form), longest=60)
    assert recording.pcm == TONE.tobytes()
    assert (recording.rate, recording.channels) == (16_000, 1)


async def test_ogg_is_read_too(decoder: RecordingDecoder) -> None:
    recording = await decoder.decode(file_of(form="OGG", subtype="VORBIS"), longest=60)
    assert len(recording.pcm) == TONE.nbytes


async def test_channels_become_their_mean(decoder: RecordingDecoder) -> None:
    stereo = np.stack([TONE, np.zeros_like(TONE)], axis=1)
    recording = await decoder.decode(file_of(stereo), longest=60)
    assert recording.channels == 2
    assert np.abs(np.frombuffer(recording.pcm, "<i2") - TONE / 2).max() <= 1


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
async def test_other_rates_are_told_and_become_16_khz(decoder: RecordingDecoder, rate: int) -> None:
    recording = await decoder.decode(file_of(np.resize(TONE, rate), rate=rate), longest=60)
    assert recording.rate == rate
    assert abs(len(recording.pcm) / 2 - 16_000) <= 1


async def test_what_is_no_number_is_silence_and_what_is_too_loud_is_clipped(decoder: RecordingDecoder) -> None:
    wild = np.array([math.nan, math.inf, -math.inf, 9.0, 0.0] * 100, np.float32)
    recording = await decoder.decode(file_of(wild, subtype="FLOAT"), longest=60)
    assert array("h", recording.pcm)[:5].tolist() == [0, 32_767, -32_768, 32_767, 0]


@pytest.mark.parametrize(
    "content",
    [
        b"not audio at all, but text that goes on for a while",
        b"RIFF\x24\0\0\0WAVE",
        b"fLaC" + bytes(60),
        b"OggS" + bytes(200),
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        bytes(1000),
    ],
)
async def test_what_is_no_audio_is_refused(decoder: RecordingDecoder, content: bytes) -> None:
    with pytest.raises((NotARecording, RecordingEmpty)):
        await decoder.decode(content, longest=60)


async def test_a_format_that_was_not_promised_is_refused(decoder: RecordingDecoder) -> None:
    with pytest.raises(NotARecording):
        await decoder.decode(file_of(form="AIFF"), longest=60)


async def test_a_damaged_file_is_refused_or_read_as_far_as_it_goes(decoder: RecordingDecoder) -> None:
    whole = file_of(form="FLAC")
    for size in range(50, len(whole), len(whole) // 7):
        try:
            recording = await decoder.decode(whole[:size], longest=60)
        except (NotARecording, RecordingEmpty):
            continue
        assert len(recording.pcm) <= TONE.nbytes


@pytest.mark.parametrize("content", [b"", file_of(TONE[:0])])
async def test_a_file_without_a_sample_is_told_apart(decoder: RecordingDecoder, content: bytes) -> None:
    with pytest.raises(RecordingEmpty):
        await decoder.decode(content, longest=60)


async def test_an_hour_of_silence_in_few_bytes_is_refused_unheard(decoder: RecordingDecoder) -> None:
    bomb = file_of(np.zeros(16_000 * 3_600, np.int16), form="FLAC")
    assert len(bomb) < 500_000
    with pytest.raises(RecordingTooLarge):
        await decoder.decode(bomb, longest=600)


async def test_a_header_that_claims_years_is_refused(decoder: RecordingDecoder) -> None:
    claims = bytearray(file_of(form="FLAC"))
    claims[21:26] = bytes([claims[21] | 0x0F, 0xFF, 0xFF, 0xFF, 0xFF])  # the count of samples: 36 bits
    with pytest.raises((RecordingTooLarge, NotARecording)):
        await decoder.decode(bytes(claims), longest=600)


async def test_a_header_that_claims_too_little_hides_nothing(decoder: RecordingDecoder) -> None:
    hidden = bytearray(file_of(np.resize(TONE, 16_000 * 5), form="FLAC"))
    hidden[21:26] = bytes([hidden[21] & 0xF0, 0, 0, 0, 0])  # unknown
    try:
        recording = await decoder.decode(bytes(hidden), longest=2)
    except (RecordingTooLarge, RecordingEmpty, NotARecording):
        return
    assert len(recording.pcm) <= 2 * 32_000


async def test_a_header_that_claims_more_than_the_file_holds_gives_what_it_holds(decoder: RecordingDecoder) -> None:
    claims = bytearray(file_of())
    claims[40:44] = struct.pack("<I", 0x7FFFFFF0)
    try:
        recording = await decoder.decode(bytes(claims), longest=60)
    except (RecordingTooLarge, NotARecording):
        return
    assert len(recording.pcm) <= TONE.nbytes + 64


async def test_a_file_that_is_too_large_is_refused(decoder: RecordingDecoder) -> None:
    with pytest.raises(RecordingTooLarge):
        await decoder.decode(file_of() + bytes(2_000_000), longest=60)


@pytest.mark.parametrize("rate", [1, 4_000, 500_000])
async def test_rates_that_no_microphone_has_are_refused(decoder: RecordingDecoder, rate: int) -> None:
    with pytest.raises((NotARecording, RecordingTooLarge)):
        await decoder.decode(file_of(rate=rate), longest=60)
