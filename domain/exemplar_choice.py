"""Which stretches of speech to keep of a voice, when there are more than it takes."""

from collections.abc import Collection, Sequence

from domain.embedding import Embedding, cosine


def most_redundant(embeddings: Sequence[Embedding], among: Collection[int]) -> int:
    """Which of some stretches tells least that the others do not tell: it lies nearest to another one.

    Args:
        embeddings: of all stretches, in one vector space.
        among: numbers of those that may go; not empty.
    """
    return max(among, key=lambda number: _nearest(embeddings, number))


def _nearest(embeddings: Sequence[Embedding], number: int) -> float:
    others = (other for at, other in enumerate(embeddings) if at != number)
    return max((cosine(embeddings[number], other) for other in others), default=-1.0)
