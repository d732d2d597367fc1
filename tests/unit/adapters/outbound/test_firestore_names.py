"""Names of documents: safe, different, readable, in order."""

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.firestore_names import LONGEST, document_name
from ports.errors import Rejected
from tests.support.memories import HOSTILE

IDENTIFIERS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def is_a_name(name: str) -> bool:
    """As Firestore's documentation has it."""
    return bool(name) and "/" not in name and name not in {".", ".."} and not re.fullmatch("__.*__", name, re.DOTALL)


@pytest.mark.parametrize("usual", [str(uuid.UUID(int=7)), "28aBcDeFgHiJkLmNoPqRsTuVwXy2", "user_1-x", "naïve", "123"])
def test_usual_identifiers_stay_as_they_are(usual: str) -> None:
    assert document_name(usual) == usual


@given(IDENTIFIERS)
def test_any_identifier_has_a_name_that_firestore_takes(identifier: str) -> None:
    assert is_a_name(document_name(identifier))


@given(IDENTIFIERS, IDENTIFIERS)
def test_names_sort_as_identifiers_do(one: str, other: str) -> None:
    names = (document_name(one).encode(), document_name(other).encode())
    assert (names[0] < names[1]) == (one < other)


def test_identifiers_that_break_careless_stores_have_names_of_their_own_in_order() -> None:
    names = [document_name(identifier) for identifier in (*HOSTILE, "__a__", "__", "../__", " !", ".,", " #")]
    assert len(set(names)) == len(names)
    assert all(is_a_name(name) and len(name.encode()) <= LONGEST for name in names)


@pytest.mark.parametrize("long", ["x" * 1501, "用" * 1000, "/" * 1000, "é" * 100_000])
def test_long_identifiers_have_short_names_of_their_own(long: str) -> None:
    name = document_name(long)
    assert is_a_name(name)
    assert len(name.encode()) <= LONGEST
    assert name != document_name(f"{long}!")
    assert name.startswith(document_name(long[:100]))


def test_half_a_character_is_rejected() -> None:
    with pytest.raises(Rejected):
        document_name("\ud800")
