"""Codecs that are shared libraries: taken from a wheel, of which no code is imported, or else from the system."""

import ctypes
import ctypes.util
import importlib.util
from pathlib import Path

from ports.errors import Rejected


def shared_library(name: str, *, wheel: str, package: str, pattern: str) -> ctypes.PyDLL:
    """A library that keeps the interpreter's lock during a call.

    A packet takes ten microseconds, and getting the lock back from a busy thread may take five milliseconds.

    Args:
        name: what the system calls it, without `lib`.
        wheel: what to install where there is none.
        package: what the wheel is imported as.
        pattern: which file beside the package, or within, it is.

    Raises:
        Rejected: there is none, or it cannot be loaded.
    """
    path = _bundled(package, pattern) or ctypes.util.find_library(name)
    if path is None:
        raise Rejected(f"lib{name} is not installed: pip install {wheel}")
    try:
        return ctypes.PyDLL(path)
    except OSError as error:
        raise Rejected(f"lib{name} cannot be loaded from {path}: {error}") from error


def _bundled(package: str, pattern: str) -> str | None:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    found = sorted(Path(spec.origin).parent.glob(pattern))
    return next((str(path) for path in found if path.is_file()), None)
