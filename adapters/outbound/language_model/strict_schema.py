"""The JSON schema of a form, in the subset that every vendor of structured output understands.

Objects list all their fields as required and allow no others; nothing has a default; references stand alone. Limits are
in the descriptions: several vendors refuse a schema with lengths or ranges in it.
"""

from typing import Any

import msgspec

_DROPPED = frozenset({"default", "discriminator", "uniqueItems"})
_ROOT = "#/$defs/{name}"


def strict_schema(form: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema of a form: an object at the root, its parts under `$defs`."""
    (_,), parts = msgspec.json.schema_components([form], ref_template=_ROOT)
    definitions = {name: _strict(part) for name, part in parts.items()}
    root: dict[str, Any] = definitions.pop(form.__name__)
    return {**root, "$defs": definitions} if definitions else root


def _strict(node: Any) -> Any:  # noqa: ANN401 - any part of a schema
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return {"$ref": node["$ref"]}
    strict = {key: _strict(value) for key, value in node.items() if key not in _DROPPED and not _is_title(key, value)}
    if "properties" in strict:
        strict |= {"required": list(strict["properties"]), "additionalProperties": False}
    return strict


def _is_title(key: str, value: object) -> bool:
    """A title of a schema; a property of that name has a schema as its value."""
    return key == "title" and isinstance(value, str)
