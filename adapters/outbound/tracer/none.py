"""No traces: what is used when nothing is said."""

from contextlib import AbstractContextManager, nullcontext

from ports.tracer import NO_ATTRIBUTES, Attribute, Attributes, Value


class NoTracer:
    """Forgets everything at once."""

    def __init__(self) -> None:
        self._nothing = nullcontext(_Nothing())

    def span(self, name: str, attributes: Attributes = NO_ATTRIBUTES) -> AbstractContextManager["_Nothing"]:  # noqa: ARG002 - the port's
        """One and the same for all."""
        return self._nothing


class _Nothing:
    """A piece of work that nobody takes notes of."""

    def rename(self, name: str) -> None:
        """Nothing."""

    def note(self, attribute: Attribute, value: Value) -> None:
        """Nothing."""
