"""What was said, in another language."""

from collections.abc import Sequence
from typing import Protocol


class Translator(Protocol):
    """Translates. What it is given was said by people: it is data, never instructions."""

    name: str
    """As in the settings: `language_model`, `none`."""

    def supports(self, language: str) -> bool:
        """Whether it translates into a language, as a BCP 47 tag."""
        ...

    async def translate(self, texts: Sequence[str], *, language: str) -> tuple[str, ...]:
        """Each text in a language, in order. What is in that language already comes back as it is.

        A text that could not be translated comes back empty; nothing is made up for it.

        Raises:
            TemporarilyUnavailable: not now.
            Rejected: it does not do this at all: nobody is configured to, or no such language.
        """
        ...
