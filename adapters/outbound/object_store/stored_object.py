"""Objects as files: a short header with the key, then the content. A file appears whole or not at all."""

import contextlib
import os
import struct
import tempfile
import time
from pathlib import Path

from adapters.outbound.keys import file_name, key_bytes, key_text
from adapters.outbound.user_folder import create
from ports.errors import TemporarilyUnavailable

_MARK = b"OMIOBJ1\n"
_HEADER = struct.Struct(f">{len(_MARK)}sI")
"""The mark and the length of the key in bytes; the key follows."""
_INCOMING = "incoming"
_FORGOTTEN = 3600.0
"""Seconds after which a file that is still incoming belongs to a process that was killed."""


def place(folder: Path, key: str) -> Path:
    """Where an object lies."""
    return folder / file_name(key)


def is_place(name: str) -> bool:
    """Whether a file of this name may be an object."""
    return len(name) == len(file_name(""))


def write(folder: Path, key: str, content: bytes) -> None:
    """Puts an object in its place. When this returns it is on the disk. Raises OSError."""
    incoming = folder / _INCOMING
    create(folder)
    create(incoming)
    _remove_forgotten(incoming)
    handle, name = tempfile.mkstemp(dir=incoming)
    try:
        with os.fdopen(handle, "wb") as file:
            name_bytes = key_bytes(key)
            file.write(_HEADER.pack(_MARK, len(name_bytes)) + name_bytes)
            file.write(content)
            file.flush()
            os.fsync(handle)
        Path(name).replace(place(folder, key))
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _make_lasting(folder)


def read(path: Path) -> bytes:
    """The content of an object. Raises OSError, TemporarilyUnavailable."""
    with path.open("rb") as file:
        file.seek(_key_length(path, file.read(_HEADER.size)), os.SEEK_CUR)
        return file.read()


def key_of(path: Path) -> str:
    """The key of an object. Raises OSError, TemporarilyUnavailable."""
    with path.open("rb") as file:
        return key_text(file.read(_key_length(path, file.read(_HEADER.size))))


def remove(folder: Path, key: str) -> None:
    """Takes an object away for good; nothing happens when there is none. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        place(folder, key).unlink()
        _make_lasting(folder)


def _key_length(path: Path, content: bytes) -> int:
    if len(content) < _HEADER.size:
        raise TemporarilyUnavailable(f"the object {path.name[:12]} is damaged: it has no header")
    mark, length = _HEADER.unpack_from(content)
    if mark != _MARK:
        raise TemporarilyUnavailable(f"the object {path.name[:12]} is damaged: its header is another program's")
    return int(length)


def _make_lasting(folder: Path) -> None:
    """Writes the folder's list of names to the disk, where the system can."""
    if os.name == "nt":  # Windows opens no folders
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_forgotten(incoming: Path) -> None:
    for path in incoming.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another put has finished meanwhile
            if path.stat().st_mtime < time.time() - _FORGOTTEN:
                path.unlink()
