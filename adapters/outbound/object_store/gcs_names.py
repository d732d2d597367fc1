"""What objects are called in Cloud Storage: `user/key`, as Omi's own backend has it, wherever that can be a name.

Servers and proxies on the way tidy up paths, so nothing is left in them that could be tidied: a segment that is empty
or made of dots gets a name of its own, and what is no plain character is written as in an address.
"""

import hashlib
from urllib.parse import quote, unquote_to_bytes

from adapters.outbound.keys import key_bytes, key_text

_SPECIAL = {"": "=empty", ".": "=dot", "..": "=dots"}
"""Segments with another name. An equals sign within a segment is never left as it is, so there are no others of it."""
_PLAIN = {name: segment for segment, name in _SPECIAL.items()}
_PLAIN_CHARACTERS = " "
_LONGEST_USER = 300
_LONGEST_KEY = 640
"""Characters; with the user and a hash it stays below the 1,024 bytes that a name may have."""
_HASHED = "=long-"


def name_of(user: str, key: str) -> str:
    """The name of an object."""
    written = "/".join(map(_written, key.split("/")))
    if len(written) > _LONGEST_KEY:
        written = written[:_LONGEST_KEY] + _HASHED + hashlib.sha256(key_bytes(key)).hexdigest()
    return folder_of(user) + written


def folder_of(user: str) -> str:
    """What the names of a user's objects begin with."""
    written = _SPECIAL.get(user) or quote(key_bytes(user), safe=_PLAIN_CHARACTERS)
    if len(written) > _LONGEST_USER:
        written = _HASHED + hashlib.sha256(key_bytes(user)).hexdigest()
    return written + "/"


def prefix_of(user: str, prefix: str) -> str:
    """What the names begin with of all objects whose keys begin with a prefix, and perhaps of others."""
    *folders, last = prefix.split("/")
    rest = "" if last in _SPECIAL else _written(last)  # of a dot it is not known whether more follows
    return folder_of(user) + "/".join([*map(_written, folders), rest])[:_LONGEST_KEY]


def is_whole(name: str) -> bool:
    """Whether the key can be read from the name. Of a long one there is only the beginning."""
    return _HASHED not in name.partition("/")[2]


def key_of(name: str) -> str:
    """The key that a whole name was made of."""
    _, _, written = name.partition("/")
    return "/".join(_PLAIN[part] if part in _PLAIN else key_text(unquote_to_bytes(part)) for part in written.split("/"))


def _written(segment: str) -> str:
    return _SPECIAL.get(segment) or quote(key_bytes(segment), safe=_PLAIN_CHARACTERS)
