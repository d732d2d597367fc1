"""What models that run in torch share: the import, the device, errors.

Everything of torch is imported here and only by who opens an adapter that needs it: it costs 2 to 7 seconds of
processor time and 300 to 500 MB of memory.
"""

import importlib
import sys
import threading
import warnings
from collections.abc import Callable
from enum import StrEnum
from pickle import UnpicklingError
from types import ModuleType
from typing import Any, TypeVar

from ports.errors import Rejected, TemporarilyUnavailable

T = TypeVar("T")

INSTALL = "install it with: make torch"
_EXTENSION = "torchaudio._extension"
_one_at_a_time = threading.Lock()
"""Adapters that open side by side would find each other's modules half imported."""
_WRONG_FILES = (
    *(OSError, EOFError, UnpicklingError, ImportError),
    *(RuntimeError, ValueError, TypeError, KeyError, AttributeError),
)
"""What libraries raise over files that are not what they take them for."""


class Device(StrEnum):
    """Where a model runs."""

    AUTO = "auto"
    """On the GPU if there is one that torch can use, else on the processor."""
    CPU = "cpu"
    CUDA = "cuda"


def imported(name: str) -> Any:  # noqa: ANN401 - a module without types
    """A module of torch or of what is built on it. Blocks for seconds the first time.

    Raises:
        Rejected: it is not installed, or is broken.
    """
    try:
        with _one_at_a_time, warnings.catch_warnings():
            # Of their own dependencies; pyannote also warns that it cannot read files, which it is not asked to.
            warnings.simplefilter("ignore")
            _import_torch()
            module = importlib.import_module(name)
            _drop_redirections()
            return module
    except ModuleNotFoundError as error:
        raise Rejected(f"{error.name} is not installed; {INSTALL}") from error
    except (ImportError, OSError) as error:
        raise Rejected(f"{name} cannot be imported: {_first_line(error)}; {INSTALL}") from error


def device_of(choice: Device, *, setting: str) -> str:
    """What torch calls the device that is to be used. Blocks.

    Raises:
        Rejected: a GPU is asked for, and there is none that torch can use.
    """
    there_is_one = imported("torch").cuda.is_available()
    if choice is Device.CUDA and not there_is_one:
        raise Rejected(f"{setting}__DEVICE is cuda, but torch finds no GPU that it can use; expected auto or cpu")
    return "cuda" if there_is_one and choice is not Device.CPU else "cpu"


def loaded(load: Callable[[], T], *, what: str, setting: str) -> T:
    """The result of loading a model.

    Raises:
        Rejected: its files are missing, torn, or of another kind of model.
    """
    try:
        return load()
    except _WRONG_FILES as error:
        reason = f"{type(error).__name__}: {_first_line(error)}"
        raise Rejected(f"{setting}__MODEL is {what!r}, which cannot be loaded ({reason})") from error


def ran(run: Callable[[], T], *, what: str) -> T:
    """The result of running a model.

    Raises:
        TemporarilyUnavailable: it failed, for want of memory most likely.
    """
    try:
        return run()
    except (RuntimeError, MemoryError) as error:
        raise TemporarilyUnavailable(f"{what} failed: {_first_line(error)}") from error


def _drop_redirections() -> None:
    """SpeechBrain leaves modules behind that warn, or import others, when somebody goes through all modules."""
    for name, module in tuple(sys.modules.items()):
        if type(module).__module__ == "speechbrain.utils.importutils":
            del sys.modules[name]


def _import_torch() -> None:
    if "torchaudio" in sys.modules:
        return
    torch = importlib.import_module("torch")
    # One run is one thread: more of them spin while they wait, and hold up the packets of everybody.
    torch.set_num_threads(1)
    try:
        importlib.import_module("torchaudio")
    except (OSError, RuntimeError):
        # Built for another torch: its compiled part does not load. What is used here is its Python part.
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchaudio"]:
            del sys.modules[name]
        sys.modules[_EXTENSION] = _without_extension()
        importlib.import_module("torchaudio")


def _without_extension() -> ModuleType:
    """What torchaudio says of its compiled part where there is none."""
    module: Any = ModuleType(_EXTENSION)
    module._IS_TORCHAUDIO_EXT_AVAILABLE = False  # noqa: SLF001 - its own names
    module._IS_ALIGN_AVAILABLE = False  # noqa: SLF001
    module._check_cuda_version = lambda: None  # noqa: SLF001
    module.fail_if_no_align = lambda function: function
    return module  # type: ignore[no-any-return]


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:200]
