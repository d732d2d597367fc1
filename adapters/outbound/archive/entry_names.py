"""Names of files in archives: what may be unpacked anywhere without harm."""

from ports.errors import Rejected

_LONGEST = 400
"""Characters. Those that we give are far shorter."""


def checked(name: str) -> str:
    """The name, if it leads nowhere but below the folder where it is unpacked.

    Raises:
        Rejected: it is absolute, leads upwards, or is no name on some system.
    """
    parts = name.split("/")
    strange = "\\" in name or ":" in name or any(ord(letter) < ord(" ") for letter in name)
    if strange or len(name) > _LONGEST or any(part in {"", ".", ".."} for part in parts):
        raise Rejected(f"the archive holds a file with an unsafe name: {name[:80]!r}")
    return name
