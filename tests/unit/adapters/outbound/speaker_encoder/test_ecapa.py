"""SpeechBrain's speaker model, of few weights."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import anyio.lowlevel
import numpy as np
import pytest

from adapters.outbound.speaker_encoder.ecapa import EcapaSpeakerEncoder, EcapaSpeakerEncoderSettings
from domain.embedding import cosine
from ports.diagnosis import Condition
from ports.errors import Rejected, TemporarilyUnavailable
from tests.support import tiny_models

SECOND = 16_000


@pytest.fixture
async def encoder(tmp_path: Path) -> AsyncIterator[EcapaSpeakerEncoder]:
    tiny_models.write_ecapa(tmp_path)
    async with EcapaSpeakerEncoder(EcapaSpeakerEncoderSettings(model=str(tmp_path))) as opened:
        yield opened


def noise(duration: float, *, seed: int = 0) -> bytes:
    return np.random.default_rng(seed).normal(0, 3000, int(duration * SECOND)).astype("<i2").tobytes()


async def test_a_vector_has_192_dimensions(encoder: EcapaSpeakerEncoder):
    assert len(await encoder.encode(noise(3))) == 4 * 192


async def test_the_weights_of_the_folder_are_used(encoder: EcapaSpeakerEncoder, tmp_path: Path):
    assert encoder._model
    network = encoder._model._encoder.mods.embedding_model
    weights = encoder._model._torch.load(tmp_path / "embedding_model.ckpt")

    assert all((network.state_dict()[name] == weights[name]).all() for name in weights)


async def test_of_a_long_stretch_the_middle_is_heard(encoder: EcapaSpeakerEncoder):
    stretch = noise(14)

    assert await encoder.encode(stretch) == await encoder.encode(stretch[2 * 2 * SECOND : 2 * 12 * SECOND])


async def test_a_space_is_named_for_its_weights():
    hub = EcapaSpeakerEncoder(EcapaSpeakerEncoderSettings())
    pinned = EcapaSpeakerEncoder(EcapaSpeakerEncoderSettings(model="speechbrain/spkrec-ecapa-voxceleb@0.1"))
    own = EcapaSpeakerEncoder(EcapaSpeakerEncoderSettings(model="models/mine"))

    assert hub.name == pinned.name == "speechbrain-spkrec-ecapa-voxceleb"
    assert own.name == "speechbrain-mine"


async def test_others_get_their_turn_while_a_voice_is_encoded(encoder: EcapaSpeakerEncoder):
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await anyio.lowlevel.checkpoint()
            turns += 1

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(count)
        await encoder.encode(noise(10))
        tasks.cancel_scope.cancel()

    assert turns > 5


async def test_a_model_that_fails_is_temporarily_unavailable(encoder: EcapaSpeakerEncoder):
    assert encoder._model
    encoder._model._encoder.mods.embedding_model.to("meta")  # where there is no memory to compute in

    with pytest.raises(TemporarilyUnavailable, match=r"^speaker encoding on cpu failed"):
        await encoder.encode(noise(1))
    assert (await encoder.diagnose()).condition is Condition.BROKEN


async def test_a_model_of_another_dimension_is_rejected(tmp_path: Path):
    tiny_models.write_ecapa(tmp_path, dimension=64)

    with pytest.raises(Rejected, match=r"^OMI_SPEAKER_ENCODER__ECAPA__MODEL is '.*'; expected a model of 192"):
        async with EcapaSpeakerEncoder(EcapaSpeakerEncoderSettings(model=str(tmp_path))):
            pass


@pytest.mark.parametrize("missing", ["hyperparams.yaml", "embedding_model.ckpt"])
async def test_a_folder_without_one_of_the_files_is_told_with_its_setting(tmp_path: Path, missing: str):
    tiny_models.write_ecapa(tmp_path)
    (tmp_path / missing).unlink()

    with pytest.raises(Rejected, match=r"^OMI_SPEAKER_ENCODER__ECAPA__MODEL is '.*', which cannot be loaded"):
        async with EcapaSpeakerEncoder(EcapaSpeakerEncoderSettings(model=str(tmp_path))):
            pass


@pytest.mark.parametrize("torn", ["hyperparams.yaml", "embedding_model.ckpt"])
async def test_a_torn_file_is_told_with_its_setting(tmp_path: Path, torn: str):
    tiny_models.write_ecapa(tmp_path)
    (tmp_path / torn).write_bytes(b"{")

    with pytest.raises(Rejected, match=r"^OMI_SPEAKER_ENCODER__ECAPA__MODEL is '.*', which cannot be loaded"):
        async with EcapaSpeakerEncoder(EcapaSpeakerEncoderSettings(model=str(tmp_path))):
            pass


async def test_an_encoder_that_is_not_open_is_temporarily_unavailable():
    with pytest.raises(TemporarilyUnavailable, match="not open"):
        await EcapaSpeakerEncoder(EcapaSpeakerEncoderSettings()).encode(noise(1))


async def test_the_diagnosis_is_that_it_works(encoder: EcapaSpeakerEncoder):
    diagnosis = await encoder.diagnose()

    assert diagnosis.condition is Condition.WORKING
    assert "one second of audio encoded in" in diagnosis.finding


async def test_the_same_voice_is_the_same_in_another_process_of_loading(encoder: EcapaSpeakerEncoder, tmp_path: Path):
    async with EcapaSpeakerEncoder(EcapaSpeakerEncoderSettings(model=str(tmp_path))) as other:
        assert cosine(await encoder.encode(noise(2)), await other.encode(noise(2))) == pytest.approx(1, abs=1e-5)
