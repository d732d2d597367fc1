"""Recordings and specifications of the vendors, for tests."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

_ROOT = Path(__file__).parent.parent.parent


def vendor_data() -> Path:
    """The folder; fails the test when it is not there."""
    folder = Path(os.environ.get("OMI_TEST_VENDOR_DATA", _ROOT / ".." / "shared" / "vendor-data")).resolve()
    if not (folder / "specs").is_dir():
        pytest.fail(f"no vendor data: {folder} holds no specs; set OMI_TEST_VENDOR_DATA to the folder that does")
    return folder


def recorded(path: str) -> Any:
    """A JSON file of the vendor data."""
    return json.loads((vendor_data() / path).read_text())


@cache
def _specification(path: str) -> Any:
    return yaml.load((vendor_data() / path).read_text(), Loader=yaml.CSafeLoader)


def assert_valid(message: object, *, specification: str, schema: str) -> None:
    """Fails unless a message is what the vendor's specification says."""
    components = _specification(specification)["components"]
    jsonschema.Draft202012Validator({"$ref": f"#/components/schemas/{schema}", "components": components}).validate(
        message
    )
