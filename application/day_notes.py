"""A day in words, when there is no model to find better ones."""

from collections.abc import Sequence

from domain.memory import Memory

LONGEST = 900
"""Characters."""
MOST_ITEMS = 5


def day_notes(memories: Sequence[Memory]) -> str:
    """What was talked about and what is still to be done; empty where neither is known."""
    titles = list(dict.fromkeys(memory.structure.title for memory in memories if memory.structure.title))
    items = list(dict.fromkeys(_open_items(memories)))
    parts = []
    if titles:
        parts.append(f"Today you talked about: {'; '.join(titles)}.")
    if items:
        more = len(items) - MOST_ITEMS
        listed = "\n".join(f"- {item}" for item in items[:MOST_ITEMS])
        parts.append(f"Still to do:\n{listed}" + (f"\n- and {more} more" if more > 0 else ""))
    text = "\n".join(parts)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _open_items(memories: Sequence[Memory]) -> list[str]:
    return [
        item.description
        for memory in memories
        for item in memory.structure.action_items
        if not item.completed and not item.deleted
    ]
