"""pyannote's models for who speaks when, in torch: found, loaded, and kept from telling where they are used."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, structs

from adapters.outbound import torch_models
from adapters.outbound.hub_models import ModelSource, folder_of
from ports.errors import Rejected

DEFAULT = "pyannote/segmentation-3.0"
"""Open to who accepts its conditions on the hub; MIT."""

_WEIGHTS = "pytorch_model.bin"
_PLACES = (_WEIGHTS, f"segmentation/{_WEIGHTS}")
"""A model's own folder, and the folder of a pipeline that has one."""
_FILES = ("config.yaml", *_PLACES)


class Checkpoint(Struct, frozen=True):
    """A segmentation model that lies on this machine."""

    weights: Path
    parameters: Mapping[str, float]
    """Tuned with it, where it came as a pipeline for voice activity: onset, offset and the like."""


def imported(name: str = "pyannote.audio") -> Any:  # noqa: ANN401 - without types
    """A module of pyannote.audio. It sends no figures on its use: it would, and by default.

    Raises:
        Rejected: it is not installed.
    """
    metrics = torch_models.imported("pyannote.audio.telemetry.metrics")
    metrics.set_telemetry_metrics(False)
    # Its thread would wake up twice a second to find that there is nothing to send.
    metrics.provider.shutdown()
    return torch_models.imported(name)


def checkpoint(source: ModelSource) -> Checkpoint:
    """Finds the files of a segmentation model, or of a pipeline for voice activity that uses one. Blocks.

    Raises:
        Rejected: as `folder_of`, or it is something else.
        TemporarilyUnavailable: as `folder_of`.
    """
    folder = folder_of(source, files=_FILES)
    configured = torch_models.loaded(lambda: _configured(folder), what=source.name, setting=source.setting)
    pipeline = configured.get("pipeline", {})
    if not str(pipeline.get("name", "")).endswith("VoiceActivityDetection"):
        return Checkpoint(_weights(folder, source), {})
    inner = structs.replace(source, name=_inner(folder, pipeline.get("params", {}).get("segmentation", DEFAULT)))
    return Checkpoint(_weights(folder_of(inner, files=_FILES), inner), configured.get("params", {}))


def model(found: Checkpoint, *, device: str, source: ModelSource) -> Any:  # noqa: ANN401 - without types
    """A segmentation model, loaded and ready to judge. Blocks.

    Raises:
        Rejected: the files are not of such a model.
    """
    pyannote = imported()
    torch = torch_models.imported("torch")

    def load() -> Any:  # noqa: ANN401 - without types
        # Not strict: models that were trained long ago carry the weights of their loss with them.
        judge = pyannote.Model.from_pretrained(str(found.weights), strict=False)
        if judge.specifications.resolution.name != "FRAME":
            raise ValueError("it judges no single moments")
        return judge.eval().to(torch.device(device))

    return torch_models.loaded(load, what=source.name, setting=source.setting)


def _configured(folder: Path) -> dict[str, Any]:
    file = folder / "config.yaml"
    if not file.is_file():
        return {}
    yaml = torch_models.imported("yaml")
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{file.name} is no YAML") from error
    return content if isinstance(content, dict) else {}


def _weights(folder: Path, source: ModelSource) -> Path:
    for place in _PLACES:
        if (folder / place).is_file():
            return folder / place
    raise Rejected(f"{source.setting}__MODEL is {source.name!r}, where there is no {' and no '.join(_PLACES)}")


def _inner(folder: Path, segmentation: object) -> str:
    """Where a pipeline says that its model lies: `$model/folder`, or owner/name@revision on the hub."""
    if isinstance(segmentation, Mapping):
        segmentation = segmentation.get("checkpoint", "")
    return str(segmentation).replace("$model", str(folder))
