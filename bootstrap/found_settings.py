"""Settings as they are found: in `omi.toml`, in `.env`, in the environment. What they mean, settings.py knows."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

PREFIX = "OMI_"
SETTINGS_FILE = "omi.toml"
ENVIRONMENT_FILE = ".env"

Path_ = tuple[str, ...]
"""Of a setting: `("speech_to_text", "deepgram", "url")` is `OMI_SPEECH_TO_TEXT__DEEPGRAM__URL`."""


class UnreadableSettings(Exception):
    """A file of settings that cannot be read. The message is one line."""


class Found(Struct, frozen=True):
    """A setting as it was found."""

    value: object
    source: str
    """Where: `environment`, `.env`, `omi.toml`."""


def variable(path: Path_) -> str:
    """The environment variable of a setting."""
    return PREFIX + "__".join(path).upper()


def found_settings(environment: Mapping[str, str], *, folder: Path) -> dict[Path_, Found]:
    """Everything that was set, and where."""
    found: dict[Path_, Found] = {}
    toml = folder / SETTINGS_FILE
    if toml.is_file():
        found |= {path: Found(value, SETTINGS_FILE) for path, value in _flat(_parsed(toml)).items()}
    dotenv = folder / ENVIRONMENT_FILE
    if dotenv.is_file():
        found |= _variables(_assignments(dotenv), ENVIRONMENT_FILE)
    return found | _variables(environment, "environment")


def _variables(environment: Mapping[str, str], source: str) -> dict[Path_, Found]:
    return {
        tuple(name.removeprefix(PREFIX).lower().split("__")): Found(value, source)
        for name, value in environment.items()
        if name.startswith(PREFIX) and not name.startswith("OMI_TEST_")
    }


def _assignments(file: Path) -> dict[str, str]:
    lines = (line.strip().removeprefix("export ") for line in file.read_text().splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, sign, value in pairs if sign}


def _parsed(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text())
    except tomllib.TOMLDecodeError as error:
        raise UnreadableSettings(f"{file.name} is not TOML: {error}") from error


def _flat(table: Mapping[str, Any], above: Path_ = ()) -> dict[Path_, Any]:
    flat: dict[Path_, Any] = {}
    for name, value in table.items():
        path = (*above, name.lower())
        flat |= _flat(value, path) if isinstance(value, dict) else {path: _joined(value)}
    return flat


def _joined(value: object) -> object:
    return ",".join(map(str, value)) if isinstance(value, list) else value
