"""Nobody translates. What a server does unless somebody is configured: it says so, and makes nothing up."""

from collections.abc import Sequence

from ports.diagnosis import Condition, Diagnosis
from ports.errors import Rejected

NOBODY = "nobody translates on this server; OMI_TRANSLATOR__NAME=language_model has the language model do it"


class NoTranslator:
    """Refuses."""

    name = "none"

    def supports(self, _language: str) -> bool:
        """None."""
        return False

    async def translate(self, _texts: Sequence[str], *, language: str) -> tuple[str, ...]:
        """Refuses.

        Raises:
            Rejected: always; says what would change that.
        """
        raise Rejected(f"{NOBODY} (asked for {language})")

    async def diagnose(self) -> Diagnosis:
        """Nothing can be wrong with it."""
        return Diagnosis(condition=Condition.WORKING, finding="nothing is translated")
