"""The page of all settings."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from adapters.outbound.secret import Secret
from bootstrap.settings_reference import _in_words, _meanings, reference

PAGE = Path(__file__).parents[3] / "docs" / "settings.md"


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class Parent(Struct, frozen=True, kw_only=True):
    """Parent."""

    url: str = ""
    """Where
    it is."""
    plain: int = 0


class Child(Parent, frozen=True, kw_only=True):
    """Child."""

    more: float = 0.0
    """More."""


def test_the_page_is_what_the_program_says() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == reference(), "write it anew with: make settings"


def test_meanings_are_the_docstrings_under_fields_inherited_ones_too() -> None:
    assert _meanings(Child) == {"url": "Where it is.", "more": "More."}


def test_kinds_are_told_in_words() -> None:
    assert _in_words(Annotated[int, Meta(ge=1, le=5)]) == "whole number from 1 to 5"
    assert _in_words(Annotated[float, Meta(gt=0)]) == "number above 0"
    assert _in_words(Secret) == "secret"
    assert _in_words(Size) == "`small` or `large`"
    assert _in_words(Literal["a", "b"]) == "`a` or `b`"
    assert _in_words(Annotated[int, Meta(ge=2)] | None) == "whole number from 2"
    assert _in_words(bool) == "`true` or `false`"
