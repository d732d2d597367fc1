"""Where everything lies that belongs to one user, so that forgetting a user is removing one folder."""

from pathlib import Path

from adapters.outbound.keys import file_name
from domain.ids import UserId

USERS = "users"
PRIVATE = 0o700
"""Mode of folders: nobody else on the machine looks into them."""


def user_folder(data_dir: Path, user: UserId) -> Path:
    """The folder of a user: a direct child of `data_dir / "users"`, whatever the identifier looks like.

    Its name is the SHA-256 of the identifier. The folder need not exist; `create` makes it.
    """
    return data_dir / USERS / file_name(user)


def create(folder: Path) -> None:
    """Makes a folder and those above it, where they are missing.

    Raises:
        OSError: as `Path.mkdir`.
    """
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=PRIVATE, exist_ok=True)
