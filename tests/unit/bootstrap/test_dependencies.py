"""Whatever adapter is chosen, all that it asks for can be given to it alone: so that it can be examined."""

import inspect
from pathlib import Path

import pytest

from bootstrap.adapters import adapter_class
from bootstrap.container import Container
from bootstrap.graph.adapters import dependencies
from bootstrap.registry import REGISTRY
from bootstrap.settings import load

ALWAYS = {"settings", "data_dir", "clock"}


@pytest.mark.parametrize(("port", "name"), [(port, name) for port, names in REGISTRY.items() for name in names])
def test_what_an_adapter_asks_for_is_there(tmp_path: Path, port: str, name: str) -> None:
    container = Container(settings=load({"OMI_DATA_DIR": str(tmp_path)}, folder=tmp_path))
    asked = inspect.signature(adapter_class(port, name)).parameters.values()
    needed = {parameter.name for parameter in asked if parameter.default is inspect.Parameter.empty}
    assert needed <= ALWAYS | dependencies(container, port).keys()
