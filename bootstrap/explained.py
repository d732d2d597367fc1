"""Every setting with its value and its source."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from adapters.inbound.command_line.shown_settings import DEFAULT, ShownSetting
from bootstrap.adapters import adapter_class, settings_class
from bootstrap.found_settings import Found, Path_, variable
from bootstrap.known_settings import CHAINED, DEFAULTS, PLAIN, SECTIONS, SHARED_VAULT
from bootstrap.settings import Settings, is_secret
from bootstrap.shared_settings import SHARED, falls_back_to

MASK = "********"
_FOLLOWS: dict[Path_, Path_] = {("vault", "name"): ("vault", *SHARED_VAULT, "master_key")}
"""What is chosen by another setting, where it is not set."""


def explained(settings: Settings, found: Mapping[Path_, Found]) -> list[ShownSetting]:
    """All settings that have a meaning with the adapters that were chosen.

    Raises:
        WrongSetting: one of an adapter's own is unknown or wrong.
    """
    return [
        *(_row(path, shown, found) for path, shown in _general(settings)),
        *(_row(path, shown, found, shared=_FOLLOWS.get(path)) for path, shown in _choices(settings)),
        *_of_adapters(settings, found),
    ]


def _general(settings: Settings) -> Iterator[tuple[Path_, str]]:
    for path, name in PLAIN.items():
        yield path, _text(getattr(settings, name))
    for section in SECTIONS:
        yield from _fields(getattr(settings, section), (section,))
    for section, given in settings.shared.items():
        for name, found in given.items():
            secret = any(one.name == name and is_secret(one.type) for one in msgspec.structs.fields(SHARED[section]))
            yield (section, name), MASK if secret else _text(found.value)


def _choices(settings: Settings) -> Iterator[tuple[Path_, str]]:
    for port in DEFAULTS:
        key = "chain" if port in CHAINED else "name"
        yield (port, key), ",".join(settings.names(port))


def _of_adapters(settings: Settings, found: Mapping[Path_, Found]) -> Iterator[ShownSetting]:
    for port in DEFAULTS:
        for name in settings.names(port):
            own = settings_class(adapter_class(port, name))
            if own is None:
                continue
            for path, shown in _fields(settings.of_adapter(port, name, own), (port, name)):
                yield _row(path, shown, found, shared=falls_back_to(name, path[2], own))


def _row(path: Path_, shown: str, found: Mapping[Path_, Found], *, shared: Path_ | None = None) -> ShownSetting:
    if path in found:
        return ShownSetting(variable(path), shown, found[path].source)
    return ShownSetting(variable(path), shown, variable(shared) if shared in found and shared else DEFAULT)


def _fields(values: Any, above: Path_) -> Iterator[tuple[Path_, str]]:  # noqa: ANN401 - any Struct
    for setting in msgspec.structs.fields(values):
        value = getattr(values, setting.name)
        yield (*above, setting.name), MASK if is_secret(setting.type) and value else _text(value)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
