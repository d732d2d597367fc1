"""Files of a model: in a folder of this machine, or fetched from the Hugging Face hub once."""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct

from adapters.outbound import torch_models
from adapters.outbound.secret import Secret
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable

_HUB_NAME = re.compile(r"([\w-][\w.-]*/[\w.-]+)(?:@([\w./-]+))?")
"""owner/name, or owner/name@revision."""


class ModelSource(Struct, frozen=True, kw_only=True):
    """Where a model is to be had."""

    name: str
    """A folder, or what the hub calls it."""
    token: Secret = ""
    """For the hub. Empty: what `hf auth login` left on this machine, if anything."""
    setting: str
    """The adapter's variables start with it."""


def folder_of(source: ModelSource, *, files: Sequence[str]) -> Path:
    """The folder with a model's files. Blocks; what the hub gave once is not asked for again.

    Args:
        source: where to look.
        files: patterns of the files that are needed from the hub.

    Raises:
        Rejected: there is no such folder and no such model, or the hub wants a token or its conditions accepted.
        TemporarilyUnavailable: the hub cannot be reached, and it has not given the model before.
    """
    folder = Path(source.name).expanduser()
    if source.name and folder.is_dir():
        return folder.absolute()
    name = _HUB_NAME.fullmatch(source.name)
    if name is None:
        raise Rejected(
            f"{source.setting}__MODEL is {source.name!r}; expected a folder that exists, or a hub's owner/name"
        )
    errors = torch_models.imported("huggingface_hub.errors")
    torch_models.imported("huggingface_hub.utils").disable_progress_bars()
    fetch = partial(
        torch_models.imported("huggingface_hub").snapshot_download,
        name[1],
        revision=name[2],
        allow_patterns=list(files),
    )
    try:
        try:
            fetched = fetch(local_files_only=True)
        except errors.LocalEntryNotFoundError:
            fetched = fetch(token=source.token or None)
    except (OSError, errors.HTTPError, ValueError) as error:
        raise refusal(error, source) from error
    return Path(fetched)


def refusal(error: Exception, source: ModelSource) -> AdapterError:
    """An error of the hub's client in one line that says what to set."""
    errors = torch_models.imported("huggingface_hub.errors")
    wanted = f"{source.setting}__MODEL is {source.name!r}"
    token = f"{source.setting}__TOKEN"
    if isinstance(error, errors.GatedRepoError):
        page = f"hf.co/{source.name.partition('@')[0]}"
        return Rejected(
            f"{wanted}, which the hub gives to those who accepted its conditions: at {page}, then set {token}"
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return Rejected(f"{wanted}, but the model has no such revision")
    if isinstance(error, errors.RepositoryNotFoundError | errors.HFValidationError):
        return Rejected(f"{wanted}: no such folder, and the hub knows no such model or wants another {token}")
    if torch_models.imported("huggingface_hub.constants").is_offline_mode():
        return Rejected(f"{wanted}, which is not on this machine, and the hub is switched off (HF_HUB_OFFLINE)")
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in {401, 403}:
        return Rejected(f"{wanted}: the hub refused the token ({status}); set {token}")
    reason = f"answered {status}" if status else "cannot be reached"
    return TemporarilyUnavailable(f"{wanted}: no such folder, and the hub {reason}; try again or name a folder")
