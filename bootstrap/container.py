"""The object graph: adapters into use-cases. Synchronous: nothing is opened here (see lifespan.py)."""

from bootstrap.graph.adapters import OPENED
from bootstrap.graph.leaving import Leaving

__all__ = ["OPENED", "Container"]


class Container(Leaving):
    """Everything once a process."""
