"""The object graph: adapters into use-cases. Synchronous: nothing is opened here (see lifespan.py)."""

from bootstrap.graph.adapters import OPENED
from bootstrap.graph.post_processing import PostProcessing

__all__ = ["OPENED", "Container"]


class Container(PostProcessing):
    """Everything once a process."""
