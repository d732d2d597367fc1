"""Whether an index of vectors has lost what it had, as far as one search shows."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ports.text_index import Hit
from ports.vector_index import Near

_ON_THE_WAY = timedelta(hours=1)
"""Memories that are newer may have words already and vectors soon."""


def are_meanings_missing(hits: Sequence[Hit], near: Sequence[Near], *, now: datetime) -> bool:
    """Whether most memories that words found have no vectors, though others have some.

    Args:
        hits: what words found.
        near: what vectors told, of all of those and of others; nothing where the index failed.
        now: aware.
    """
    settled = {hit.memory_id for hit in hits if hit.at is not None and hit.at < now - _ON_THE_WAY}
    missing = settled - {one.memory_id for one in near}
    return bool(near) and 2 * len(missing) > len(settled)
