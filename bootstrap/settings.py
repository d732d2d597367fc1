"""Settings: read once, checked, and told where each came from. The only reader of the environment."""

import difflib
import ipaddress
import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from bootstrap.registry import REGISTRY
from domain.conversation import ConversationRules
from domain.speech_gate import GateSettings

PREFIX = "OMI_"
SETTINGS_FILE = "omi.toml"
ENVIRONMENT_FILE = ".env"

Path_ = tuple[str, ...]
"""Of a setting: `("speech_to_text", "deepgram", "url")` is `OMI_SPEECH_TO_TEXT__DEEPGRAM__URL`."""

DEFAULTS: dict[str, str] = {
    "audio_decoder": "libopus",
    "voice_activity_detector": "silero",
    "speech_to_text": "moonshine",
    "batch_speech_to_text": "moonshine",
    "speaker_encoder": "wespeaker",
    "text_embedder": "minilm",
    "language_model": "extractive",
    "memory_repository": "sqlite",
    "people": "sqlite",
    "facts": "sqlite",
    "chat_history": "sqlite",
    "key_value_store": "sqlite",
    "object_store": "files",
    "text_index": "sqlite",
    "vector_index": "sqlite",
    "usage_ledger": "sqlite",
    "capture_journal": "files",
    "job_queue": "sqlite",
    "event_bus": "local",
    "authenticator": "local",
    "notifier": "log",
    "clock": "system",
}
"""Port -> the adapter that is used when nothing is said: everything on this machine."""


PRICES = {"deepgram": 0.288, "soniox": 0.12, "speechmatics": 0.24}
"""Dollars an hour, as published in the middle of 2026; `OMI_PRICES__DEEPGRAM=...` says otherwise."""


class WrongSetting(Exception):
    """A setting that stops the start. The message is one line: what was found, and what is expected."""


class Found(Struct, frozen=True):
    """A setting as it was found."""

    value: object
    source: str
    """Where: `environment`, `.env`, `omi.toml`."""


class Settings(Struct, frozen=True, kw_only=True):
    """Everything that can be set, but for what belongs to one adapter alone."""

    host: str = "127.0.0.1"
    port: int = 8000
    data_dir: Path = Path("data")
    log_level: str = "info"
    trust_uid: bool = False
    """Believe a `uid` in the address of a socket, without a token. For apps of 2024 on this machine alone."""
    conversation: ConversationRules = ConversationRules()
    speech_gate: GateSettings = GateSettings()
    prices: dict[str, float] = field(default_factory=lambda: dict(PRICES))
    """Recognizer -> dollars for an hour of what its vendor bills."""
    chosen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Port -> names of its adapters, in order of preference."""
    adapters: dict[Path_, Found] = field(default_factory=dict)
    """Settings of single adapters, not judged yet: only the adapter's own Struct can."""

    def names(self, port: str) -> tuple[str, ...]:
        """The adapters chosen for a port."""
        return self.chosen.get(port, (DEFAULTS[port],))

    def of_adapter(self, port: str, name: str, kind: type[Any]) -> Any:  # noqa: ANN401 - an instance of `kind`
        """The settings of an adapter.

        Raises:
            WrongSetting: one is unknown or not what it has to be.
        """
        given = {path[2]: found for path, found in self.adapters.items() if path[:2] == (port, name)}
        return _filled(kind, given, (port, name))


def variable(path: Path_) -> str:
    """The environment variable of a setting."""
    return PREFIX + "__".join(path).upper()


def load(environment: Mapping[str, str] | None = None, *, folder: Path = Path()) -> Settings:
    """Reads `omi.toml`, then `.env`, then the environment; later ones win.

    Raises:
        WrongSetting: the first setting that is unknown or not what it has to be.
    """
    return settings_of(found_settings(os.environ if environment is None else environment, folder=folder))


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


def settings_of(found: Mapping[Path_, Found]) -> Settings:
    """Checks what was found."""
    plain: dict[str, Found] = {}
    sections: dict[str, dict[str, Found]] = {"conversation": {}, "speech_gate": {}}
    chosen: dict[str, tuple[str, ...]] = {}
    adapters: dict[Path_, Found] = {}
    prices = dict(PRICES)
    for path, value in found.items():
        match path:
            case ("authenticator", "trust_uid"):
                plain["trust_uid"] = value
            case (name,) if name in _PLAIN:
                plain[name] = value
            case ("prices", recognizer) if recognizer in REGISTRY["speech_to_text"]:
                prices[recognizer] = _converted(path, value, float)
            case (section, name) if section in sections:
                sections[section][name] = value
            case ("speech_to_text", "chain") | (_, "name") if path[0] in REGISTRY:
                chosen[path[0]] = _choice(path, value)
            case (port, adapter, _) if adapter in REGISTRY.get(port, ()):
                adapters[path] = value
            case _:
                raise _unknown(path, value)
    values = _of_program(plain)
    return msgspec.structs.replace(
        values,
        conversation=_filled(ConversationRules, sections["conversation"], ("conversation",)),
        speech_gate=_filled(GateSettings, sections["speech_gate"], ("speech_gate",)),
        prices=prices,
        chosen=chosen,
        adapters=adapters,
    )


_PLAIN = ("host", "port", "data_dir", "log_level")


def _of_program(plain: Mapping[str, Found]) -> Settings:
    values: Settings = _filled(Settings, plain, ())
    if values.trust_uid:
        _require_loopback(values.host, trusted_by=plain["trust_uid"])
    return values


def _require_loopback(host: str, *, trusted_by: Found) -> None:
    """Everybody who reaches the server could say that they are anybody: so nobody but this machine may reach it."""
    with suppress(ValueError):
        if host == "localhost" or ipaddress.ip_address(host).is_loopback:
            return
    name = variable(("authenticator", "trust_uid"))
    raise WrongSetting(f"{name} is true ({trusted_by.source}); expected OMI_HOST to be 127.0.0.1 then, not {host!r}")


def _choice(path: Path_, found: Found) -> tuple[str, ...]:
    names = tuple(name.strip() for name in str(found.value).split(",") if name.strip())
    known = REGISTRY[path[0]]
    for name in names or ("",):
        if name not in known:
            raise WrongSetting(
                f"{variable(path)} is {name!r} ({found.source}); expected one of: {', '.join(sorted(known))}"
            )
    return names


def _filled(kind: type[Any], given: Mapping[str, Found], where: Path_) -> Any:  # noqa: ANN401 - an instance of `kind`
    fields = {f.name: f for f in msgspec.structs.fields(kind)}
    values = {}
    for name, found in given.items():
        if name not in fields:
            raise _unknown((*where, name), found, near=list(fields))
        values[name] = _converted((*where, name), found, fields[name].type)
    return kind(**values)


def _converted(path: Path_, found: Found, kind: Any) -> Any:  # noqa: ANN401 - a value of `kind`
    try:
        return msgspec.convert(found.value, kind, strict=False, dec_hook=_decode)
    except msgspec.ValidationError as error:
        shown = "a secret" if is_secret(kind) else repr(found.value)
        expected = str(error).lower().removeprefix("expected ")
        raise WrongSetting(f"{variable(path)} is {shown} ({found.source}); expected {expected}") from error


def is_secret(kind: Any) -> bool:  # noqa: ANN401 - any annotation
    """Whether a setting of this type must not be shown."""
    return any((getattr(meta, "extra", None) or {}).get("secret") for meta in getattr(kind, "__metadata__", ()))


def _decode(kind: type[Any], value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise NotImplementedError(kind)


def _unknown(path: Path_, found: Found, near: list[str] | None = None) -> WrongSetting:
    known = [variable((*path[:-1], name)) for name in near] if near is not None else _known_variables()
    close = difflib.get_close_matches(variable(path), known, n=1, cutoff=0.6)
    hint = f"; did you mean {close[0]}?" if close else f"; expected one of: {', '.join(known[:12])}"
    return WrongSetting(f"{variable(path)} ({found.source}) is not a setting{hint}")


def _known_variables() -> list[str]:
    sections: dict[str, type[Struct]] = {"conversation": ConversationRules, "speech_gate": GateSettings}
    return [
        *(variable((name,)) for name in _PLAIN),
        variable(("authenticator", "trust_uid")),
        variable(("speech_to_text", "chain")),
        *(variable((port, "name")) for port in REGISTRY if port != "speech_to_text"),
        *(variable((s, f.name)) for s, kind in sections.items() for f in msgspec.structs.fields(kind)),
    ]


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
        raise WrongSetting(f"{file.name} is not TOML: {error}") from error


def _flat(table: Mapping[str, Any], above: Path_ = ()) -> dict[Path_, Any]:
    flat: dict[Path_, Any] = {}
    for name, value in table.items():
        path = (*above, name.lower())
        flat |= _flat(value, path) if isinstance(value, dict) else {path: _joined(value)}
    return flat


def _joined(value: object) -> object:
    return ",".join(map(str, value)) if isinstance(value, list) else value
