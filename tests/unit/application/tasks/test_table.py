"""What holds for every task of the table."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from adapters.outbound.language_model.strict_schema import strict_schema
from application import tasks
from application.tasks.kind import Part, TaskKind
from application.tasks.table import TASKS

FORMS = [pytest.param(kind, id=kind.name) for kind in TASKS if kind.form is not None]
ALL = [pytest.param(kind, id=kind.name) for kind in TASKS]
REFUSED_SOMEWHERE = {
    "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "pattern", "default", "uniqueItems",
    "prefixItems", "discriminator", "oneOf", "allOf", "not", "exclusiveMinimum", "multipleOf",
}  # fmt: skip
"""Keywords that some vendor of structured output does not take."""


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for name, value in schema.items():
            yield from nodes(list(value.values()) if name in {"properties", "$defs"} else value)
    elif isinstance(schema, list):
        for item in schema:
            yield from nodes(item)


def structs_of(form: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    _, parts = msgspec.json.schema_components([form])
    module = inspect.getmodule(form)
    return [getattr(module, name) for name in parts]


def test_names_are_unique() -> None:
    assert len({kind.name for kind in TASKS}) == len(TASKS)


def test_every_file_with_a_task_is_in_the_table() -> None:
    folder = Path(inspect.getfile(tasks)).parent
    kinds = sum(path.read_text().count("= TaskKind(") for path in folder.glob("*.py"))
    assert kinds == len(TASKS)


@pytest.mark.parametrize("kind", ALL)
def test_a_task_says_what_it_is_given_and_what_it_may_cost(kind: TaskKind) -> None:
    assert kind.instructions.strip()
    assert kind.version >= 1
    assert 0 < kind.budget.seconds <= 60
    assert 0 < kind.budget.output_tokens <= 8_000
    assert set(kind.trusted) <= {Part.BACKGROUND}
    assert not set(kind.trusted) & set(kind.untrusted)


@pytest.mark.parametrize("kind", FORMS)
def test_every_field_of_a_form_is_required_and_no_other_is_allowed(kind: TaskKind) -> None:
    schema = strict_schema(kind.form)
    objects = [node for node in nodes(schema) if "properties" in node]
    assert objects
    for node in objects:
        assert node["required"] == list(node["properties"])
        assert node["additionalProperties"] is False
    for struct in structs_of(kind.form):
        assert struct.__struct_config__.forbid_unknown_fields
        assert not struct.__struct_defaults__


@pytest.mark.parametrize("kind", FORMS)
def test_a_form_keeps_to_what_every_vendor_takes(kind: TaskKind) -> None:
    schema = strict_schema(kind.form)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object"
    for node in nodes(schema):
        assert not REFUSED_SOMEWHERE & node.keys()
        assert "$ref" not in node or node.keys() == {"$ref"}


@pytest.mark.parametrize("kind", FORMS)
def test_a_form_is_flat(kind: TaskKind) -> None:
    def depth(node: Any, definitions: dict[str, Any]) -> int:
        if "$ref" in node:
            return depth(definitions[node["$ref"].rpartition("/")[2]], definitions)
        inner = [*node.get("properties", {}).values(), *([node["items"]] if "items" in node else ())]
        return 1 + max((depth(part, definitions) for part in inner), default=0)

    schema = strict_schema(kind.form)
    assert depth(schema, schema.get("$defs", {})) <= 5
