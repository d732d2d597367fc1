"""Whether a sentence speaks of what was or of what will be, as far as its verbs tell."""

import bisect
import re

from domain.date_spans import Lean

_FUTURE = re.compile(
    r"\b(?:will|shall|won['’]t|gonna|going to|let['’]?s|need to|needs to|have to|has to|must|should|plan(?:s|ning)? to|"
    r"want to|would like|due|deadline|remind|don['’]t forget|upcoming|looking forward|hope to|is coming|see you|"
    r"scheduled|booked|planned|can (?:we|you|i)|could (?:we|you|i)|are you free|is on|are on)\b|['’]ll\b"
)
_PAST = re.compile(
    r"\b(?:was|were|did|didn['’]t|had|went|saw|got|came|made|took|told|said|met|bought|gave|found|left|felt|thought|"
    r"knew|began|started|won|lost|ate|ran|wrote|read|heard|spoke|sent|brought|caught|drove|flew|built|spent|slept|"
    r"taught|kept|paid|sold|fell|broke|chose|drew|held|led|became|been|sang|swam|threw|understood|wore|happened|"
    r"since|back in|ago|[a-z]{2,}[^e\W]ed)\b"
)
_PRESENT = frozenset(
    ("need", "hundred", "excited", "interested", "supposed", "expected", "scheduled", "planned", "booked")
)
_SENTENCE = re.compile(r"[.!?;\n]+(?:\s|$)")


class Tenses:
    """The cues of a text, and where they stand."""

    def __init__(self, small: str, *, unclear: Lean) -> None:
        """Looks for cues in a text in small letters."""
        self._unclear = unclear
        self._ends = [match.end() for match in _SENTENCE.finditer(small)]
        past = ((m.start(), Lean.PAST) for m in _PAST.finditer(small) if m.group() not in _PRESENT)
        self._cues = [*((m.start(), Lean.FUTURE) for m in _FUTURE.finditer(small)), *past]

    def near(self, place: int) -> Lean:
        """What the nearest cue within the sentence says."""
        sentence = bisect.bisect_right(self._ends, place)
        cues = [cue for cue in self._cues if bisect.bisect_right(self._ends, cue[0]) == sentence]
        return min(cues, key=lambda cue: abs(cue[0] - place))[1] if cues else self._unclear
