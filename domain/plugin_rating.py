"""What users think of a plugin, and how plugins are ranked by it."""

import math
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from domain.ids import UserId

PRIOR = 3.0
"""What a plugin is worth that nobody has rated."""
PRIOR_WEIGHT = 5
"""So many ratings must there be until they count as much as the prior."""
LOWEST, HIGHEST = 0.0, 5.0


class Review(Struct, frozen=True, kw_only=True):
    """What one user thinks of a plugin."""

    user: UserId
    score: float
    """0 to 5."""
    text: str = ""
    rated_at: datetime | None = None
    """Aware; None where it was not noted."""


class Rating(Struct, frozen=True, kw_only=True):
    """What all users think of a plugin."""

    average: float | None = None
    """None while nobody has rated it."""
    count: int = 0

    @property
    def weight(self) -> float:
        """For ranking: the average, drawn to the prior while there are few ratings."""
        return ((self.average or 0.0) * self.count + PRIOR * PRIOR_WEIGHT) / (self.count + PRIOR_WEIGHT)


def is_score(value: float) -> bool:
    """Whether a number can be a score. NaN cannot."""
    return math.isfinite(value) and LOWEST <= value <= HIGHEST


def rating_of(reviews: Iterable[Review]) -> Rating:
    """The rating that reviews make."""
    scores = [review.score for review in reviews]
    return Rating(average=math.fsum(scores) / len(scores), count=len(scores)) if scores else Rating()
