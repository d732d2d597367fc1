"""Identifiers as names of Firestore documents, which may not hold just anything.

Identifiers of the usual kinds (UUIDs, Firebase's users) stay as they are. What must be written otherwise is written so
that names still sort as the identifiers do:

- `/` becomes `.~`, and `.` becomes `.,`, so that neither `.` nor `..` is ever a name;
- a space becomes "space and a backquote", a control character becomes a space and the character 64 places behind it;
- the empty identifier, and those that begin with `__` (some are reserved), get a space and `!` at their end;
- of one that would be longer than a name may be, the first part is kept, then a space and `#`, then its SHA-256.
"""

import hashlib

from ports.errors import Rejected

LONGEST = 1_500
"""Bytes of a name."""
_KEPT = 1_400
_END, _CUT = " !", " #"
_ESCAPES = {ord("/"): ".~", ord("."): ".,", ord(" "): " `"} | {code: f" {chr(code + 64)}" for code in range(32)}


def is_nameable(identifier: str) -> bool:
    """Whether there can be a document for an identifier."""
    try:
        document_name(identifier)
    except Rejected:
        return False
    return True


def document_name(identifier: str) -> str:
    """The name of the document for an identifier: each has its own, in the same order (but for very long ones).

    Raises:
        Rejected: it is not valid Unicode.
    """
    name = identifier.translate(_ESCAPES)
    if not name or name.startswith("__"):
        name += _END
    try:
        content = name.encode()
    except UnicodeEncodeError as error:
        raise Rejected("an identifier is not valid Unicode") from error
    if len(content) <= LONGEST:
        return name
    kept = content[:_KEPT].decode(errors="ignore")
    return f"{kept}{_CUT}{hashlib.sha256(content).hexdigest()}"
