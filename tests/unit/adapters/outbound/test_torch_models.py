"""Torch, where it is chosen."""

import sys

import pytest

from adapters.outbound import torch_models
from adapters.outbound.torch_models import Device
from ports.errors import Rejected, TemporarilyUnavailable


def test_what_is_not_installed_is_told_with_the_command_that_installs_it():
    with pytest.raises(Rejected, match=r"^no_such_library is not installed; install it with: make torch$"):
        torch_models.imported("no_such_library")


def test_torchaudio_is_there_whichever_torch_it_was_built_for():
    assert torch_models.imported("torchaudio.transforms").MelSpectrogram

    assert "torchaudio" in sys.modules


def test_a_run_takes_one_core():
    assert torch_models.imported("torch").get_num_threads() == 1


def test_a_processor_is_always_there_and_a_gpu_only_where_torch_finds_one():
    there_is_one = torch_models.imported("torch").cuda.is_available()

    assert torch_models.device_of(Device.CPU, setting="OMI_X") == "cpu"
    assert torch_models.device_of(Device.AUTO, setting="OMI_X") == ("cuda" if there_is_one else "cpu")


def test_a_gpu_that_is_not_there_is_told_with_its_setting(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch_models.imported("torch").cuda, "is_available", lambda: False)

    with pytest.raises(Rejected, match=r"^OMI_X__DEVICE is cuda, but torch finds no GPU"):
        torch_models.device_of(Device.CUDA, setting="OMI_X")


@pytest.mark.parametrize("error", [RuntimeError("CUDA out of memory\nTried to allocate"), MemoryError()])
def test_a_model_that_fails_is_temporarily_unavailable(error: Exception):
    def run() -> None:
        raise error

    with pytest.raises(TemporarilyUnavailable, match=r"^hearing failed: (CUDA out of memory|MemoryError)$"):
        torch_models.ran(run, what="hearing")


def test_a_model_that_cannot_be_loaded_is_told_with_its_setting():
    def load() -> None:
        raise KeyError("state_dict")

    with pytest.raises(Rejected, match=r"^OMI_X__MODEL is 'mine', which cannot be loaded \(KeyError: 'state_dict'\)$"):
        torch_models.loaded(load, what="mine", setting="OMI_X")
