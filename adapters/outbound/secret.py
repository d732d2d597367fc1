"""Settings that must not be shown."""

from typing import Annotated

from msgspec import Meta

Secret = Annotated[str, Meta(extra={"secret": True})]
"""A key or password: masked wherever settings are printed."""
