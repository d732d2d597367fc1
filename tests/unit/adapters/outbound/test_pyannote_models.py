"""pyannote's models, found in folders of all shapes."""

import threading
from pathlib import Path

import pytest

from adapters.outbound import pyannote_models
from adapters.outbound.hub_models import ModelSource
from ports.errors import Rejected
from tests.support import tiny_models

PIPELINE = """
pipeline:
  name: pyannote.audio.pipelines.VoiceActivityDetection
  params: {segmentation: SEGMENTATION}
params: {onset: 0.7, offset: 0.4, min_duration_on: 0.2}
"""


def source(folder: Path) -> ModelSource:
    return ModelSource(name=str(folder), setting="OMI_X")


def load(folder: Path) -> object:
    found = pyannote_models.checkpoint(source(folder))
    return pyannote_models.model(found, device="cpu", source=source(folder))


def test_nothing_is_told_about_its_use():
    pyannote_models.imported()
    pyannote_models.imported()

    metrics = pyannote_models.imported("pyannote.audio.telemetry.metrics")
    assert not metrics.is_metrics_enabled()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("Otel")]


def test_a_folder_with_a_model_is_one(tmp_path: Path):
    tiny_models.write_segmentation(tmp_path)

    found = pyannote_models.checkpoint(source(tmp_path))

    assert found.weights == tmp_path / "pytorch_model.bin"
    assert found.parameters == {}


def test_the_model_of_a_pipeline_for_something_else_is_used(tmp_path: Path):
    tiny_models.write_segmentation(tmp_path / "segmentation")
    (tmp_path / "config.yaml").write_text("pipeline: {name: pyannote.audio.pipelines.SpeakerDiarization}")

    assert pyannote_models.checkpoint(source(tmp_path)).weights == tmp_path / "segmentation" / "pytorch_model.bin"


@pytest.mark.parametrize("inner", ["$model/inner", "{{checkpoint: $model/inner}}", "{folder}/inner"])
def test_a_pipeline_for_voice_activity_brings_its_thresholds(tmp_path: Path, inner: str):
    tiny_models.write_segmentation(tmp_path / "inner")
    text = PIPELINE.replace("SEGMENTATION", inner.format(folder=tmp_path))
    (tmp_path / "config.yaml").write_text(text)

    found = pyannote_models.checkpoint(source(tmp_path))

    assert found.weights == tmp_path / "inner" / "pytorch_model.bin"
    assert found.parameters["onset"] == 0.7


def test_a_folder_without_a_model_is_told_with_its_setting(tmp_path: Path):
    with pytest.raises(Rejected, match=r"^OMI_X__MODEL is '.*', where there is no pytorch_model.bin and no segm"):
        pyannote_models.checkpoint(source(tmp_path))


def test_a_torn_configuration_is_told_with_its_setting(tmp_path: Path):
    (tmp_path / "config.yaml").write_text("pipeline: [")

    with pytest.raises(
        Rejected, match=r"^OMI_X__MODEL is '.*', which cannot be loaded \(ValueError: config.yaml is no"
    ):
        pyannote_models.checkpoint(source(tmp_path))


@pytest.mark.parametrize("content", [b"", b"no model at all", b"PK\x03\x04 torn"])
def test_a_torn_file_is_told_with_its_setting(tmp_path: Path, content: bytes):
    (tmp_path / "pytorch_model.bin").write_bytes(content)

    with pytest.raises(Rejected, match=r"^OMI_X__MODEL is '.*', which cannot be loaded"):
        load(tmp_path)


def test_weights_of_another_model_are_told_with_their_setting(tmp_path: Path):
    tiny_models.write_ecapa(tmp_path)
    (tmp_path / "embedding_model.ckpt").rename(tmp_path / "pytorch_model.bin")

    with pytest.raises(Rejected, match=r"^OMI_X__MODEL is '.*', which cannot be loaded"):
        load(tmp_path)
