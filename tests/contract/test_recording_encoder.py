"""What every recording encoder does."""

import io
import random
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import soundfile

from adapters.outbound.recording_encoder.soundfile import SoundfileRecordingEncoder
from ports.recording_encoder import RecordingEncoder
from tests.contract.harness import Harness, over

NOISE = array("h", (random.Random(1).randint(-32_768, 32_767) for _ in range(5_000))).tobytes()


@asynccontextmanager
async def libsndfile(_: Path) -> AsyncIterator[RecordingEncoder]:
    yield SoundfileRecordingEncoder()


HARNESSES: dict[str, Harness[RecordingEncoder]] = {"soundfile": libsndfile}


@pytest.fixture(params=over("recording_encoder", HARNESSES))
async def encoder(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RecordingEncoder]:
    async with request.param(tmp_path) as ready:
        yield ready


def read(content: bytes) -> tuple[bytes, str]:
    with soundfile.SoundFile(io.BytesIO(content)) as file:
        assert (file.samplerate, file.channels) == (16_000, 1)
        return file.read(dtype="int16").tobytes(), file.format


async def test_a_wav_file_holds_every_sample(encoder: RecordingEncoder) -> None:
    assert read(await encoder.wav(NOISE)) == (NOISE, "WAV")


async def test_a_flac_file_holds_every_sample(encoder: RecordingEncoder) -> None:
    assert read(await encoder.flac(NOISE)) == (NOISE, "FLAC")


async def test_silence_takes_no_room_in_a_flac_file(encoder: RecordingEncoder) -> None:
    assert len(await encoder.flac(bytes(32_000 * 60))) < 20_000


async def test_the_same_audio_gives_the_same_file(encoder: RecordingEncoder) -> None:
    assert await encoder.flac(NOISE) == await encoder.flac(NOISE)
    assert await encoder.wav(NOISE) == await encoder.wav(NOISE)
