"""Every setting with its value and its source."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from adapters.inbound.command_line.shown_settings import DEFAULT, ShownSetting
from bootstrap.adapters import adapter_class, settings_class
from bootstrap.found_settings import Found, Path_, variable
from bootstrap.settings import CHAINED, DEFAULTS, Settings, is_secret

MASK = "********"
SECTIONS = ("conversation", "integrations", "speech_gate")
PLAIN = {
    ("host",): "host",
    ("port",): "port",
    ("data_dir",): "data_dir",
    ("log_level",): "log_level",
    ("identify_speakers",): "identify_speakers",
    ("authenticator", "trust_uid"): "trust_uid",
    ("speech_to_text", "primed"): "primed",
}
"""Path -> field of Settings."""


def explained(settings: Settings, found: Mapping[Path_, Found]) -> list[ShownSetting]:
    """All settings that have a meaning with the adapters that were chosen.

    Raises:
        WrongSetting: one of an adapter's own is unknown or wrong.
    """
    values = [*_general(settings), *_choices(settings), *_of_adapters(settings)]
    return [
        ShownSetting(variable(path), shown, found[path].source if path in found else DEFAULT) for path, shown in values
    ]


def _general(settings: Settings) -> Iterator[tuple[Path_, str]]:
    for path, name in PLAIN.items():
        yield path, _text(getattr(settings, name))
    for section in SECTIONS:
        yield from _fields(getattr(settings, section), (section,))


def _choices(settings: Settings) -> Iterator[tuple[Path_, str]]:
    for port in DEFAULTS:
        key = "chain" if port in CHAINED else "name"
        yield (port, key), ",".join(settings.names(port))


def _of_adapters(settings: Settings) -> Iterator[tuple[Path_, str]]:
    for port in DEFAULTS:
        for name in settings.names(port):
            own = settings_class(adapter_class(port, name))
            if own is not None:
                yield from _fields(settings.of_adapter(port, name, own), (port, name))


def _fields(values: Any, above: Path_) -> Iterator[tuple[Path_, str]]:  # noqa: ANN401 - any Struct
    for setting in msgspec.structs.fields(values):
        value = getattr(values, setting.name)
        yield (*above, setting.name), MASK if is_secret(setting.type) and value else _text(value)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
