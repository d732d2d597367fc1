"""The object graph: adapters into use-cases. Synchronous: nothing is opened here (see lifespan.py)."""

from bootstrap.graph.adapters import OPENED
from bootstrap.graph.offline import Offline

__all__ = ["OPENED", "Container"]


class Container(Offline):
    """Everything once a process."""
