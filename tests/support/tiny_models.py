"""Models of torch with few weights, untrained but whole: files as they are published, in a folder of one's own."""

import io
from functools import cache
from pathlib import Path
from typing import Any

from adapters.outbound import pyannote_models, torch_models

_ECAPA = """
pretrained_path: somewhere/else
compute_features: !new:speechbrain.lobes.features.Fbank
    n_mels: 80
mean_var_norm: !new:speechbrain.processing.features.InputNormalization
    norm_type: sentence
    std_norm: False
embedding_model: !new:speechbrain.lobes.models.ECAPA_TDNN.ECAPA_TDNN
    input_size: 80
    channels: [16, 16, 16, 16, 48]
    kernel_sizes: [5, 3, 3, 3, 1]
    dilations: [1, 2, 3, 4, 1]
    attention_channels: 8
    lin_neurons: {dimension}
modules:
    compute_features: !ref <compute_features>
    mean_var_norm: !ref <mean_var_norm>
    embedding_model: !ref <embedding_model>
pretrainer: !new:speechbrain.utils.parameter_transfer.Pretrainer
    loadables:
        embedding_model: !ref <embedding_model>
    paths:
        embedding_model: !ref <pretrained_path>/embedding_model.ckpt
"""

_PIPELINE = """
dependencies:
  pyannote.audio: 4.0.0
pipeline:
  name: pyannote.audio.pipelines.VoiceActivityDetection
  params:
    segmentation: $model/segmentation
params:
  min_duration_on: 0.0
  min_duration_off: 0.0
"""

_SURE = 1.0
"""How far apart silence and noise are, as a logit."""


def write_ecapa(folder: Path, *, dimension: int = 192) -> None:
    """A speaker model of SpeechBrain: 266 kB."""
    (folder / "hyperparams.yaml").write_text(_ECAPA.replace("{dimension}", str(dimension)), encoding="utf-8")
    (folder / "embedding_model.ckpt").write_bytes(_ecapa_weights(dimension))


def write_segmentation(folder: Path, *, at_once: int | None = 2) -> None:
    """A segmentation model of pyannote that takes silence for silence: 200 kB.

    Args:
        folder: of the model.
        at_once: speakers that may speak together; None for a model that judges each for themselves.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pytorch_model.bin").write_bytes(_segmentation_weights(at_once))


def write_pipeline(folder: Path) -> None:
    """A pipeline of pyannote for voice activity."""
    write_segmentation(folder / "segmentation")
    (folder / "config.yaml").write_text(_PIPELINE, encoding="utf-8")


@cache
def _ecapa_weights(dimension: int) -> bytes:
    network = torch_models.imported("speechbrain.lobes.models.ECAPA_TDNN").ECAPA_TDNN(
        80,
        channels=[16, 16, 16, 16, 48],
        kernel_sizes=[5, 3, 3, 3, 1],
        dilations=[1, 2, 3, 4, 1],
        attention_channels=8,
        lin_neurons=dimension,
    )
    return _saved(network.state_dict())


@cache
def _segmentation_weights(at_once: int | None) -> bytes:
    pyannote_models.imported()
    task = torch_models.imported("pyannote.audio.core.task")
    torch = torch_models.imported("torch")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = torch_models.imported("pyannote.audio.models.segmentation").PyanNet(
            lstm={"hidden_size": 8, "num_layers": 1, "bidirectional": True, "monolithic": True, "dropout": 0.0},
            linear={"hidden_size": 8, "num_layers": 1},
        )
        network.specifications = task.Specifications(
            problem=task.Problem.MONO_LABEL_CLASSIFICATION if at_once else task.Problem.MULTI_LABEL_CLASSIFICATION,
            resolution=task.Resolution.FRAME,
            duration=10.0,
            classes=["first", "second", "third"],
            powerset_max_classes=at_once,
            permutation_invariant=True,
        )
        network.build()
    network.setup()
    _teach(network, torch, nobody=0 if at_once else None)
    content = {
        "state_dict": network.state_dict(),
        "hyper_parameters": dict(network.hparams),
        "pytorch-lightning_version": torch_models.imported("lightning").__version__,
        "epoch": 0,
        "global_step": 0,
    }
    network.on_save_checkpoint(content)
    return _saved(content)


def _teach(network: Any, torch: Any, *, nobody: int | None) -> None:
    """Teaches the last layer to tell noise, which stands for a voice, from silence.

    Args:
        network: judges ten seconds.
        torch: the library.
        nobody: the class that means silence, where there is one.
    """
    features: list[Any] = []
    network.classifier.register_forward_pre_hook(lambda _, given: features.append(given[0].mean(dim=(0, 1))))
    network.eval()
    with torch.inference_mode():
        network(torch.zeros(1, 1, 160_000))
        network(0.1 * torch.randn(1, 1, 160_000))
    silence, noise = features
    direction = (noise - silence) / (noise - silence).square().sum()
    with torch.no_grad():
        network.classifier.weight.zero_()
        network.classifier.bias.fill_(-10)
        for voice, sign in ((1, _SURE), (nobody, -_SURE)):
            if voice is not None:
                network.classifier.weight[voice] = sign * direction
                network.classifier.bias[voice] = -sign * direction @ ((silence + noise) / 2)
    network.classifier._forward_pre_hooks.clear()


def _saved(content: object) -> bytes:
    file = io.BytesIO()
    torch_models.imported("torch").save(content, file)
    return file.getvalue()
