"""Settings: read once, checked, and told where each came from. The only reader of the environment."""

import difflib
import ipaddress
import os
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import Meta, Struct, field

from adapters.inbound.metrics.access import SHORTEST_KEY, MetricsSettings, Readers
from bootstrap.belong_together import mixture, unsealed
from bootstrap.found_settings import Found, Path_, UnreadableSettings, found_settings, variable
from bootstrap.known_settings import (
    CHAINED,
    DEFAULTS,
    PLAIN,
    PRICES,
    SECTIONS,
    SHARED_STORES,
    SHARED_VAULT,
    TELLING,
    known_variables,
)
from bootstrap.registry import REGISTRY
from bootstrap.shared_settings import SHARED, shared_with
from domain.conversation import ConversationRules
from domain.integration import SharedKeys
from domain.plugin_use import UseRates
from domain.rate import RateLimits
from domain.speech_gate import GateSettings


class LogLevel(StrEnum):
    """From which severity on a line is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class WrongSetting(Exception):
    """A setting that stops the start. The message is one line: what was found, and what is expected."""


class Settings(Struct, frozen=True, kw_only=True):
    """Everything that can be set, but for what belongs to one adapter alone."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000
    """0 for any free one."""
    data_dir: Path = Path("data")
    shared_data_dir: bool = False
    """Several servers on this machine have this data folder together, so that what is in its files is common to them.
    Not for network file systems."""
    log_level: LogLevel = LogLevel.INFO
    trust_uid: bool = False
    """Believe a `uid` in the address of a socket, without a token. For apps of 2024 on this machine alone."""
    trust_uid_anywhere: bool = False
    """Do so even where others than this machine reach the server: all of them can be whoever they say."""
    primed: bool = False
    """Play a few seconds of the owner's voice to each connection of a vendor that tells voices apart. Off: voices are
    identified without it, and the vendor bills those seconds."""
    longest_socket: Annotated[float, Meta(ge=0)] = 0.0
    """Seconds after which a live session's socket is closed with 1012, in a pause; the client connects again and goes
    on. For proxies that end sockets after a time: a minute less than theirs. 0: it may last."""
    identify_speakers: bool = True
    """Tell voices apart while a conversation goes on. What has ended is identified in any case."""
    conversation: ConversationRules = ConversationRules()
    speech_gate: GateSettings = GateSettings()
    integrations: SharedKeys = SharedKeys()
    """Keys of the original that open everybody's memories; empty for none."""
    plugin_rates: UseRates = UseRates()
    """What uses of plugins are worth."""
    rate_limits: RateLimits = RateLimits()
    """How often users may ask over HTTP."""
    metrics: MetricsSettings = MetricsSettings()
    """Who may read the numbers of this server."""
    prices: dict[str, float] = field(default_factory=lambda: dict(PRICES))
    """Recognizer -> dollars for an hour of what its vendor bills."""
    chosen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Port -> names of its adapters, in order of preference."""
    adapters: dict[Path_, Found] = field(default_factory=dict)
    """Settings of single adapters, not judged yet: only the adapter's own Struct can."""
    shared: dict[str, dict[str, Found]] = field(default_factory=dict)
    """Section -> what was said there for all adapters that use the same service; an adapter's own wins."""

    def names(self, port: str) -> tuple[str, ...]:
        """The adapters chosen for a port."""
        if port == "vault" and port not in self.chosen and self.telling_store is not None:
            return SHARED_VAULT
        return self.chosen.get(port, (DEFAULTS[port],))

    @property
    def telling_store(self) -> str | None:
        """A port whose store holds what users said and is reached by others than this machine; None: there is none.

        Keys in a folder of one server would be none for the others.
        """
        return next((port for port in TELLING if self.names(port)[0] in SHARED_STORES), None)

    @property
    def has_shared_key(self) -> bool:
        """Whether there is a master key for a vault of many servers."""
        found = self.adapters.get(("vault", *SHARED_VAULT, "master_key"))
        return found is not None and bool(found.value)

    def of_adapter(self, port: str, name: str, kind: type[Any]) -> Any:  # noqa: ANN401 - an instance of `kind`
        """The settings of an adapter.

        Raises:
            WrongSetting: one is unknown or not what it has to be.
        """
        given = {path[2]: found for path, found in self.adapters.items() if path[:2] == (port, name)}
        return _filled(kind, shared_with(name, kind, self.shared) | given, (port, name))


def load(environment: Mapping[str, str] | None = None, *, folder: Path = Path()) -> Settings:
    """Reads `omi.toml`, then `.env`, then the environment; later ones win.

    Raises:
        WrongSetting: the first setting that is unknown or not what it has to be, or does not go with another one.
    """
    return fitting(load_alone(os.environ if environment is None else environment, folder=folder))


def load_alone(environment: Mapping[str, str], *, folder: Path) -> Settings:
    """As `load`, but settings need not go together: for the stores of another program, and for looking at them.

    Raises:
        WrongSetting: the first setting that is unknown or not what it has to be.
    """
    try:
        found = found_settings(environment, folder=folder)
    except UnreadableSettings as error:
        raise WrongSetting(str(error)) from error
    return settings_of(found)


def fitting(settings: Settings) -> Settings:
    """The settings, which go together. Raises WrongSetting."""
    telling = settings.telling_store
    if telling is not None and "vault" not in settings.chosen and not settings.has_shared_key:
        raise WrongSetting(unsealed(telling, settings.names(telling)[0]))
    wrong = mixture(lambda port: settings.names(port)[0], is_folder_shared=settings.shared_data_dir)
    if wrong is not None:
        raise WrongSetting(wrong)
    return settings


def settings_of(found: Mapping[Path_, Found]) -> Settings:
    """Checks what was found."""
    given = _Given()
    for path, value in found.items():
        given.take(path, value)
    sections = {name: _filled(kind, given.sections[name], (name,)) for name, kind in (SECTIONS | SHARED).items()}
    _require_long_key(sections["metrics"])
    return msgspec.structs.replace(
        _of_program(given.plain),
        **{name: sections[name] for name in SECTIONS},
        shared={name: given.sections[name] for name in SHARED},
        prices=PRICES | given.prices,
        chosen=given.chosen,
        adapters=given.adapters,
    )


class _Given:
    """What was found, by what it is about."""

    def __init__(self) -> None:
        self.plain: dict[str, Found] = {}
        self.sections: dict[str, dict[str, Found]] = {name: {} for name in SECTIONS | SHARED}
        self.chosen: dict[str, tuple[str, ...]] = {}
        self.adapters: dict[Path_, Found] = {}
        self.prices: dict[str, float] = {}

    def take(self, path: Path_, found: Found) -> None:
        match path:
            case (name,) if path in PLAIN:
                self.plain[name] = found
            case (_, name) if path in PLAIN:
                self.plain[name] = Found(_converted(path, found, bool), found.source)
            case ("prices", recognizer) if recognizer in REGISTRY["speech_to_text"]:
                self.prices[recognizer] = _converted(path, found, float)
            case (section, name) if section in self.sections:
                self.sections[section][name] = found
            case (port, "chain") if port in CHAINED:
                self.chosen[port] = _choice(path, found)
            case (port, "name") if port in REGISTRY:
                self.chosen[port] = _choice(path, found)
            case (port, adapter, _) if adapter in REGISTRY.get(port, ()):
                self.adapters[path] = found
            case _:
                raise _unknown(path, found)


def _of_program(plain: Mapping[str, Found]) -> Settings:
    values: Settings = _filled(Settings, plain, ())
    if values.trust_uid and not values.trust_uid_anywhere:
        _require_loopback(values.host, trusted_by=plain["trust_uid"])
    return values


def _require_long_key(metrics: MetricsSettings) -> None:
    name = variable(("metrics", "key"))
    if metrics.key and len(metrics.key) < SHORTEST_KEY:
        raise WrongSetting(f"{name} is a secret of {len(metrics.key)} characters; expected {SHORTEST_KEY} or more")
    if metrics.readers is Readers.KEY and not metrics.key:
        raise WrongSetting(f"{name} is not set; expected a secret, as OMI_METRICS__READERS is key")


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
        raise WrongSetting(f"{variable(path)} is {shown} ({found.source}); expected {_expected(kind)}") from error


def _expected(kind: Any) -> str:  # noqa: ANN401 - any annotation
    """A type in words."""
    plain = (get_origin(kind) is Annotated and get_args(kind)[0]) or kind
    if isinstance(plain, type) and issubclass(plain, StrEnum):
        return f"one of: {', '.join(plain)}"
    words = {int: "a whole number", float: "a number", bool: "true or false"}.get(plain, f"a value of type {plain}")
    limits = [meta for meta in getattr(kind, "__metadata__", ()) if isinstance(meta, Meta) and meta.le is not None]
    return f"{words} from {limits[0].ge} to {limits[0].le}" if limits else words


def is_secret(kind: Any) -> bool:  # noqa: ANN401 - any annotation
    """Whether a setting of this type must not be shown."""
    return any((getattr(meta, "extra", None) or {}).get("secret") for meta in getattr(kind, "__metadata__", ()))


def _decode(kind: type[Any], value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise NotImplementedError(kind)


def _unknown(path: Path_, found: Found, near: list[str] | None = None) -> WrongSetting:
    known = [variable((*path[:-1], name)) for name in near] if near is not None else known_variables()
    close = difflib.get_close_matches(variable(path), known, n=1, cutoff=0.6)
    hint = f"; did you mean {close[0]}?" if close else f"; expected one of: {', '.join(known[:12])}"
    return WrongSetting(f"{variable(path)} ({found.source}) is not a setting{hint}")
