"""Models of torch in the size in which they are published, with random weights: they cost the same and know nothing."""

from pathlib import Path

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
    channels: [1024, 1024, 1024, 1024, 3072]
    kernel_sizes: [5, 3, 3, 3, 1]
    dilations: [1, 2, 3, 4, 1]
    attention_channels: 128
    lin_neurons: 192
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


def write_ecapa(folder: Path) -> Path:
    """SpeechBrain's speaker model: 80 MB.

    Raises:
        Rejected: torch is not installed.
    """
    torch = torch_models.imported("torch")
    network = torch_models.imported("speechbrain.lobes.models.ECAPA_TDNN").ECAPA_TDNN(
        80,
        channels=[1024, 1024, 1024, 1024, 3072],
        kernel_sizes=[5, 3, 3, 3, 1],
        dilations=[1, 2, 3, 4, 1],
        attention_channels=128,
        lin_neurons=192,
    )
    folder.mkdir(parents=True)
    (folder / "hyperparams.yaml").write_text(_ECAPA, encoding="utf-8")
    torch.save(network.state_dict(), folder / "embedding_model.ckpt")
    return folder


def write_segmentation(folder: Path) -> Path:
    """Pyannote's segmentation model: ten seconds, three voices, two of them at once.

    Raises:
        Rejected: torch is not installed.
    """
    pyannote_models.imported()
    task = torch_models.imported("pyannote.audio.core.task")
    network = torch_models.imported("pyannote.audio.models.segmentation").PyanNet(
        lstm={"hidden_size": 128, "num_layers": 4, "bidirectional": True, "monolithic": True, "dropout": 0.0},
        linear={"hidden_size": 128, "num_layers": 2},
    )
    network.specifications = task.Specifications(
        problem=task.Problem.MONO_LABEL_CLASSIFICATION,
        resolution=task.Resolution.FRAME,
        duration=10.0,
        classes=["first", "second", "third"],
        powerset_max_classes=2,
        permutation_invariant=True,
    )
    network.build()
    network.setup()
    content = {
        "state_dict": network.state_dict(),
        "hyper_parameters": dict(network.hparams),
        "pytorch-lightning_version": torch_models.imported("lightning").__version__,
        "epoch": 0,
        "global_step": 0,
    }
    network.on_save_checkpoint(content)
    folder.mkdir(parents=True)
    torch_models.imported("torch").save(content, folder / "pytorch_model.bin")
    return folder
