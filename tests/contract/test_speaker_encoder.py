"""What every speaker encoder does."""

import math
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from adapters.outbound.speaker_encoder.ecapa import EcapaSpeakerEncoder, EcapaSpeakerEncoderSettings
from adapters.outbound.speaker_encoder.fake import FakeSpeakerEncoder
from adapters.outbound.speaker_encoder.wespeaker import WeSpeakerSpeakerEncoder, WeSpeakerSpeakerEncoderSettings
from domain.embedding import Embedding, cosine
from ports.errors import Rejected
from ports.speaker_encoder import SpeakerEncoder
from tests.contract.harness import Harness, over
from tests.support import tiny_models


@asynccontextmanager
async def wespeaker(_: Path) -> AsyncIterator[SpeakerEncoder]:
    async with WeSpeakerSpeakerEncoder(WeSpeakerSpeakerEncoderSettings()) as encoder:
        yield encoder


@asynccontextmanager
async def ecapa(folder: Path) -> AsyncIterator[SpeakerEncoder]:
    tiny_models.write_ecapa(folder)
    async with EcapaSpeakerEncoder(EcapaSpeakerEncoderSettings(model=str(folder))) as encoder:
        yield encoder


@asynccontextmanager
async def fake(_: Path) -> AsyncIterator[SpeakerEncoder]:
    yield FakeSpeakerEncoder()


HARNESSES: dict[str, Harness[SpeakerEncoder]] = {"wespeaker": wespeaker, "ecapa": ecapa, "fake": fake}


@pytest.fixture(params=over("speaker_encoder", HARNESSES))
async def encoder(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SpeakerEncoder]:
    async with request.param(tmp_path) as opened:
        yield opened


def voice(samples: int, *, pitch: float = 150.0) -> bytes:
    """A buzz with vibrato: enough of a voice for a vector."""
    phases = (pitch * i / 16_000 + 0.1 * math.sin(i / 400) for i in range(samples))
    return array("h", (int(9000 * (phase % 1.0 - 0.5)) for phase in phases)).tobytes()


async def test_a_vector_has_the_dimension_and_unit_length(encoder: SpeakerEncoder):
    vector = await encoder.encode(voice(20_000))

    assert len(vector) == 4 * encoder.dimension
    assert cosine(vector, vector) == pytest.approx(1.0, abs=1e-5)


async def test_an_encoder_tells_where_it_parts_voices(encoder: SpeakerEncoder):
    assert encoder.name
    assert 0 < encoder.margin < encoder.threshold < 1


async def test_the_same_audio_gives_the_same_vector(encoder: SpeakerEncoder):
    assert await encoder.encode(voice(20_000)) == await encoder.encode(voice(20_000))


async def test_two_voices_give_two_vectors(encoder: SpeakerEncoder):
    low, high = await encoder.encode(voice(20_000, pitch=90)), await encoder.encode(voice(20_000, pitch=400))

    assert cosine(low, high) < 0.95


async def test_a_voice_does_not_depend_on_how_loud_it_is(encoder: SpeakerEncoder):
    loud = array("h", voice(20_000))
    soft = array("h", (sample // 4 for sample in loud))

    assert cosine(await encoder.encode(loud.tobytes()), await encoder.encode(soft.tobytes())) > 0.95


async def test_the_shortest_stretch_is_encoded(encoder: SpeakerEncoder):
    assert len(await encoder.encode(voice(encoder.shortest))) == 4 * encoder.dimension


@pytest.mark.parametrize("missing", [1, 1000])
async def test_a_shorter_stretch_is_rejected(encoder: SpeakerEncoder, missing: int):
    with pytest.raises(Rejected):
        await encoder.encode(voice(encoder.shortest - missing))


async def test_nothing_is_rejected(encoder: SpeakerEncoder):
    with pytest.raises(Rejected):
        await encoder.encode(b"")


async def test_silence_is_rejected(encoder: SpeakerEncoder):
    with pytest.raises(Rejected, match="silence"):
        await encoder.encode(bytes(2 * 20_000))


async def test_voices_that_are_encoded_together_do_not_mix(encoder: SpeakerEncoder):
    voices = [voice(17_000 + 3000 * n, pitch=100 + 40 * n) for n in range(4)]
    alone = [await encoder.encode(pcm) for pcm in voices]
    together: dict[int, Embedding] = {}

    async def encode(number: int) -> None:
        together[number] = await encoder.encode(voices[number])

    async with anyio.create_task_group() as tasks:
        for number in range(len(voices)):
            tasks.start_soon(encode, number)

    assert [together[number] for number in range(len(voices))] == alone


async def test_an_encoder_is_still_there_after_a_canceled_call(encoder: SpeakerEncoder):
    with anyio.CancelScope() as scope:
        scope.cancel()
        await encoder.encode(voice(20_000))

    assert len(await encoder.encode(voice(20_000))) == 4 * encoder.dimension
