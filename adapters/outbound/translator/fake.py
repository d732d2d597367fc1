"""A translator for tests: says which language a text would be in."""

from collections.abc import Sequence

from anyio.lowlevel import checkpoint

from ports.errors import AdapterError, Rejected

UNKNOWN = "tlh"


class FakeTranslator:
    """Puts the language in front. A failure that is scripted is raised first."""

    name = "fake"

    def __init__(self) -> None:
        self.failures: list[AdapterError] = []
        """Raised one after the other by the calls to come."""
        self.asked: list[tuple[str, ...]] = []

    def supports(self, language: str) -> bool:
        """Any but one."""
        return bool(language) and language != UNKNOWN

    async def translate(self, texts: Sequence[str], *, language: str) -> tuple[str, ...]:
        """The texts, marked. Raises what is scripted, and Rejected for the one language."""
        await checkpoint()
        self.asked.append(tuple(texts))
        if self.failures:
            raise self.failures.pop(0)
        if not self.supports(language):
            raise Rejected(f"nobody translates into {language!r}")
        mark = f"[{language}] "
        return tuple(text if not text or text.startswith(mark) else mark + text for text in texts)
