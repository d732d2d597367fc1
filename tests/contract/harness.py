"""Contract suites run over the registry: an adapter without a harness stops the collection."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TypeVar

import pytest

from bootstrap.registry import REGISTRY

T = TypeVar("T")
Harness = Callable[[Path], AbstractAsyncContextManager[T]]
"""Folder of its own -> an adapter that is open and ready."""


def over(port: str, harnesses: Mapping[str, Harness[T]]) -> list[object]:
    """Fixture parameters: one for each adapter that is registered for a port, composites included.

    Harness names that are not in the registry are composites (`failover`, ...): they are welcome.
    """
    missing = sorted(REGISTRY[port].keys() - harnesses.keys())
    if missing:
        raise pytest.UsageError(f"{port}: registered without a contract harness: {', '.join(missing)}")
    return [pytest.param(harness, id=name) for name, harness in harnesses.items()]
