"""Weights are read as they are."""

import numpy as np

from adapters.outbound import onnx_models
from adapters.outbound.ort_weights import float_tensors


def test_the_tensors_of_a_model_have_their_shapes() -> None:
    tensors = float_tensors(onnx_models.read(onnx_models.VOICE_ACTIVITY))
    shapes = {name.split("__")[-1]: tensor.shape for name, tensor in tensors.items() if "then_branch" in name}
    assert shapes["stft.forward_basis_buffer"] == (258, 1, 256)
    assert shapes["encoder.0.reparam_conv.weight"] == (128, 129, 3)
    assert shapes["decoder.rnn.weight_hh"] == (512, 128)


def test_a_known_tensor_has_its_values() -> None:
    """The model's first layer is a Fourier transform, windowed."""
    tensors = float_tensors(onnx_models.read(onnx_models.VOICE_ACTIVITY))
    basis = tensors["If_0_then_branch__Inline_0__stft.forward_basis_buffer"][:, 0]
    window = np.hanning(257)[:256]
    assert np.allclose(basis[0], window, atol=1e-6)
    assert np.allclose(basis[10], np.cos(2 * np.pi * 10 * np.arange(256) / 256) * window, atol=1e-6)
