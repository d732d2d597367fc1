"""A server's own file of a journal that several servers share: the same bytes as the copy, or more at the end."""

import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from adapters.outbound.capture_journal.forks import Fork
from adapters.outbound.capture_journal.journal_format import (
    LARGEST_HEADER,
    NewerJournal,
    decode_header,
    encode_header,
)
from adapters.outbound.user_folder import create
from domain.ids import ConversationId

_COMPARED = 1 << 20
FETCHED, BEHIND = ".fetched", ".behind"
FORGOTTEN_SECONDS = 600.0
"""After which nobody adds to what was fetched any more: whoever did was killed."""


class LocalCopy(Struct, frozen=True, kw_only=True):
    """What a file says about itself."""

    conversation: ConversationId
    opened: int
    """Microseconds since 1970."""
    header: int
    """Bytes in front of the records."""
    size: int
    """Bytes of records; the last may be torn."""


def local_copy(path: Path) -> LocalCopy | None:
    """What there is of a journal; None when there is no file, or none that can be read.

    Raises:
        OSError: not now.
    """
    try:
        with path.open("rb") as file:
            header = decode_header(file.read(LARGEST_HEADER))
            size = file.seek(0, os.SEEK_END)
    except (FileNotFoundError, NewerJournal):
        return None
    if header is None:
        return None
    opened = header.opened_at // 1_000
    return LocalCopy(conversation=header.conversation, opened=opened, header=header.size, size=size - header.size)


def begin_fetched(path: Path, conversation: ConversationId, *, opened: int) -> Path:
    """A file beside the one of a journal, for what other servers wrote: each time another one. Raises OSError."""
    create(path.parent)
    fetched = path.with_suffix(f".{secrets.token_hex(8)}{FETCHED}")
    fetched.touch(mode=0o600)
    fetched.write_bytes(encode_header(conversation, opened_at=opened * 1_000))
    return fetched


def add_fetched(fetched: Path, piece: bytes) -> None:
    """Adds to it. Raises OSError."""
    with fetched.open("ab") as file:
        file.write(piece)


def settle_fetched(path: Path, fetched: Path) -> None:
    """Makes of a file and what was fetched one file that begins with all that was fetched.

    What this server wrote beyond it stays, if it goes on where that ends. If somebody else went on there, it is put
    aside: nothing that was written is thrown away. Several may do so at once.

    Raises:
        OSError: not now; try again.
    """
    with _alone(path.parent):
        mine, others = local_copy(path), local_copy(fetched)
        if mine is not None and others is not None and mine.opened == others.opened:
            common = _common(path, mine, fetched, others)
            if common == others.size:
                fetched.unlink()
                return
            if common < mine.size:
                path.rename(_aside(path, mine, shared=common))
        elif mine is not None:
            path.rename(_aside(path, mine, shared=0))
        fetched.rename(path)


def remove_forgotten(folder: Path) -> None:
    """Removes what was fetched and never made a journal of. Raises OSError."""
    for path in folder.glob(f"*{FETCHED}"):
        if time.time() - path.stat().st_mtime > FORGOTTEN_SECONDS:
            path.unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keeps everybody else from making journals of what they fetched meanwhile. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def drop(path: Path, forks: Iterable[Fork]) -> None:
    """Removes a file of a journal that is gone, or goes on elsewhere; one with a tail that nobody has is put aside.

    Raises:
        OSError: not now.
    """
    mine = local_copy(path)
    shared = None if mine is None else _followed(path, mine, forks)
    if mine is not None and shared is not None:
        path.rename(_aside(path, mine, shared=shared))
    else:
        path.unlink(missing_ok=True)


def shared_of(behind: Path) -> int:
    """Bytes of records at the beginning of a file that was put aside which others have, too."""
    return int(behind.name.split(".")[1])


def _aside(path: Path, mine: LocalCopy, *, shared: int) -> Path:
    """Where a file goes of which others have but the beginning. A second one of a conversation has another name."""
    return path.with_name(f"{path.stem}.{shared}.{mine.size}{BEHIND}")


def _followed(path: Path, mine: LocalCopy, forks: Iterable[Fork]) -> int | None:
    """Bytes of records after which somebody else went on; None where all that is here is in the journal."""
    with path.open("rb") as file:
        for fork in forks:
            if mine.size <= fork.offset:
                continue
            file.seek(mine.header + fork.offset)
            if not fork.length or hashlib.sha1(file.read(fork.length)).hexdigest() != fork.digest:  # noqa: S324
                return fork.offset
    return None


def _common(one: Path, mine: LocalCopy, two: Path, others: LocalCopy) -> int:
    """Bytes of records with which both begin."""
    at = 0
    with one.open("rb") as first, two.open("rb") as second:
        first.seek(mine.header)
        second.seek(others.header)
        while True:
            here, there = first.read(_COMPARED), second.read(_COMPARED)
            if here != there or not here:
                shorter = min(len(here), len(there))
                return at + next((place for place in range(shorter) if here[place] != there[place]), shorter)
            at += len(here)
