"""Translations by whatever language model is configured."""

import re
from collections.abc import Sequence

from application.tasks.translate import MOST_CHARACTERS, MOST_TEXTS, translate
from ports.diagnosis import Condition, Diagnosis
from ports.errors import Rejected
from ports.language_model import LanguageModel, Refused

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


class LanguageModelTranslator:
    """Asks for a few texts at a time. Rules cannot translate: with them alone, it refuses."""

    name = "language_model"

    def __init__(self, language_model: LanguageModel) -> None:
        self._model = language_model

    def supports(self, language: str) -> bool:
        """Any that has a name: models know most, and say nothing of which."""
        return bool(_TAG.fullmatch(language))

    async def translate(self, texts: Sequence[str], *, language: str) -> tuple[str, ...]:
        """Each text in a language.

        Raises:
            TemporarilyUnavailable: the model cannot be reached, or gave nothing that fits.
            Rejected: there is no model, or no such language.
        """
        if not self.supports(language):
            raise Rejected(f"{language[:20]!r} is no language")
        translated: list[str] = []
        for batch in _batches(texts):
            try:
                translated += (await self._model.generate(translate(batch, language=language))).value
            except Refused as error:
                raise Rejected(f"translating needs a language model: {error}") from error
        return tuple(translated)

    async def diagnose(self) -> Diagnosis:
        """Says who does it; the model is diagnosed for itself."""
        return Diagnosis(condition=Condition.WORKING, finding=f"translates with {self._model.name}")


def _batches(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """As much as one call takes; a text alone, however long it is."""
    batches: list[list[str]] = []
    size = 0
    for text in texts:
        size += len(text)
        if not batches or len(batches[-1]) == MOST_TEXTS or size > MOST_CHARACTERS:
            batches.append([])
            size = len(text)
        batches[-1].append(text)
    return [tuple(batch) for batch in batches]
