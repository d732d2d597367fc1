"""What lies in a ZIP file of unknown origin, looked at before anything of it is unpacked."""

import stat
import zipfile
from collections.abc import Sequence

from adapters.outbound.archive.entry_names import checked
from ports.errors import Rejected

MOST_FILES = 2_000_000
LARGEST_GROWTH = 400
"""Times that a large file may be larger than it lies there. What people say grows to four or five times that."""
_LARGE = 16 << 20
"""Bytes from which on growth is looked at."""
_ENCRYPTED = 0x1
_KNOWN = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def files_of(entries: Sequence[zipfile.ZipInfo], *, size: int) -> dict[str, zipfile.ZipInfo]:
    """The files by name, in order; folders are passed over.

    Args:
        entries: what the directory of the ZIP file tells.
        size: of the ZIP file, bytes.

    Raises:
        Rejected: something in it would do harm, or is not to be read here.
    """
    if len(entries) > MOST_FILES:
        raise Rejected(f"the archive holds {len(entries):,} files; {MOST_FILES:,} are taken at most")
    if sum(entry.compress_size for entry in entries) > size:
        raise Rejected("the archive holds files that overlap: it is built to grow beyond all measure")
    files: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        name = checked(entry.orig_filename.removesuffix("/"))
        _require_plain(entry, name)
        if not entry.is_dir():
            if name in files:
                raise Rejected(f"the archive holds two files named {name!r}")
            files[name] = entry
    return files


def _require_plain(entry: zipfile.ZipInfo, name: str) -> None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise Rejected(f"the archive holds a link or a device: {name!r}")
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _KNOWN:
        raise Rejected(f"the archive holds a file that is packed in an unknown way: {name!r}")
    if entry.file_size > max(_LARGE, LARGEST_GROWTH * entry.compress_size):
        raise Rejected(f"the archive holds a file that grows beyond all measure: {name!r}")
