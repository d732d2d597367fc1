"""Reviews as they are stored: JSON that we write, and what the original left: the text of a Python dictionary.

Nothing stored is ever run. A review that is not understood is left out; all others count.
"""

import ast
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from domain.ids import UserId
from domain.plugin_rating import Review, is_score

_UNREADABLE = (ValueError, TypeError, SyntaxError, MemoryError, RecursionError)


def read_reviews(content: bytes | None) -> dict[UserId, Review]:
    """Reviews by user."""
    found = {UserId(user): _review(UserId(user), fields) for user, fields in _mapping(content or b"{}").items()}
    return {user: review for user, review in found.items() if review is not None}


def written_reviews(reviews: Mapping[UserId, Review]) -> bytes:
    """JSON with the names that the original uses."""
    return msgspec.json.encode(
        {
            user: {
                "uid": user,
                "score": review.score,
                "review": review.text,
                "rated_at": review.rated_at.isoformat() if review.rated_at else None,
            }
            for user, review in reviews.items()
        }
    )


def _mapping(content: bytes) -> dict[str, Any]:
    text = content.decode(errors="replace")
    try:
        value = json.loads(text)
    except _UNREADABLE:
        value = _literal(text)
    return value if isinstance(value, dict) else {}


def _literal(text: str) -> object:
    """The value of a Python literal; of a dictionary, whatever part of it is one."""
    try:
        return _value(ast.parse(text.strip(), mode="eval").body)
    except _UNREADABLE:
        return None


def _value(node: ast.expr) -> object:
    if isinstance(node, ast.Dict):
        pairs = ((key, value) for key, value in zip(node.keys, node.values, strict=True) if key is not None)
        return {key.value: _value(value) for key, value in pairs if isinstance(key, ast.Constant)}
    try:
        return ast.literal_eval(node)
    except _UNREADABLE:
        return None


def _review(user: UserId, fields: object) -> Review | None:
    if not isinstance(fields, dict):
        return None
    score, text = fields.get("score"), fields.get("review")
    number = float(score) if isinstance(score, int | float) and not isinstance(score, bool) else math.nan
    if not is_score(number):
        return None
    return Review(
        user=user, score=number, text=text if isinstance(text, str) else "", rated_at=_moment(fields.get("rated_at"))
    )


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
