"""`docs/settings.md`: every setting there is, written from the Structs that read them. `make settings`."""

import ast
import importlib
import inspect
import sys
import textwrap
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Meta, Struct

from bootstrap.adapters import adapter_class, settings_class
from bootstrap.found_settings import Path_, variable
from bootstrap.known_settings import CHAINED, DEFAULTS, PLAIN, PRICES, SECTIONS
from bootstrap.registry import REGISTRY
from bootstrap.settings import Settings, is_secret
from bootstrap.shared_settings import SHARED, falls_back_to, section_of

_INTRODUCTION = """
# Settings

Every setting there is. This page is written from the program by `make settings`, and a test holds it to that.

A setting is an environment variable, or a line `NAME=value` in `.env`, or an entry in `omi.toml`, where
`OMI_JOB_QUEUE__REDIS__URL` is `url` in the table `[job_queue.redis]`. Of several places the first one in this order
counts: the environment, `.env`, `omi.toml`. With nothing set, everything runs on this machine, with data in `./data`.
`omi config` shows what counts and where it was found, secrets masked; `omi doctor` tries it. A setting that is
misspelled or of the wrong kind stops the start, with one line that says what is expected.
"""

_SHARED = """
## Said once for several adapters

What several adapters of one service need can be said in one place. It counts wherever the adapter's own variable is
not set: with `OMI_REDIS__URL`, there is no need for `OMI_JOB_QUEUE__REDIS__URL` and its like. It chooses no adapter;
that is what `OMI_JOB_QUEUE__NAME` and its like are for.
"""

_DEPENDS = {
    "vault": " Where Redis, Firestore or Cloud Storage holds what users said: `shared`, and it needs its master key."
}
"""Port -> what is its default, where that is not the same for everybody."""


class Row(Struct, frozen=True):
    """A line of a table."""

    variable: str
    kind: str
    default: str
    meaning: str


def reference() -> str:
    """The whole page."""
    parts = [_INTRODUCTION.strip(), *_program(), *_shared(), *_sections(), *_ports()]
    return "\n\n".join(parts) + "\n"


def _program() -> Iterator[str]:
    yield "## The program"
    rows = [_row(path, Settings, name) for path, name in PLAIN.items()]
    for name, price in sorted(PRICES.items()):
        path = ("prices", name)
        rows.append(Row(variable(path), "number", f"{price:g}", "Dollars for an hour of what the vendor bills."))
    yield _table(rows)


def _shared() -> Iterator[str]:
    yield _SHARED.strip()
    for section, kind in SHARED.items():
        users = [f"{port}: {name}" for port, names in REGISTRY.items() for name in names if section_of(name) == section]
        yield f"### {section}\n\n{_first_line(kind)} For {', '.join(users)}."
        yield _table(_rows(kind, (section,)))


def _sections() -> Iterator[str]:
    for section, kind in SECTIONS.items():
        yield f"## {section}\n\n{_first_line(kind)}"
        yield _table(_rows(kind, (section,)))


def _ports() -> Iterator[str]:
    for port, default in DEFAULTS.items():
        yield f"## {port}\n\n{_first_line(importlib.import_module(f'ports.{port}'))}"
        key = "chain" if port in CHAINED else "name"
        several = ", several in order of preference, with commas" if port in CHAINED else ""
        names = ", ".join(f"`{name}`" for name in REGISTRY[port])
        yield f"`{variable((port, key))}`: one of {names}{several}. Default: `{default}`.{_DEPENDS.get(port, '')}"
        for name in REGISTRY[port]:
            adapter = adapter_class(port, name)
            own = settings_class(adapter)
            yield f"**{name}** - {_first_line(adapter)}" + ("" if own else " No settings.")
            if own is not None:
                yield _table(_rows(own, (port, name)))


def _rows(kind: type[Any], above: Path_) -> list[Row]:
    return [_row((*above, one.name), kind, one.name) for one in msgspec.structs.fields(kind)]


def _row(path: Path_, kind: type[Any], name: str) -> Row:
    setting = next(one for one in msgspec.structs.fields(kind) if one.name == name)
    default = _text(setting.default) if setting.default not in {NODEFAULT, None} else ""
    shared = falls_back_to(path[1], name, kind) if len(path) == 3 else None
    meaning = _meanings(kind).get(name, "")
    if shared is not None:
        meaning = f"{meaning} Where it is not set, `{variable(shared)}` counts.".strip()
    return Row(variable(path), _in_words(setting.type), default, meaning)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _table(rows: list[Row]) -> str:
    lines = ["| variable | kind | default | meaning |", "|---|---|---|---|"]
    for row in rows:
        default = f"`{row.default}`" if row.default else ""
        lines.append(f"| `{row.variable}` | {row.kind} | {default} | {row.meaning.replace('|', chr(92) + '|')} |")
    return "\n".join(lines)


def _in_words(kind: Any) -> str:  # noqa: ANN401 - any annotation
    if type(None) in get_args(kind):
        return _in_words(next(one for one in get_args(kind) if one is not type(None)))
    limits = [meta for meta in getattr(kind, "__metadata__", ()) if isinstance(meta, Meta)]
    plain = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if is_secret(kind):
        return "secret"
    if isinstance(plain, type) and issubclass(plain, StrEnum):
        return " or ".join(f"`{name}`" for name in plain)
    if get_origin(plain) is Literal:
        return " or ".join(f"`{name}`" for name in get_args(plain))
    words = {int: "whole number", float: "number", bool: "`true` or `false`", str: "text", Path: "folder"}
    return " ".join([words.get(plain, str(plain).replace("|", "or")), *map(_limits, limits)]).strip()


def _limits(meta: Meta) -> str:
    bounds = {"from": meta.ge, "above": meta.gt, "to": meta.le, "below": meta.lt}
    return " ".join(f"{word} {bound:g}" for word, bound in bounds.items() if bound is not None)


def _first_line(of: Any) -> str:  # noqa: ANN401 - whatever has a docstring
    return (inspect.getdoc(of) or "").partition("\n")[0]


def _meanings(kind: type[Any]) -> dict[str, str]:
    """The docstrings under the fields of a Struct and of those it is made from."""
    found: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        if one is not Struct and issubclass(one, Struct):
            (definition,) = ast.parse(textwrap.dedent(inspect.getsource(one))).body
            found |= _docstrings(definition)
    return found


def _docstrings(definition: Any) -> dict[str, str]:  # noqa: ANN401 - the definition of a class
    found = {}
    for field, below in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr) and isinstance(field.target, ast.Name):
            found[field.target.id] = " ".join(ast.literal_eval(below.value).split())
    return found


if __name__ == "__main__":
    sys.stdout.write(reference())
