"""How much of a model's context a text takes, without the model's own vocabulary."""

LETTERS_PER_TOKEN = 3.6
"""Of English as it is spoken."""
MARGIN = 1.15
"""The estimate shall rather be too high."""


def estimated_tokens(text: str) -> int:
    """Tokens of a text, roughly. Characters beyond ASCII count as one each, as they do in Chinese."""
    beyond = 0 if text.isascii() else sum(not c.isascii() for c in text)
    return round(((len(text) - beyond) / LETTERS_PER_TOKEN + beyond) * MARGIN)
