"""What plugins are used for, counted; and what that is worth."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

Rate = Annotated[float, Meta(ge=0, le=1_000)]


class UseKind(StrEnum):
    """What a plugin did."""

    DELIVERY = "delivery"
    """It was told of a new memory, where it runs."""
    PROMPT = "prompt"
    """Its prompt made something of a memory."""
    CHAT = "chat"
    """It answered a message."""


class DayUses(Struct, frozen=True, kw_only=True):
    """How often a plugin did one thing on one day."""

    day: date
    """In UTC."""
    kind: UseKind
    count: int


class UseRates(Struct, frozen=True, kw_only=True):
    """What one use of a plugin is worth to its author, in whatever currency. Nothing is paid by this server."""

    delivery: Rate = 0.0
    """For a new memory that it was told of."""
    prompt: Rate = 0.0
    """For a memory that its prompt made something of."""
    chat: Rate = 0.0
    """For a message that it answered."""


class Earned(Struct, frozen=True, kw_only=True):
    """What a plugin was used for in all."""

    money: float
    """In whole hundredths."""
    counts: dict[UseKind, int]
    """Every kind is there."""


def by_day(uses: Iterable[DayUses]) -> dict[date, int]:
    """Uses of all kinds by day, in order."""
    counts: Counter[date] = Counter()
    for one in uses:
        counts[one.day] += one.count
    return dict(sorted(counts.items()))


def earned(uses: Iterable[DayUses], *, rates: UseRates) -> Earned:
    """What uses are worth."""
    counts = dict.fromkeys(UseKind, 0)
    for one in uses:
        counts[one.kind] += one.count
    worth = {UseKind.DELIVERY: rates.delivery, UseKind.PROMPT: rates.prompt, UseKind.CHAT: rates.chat}
    return Earned(money=round(sum(counts[kind] * worth[kind] for kind in UseKind), 2), counts=counts)
