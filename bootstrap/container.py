"""The object graph: adapters into use-cases. Synchronous: nothing is opened here (see lifespan.py)."""

from bootstrap.graph.adapters import OPENED
from bootstrap.graph.listening import Listening

__all__ = ["OPENED", "Container"]


class Container(Listening):
    """Everything once a process."""
