"""Folders of users."""

import stat
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.keys import key_bytes, key_text
from adapters.outbound.user_folder import create, user_folder
from domain.ids import UserId
from tests.support.memories import HOSTILE

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT)
def test_a_folder_is_a_direct_child_of_users_whatever_the_identifier(user: str) -> None:
    folder = user_folder(Path("/data"), UserId(user))
    assert folder.parent == Path("/data/users")
    assert set(folder.name) <= set("0123456789abcdef")
    assert len(folder.name) == 64


def test_no_two_users_share_a_folder() -> None:
    assert len({user_folder(Path(), UserId(user)) for user in HOSTILE}) == len(HOSTILE)


def test_folders_of_users_are_closed_to_others(tmp_path: Path) -> None:
    folder = user_folder(tmp_path / "data", UserId("me"))
    create(folder)
    create(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@given(ANY_TEXT)
def test_any_text_comes_back_from_its_bytes(text: str) -> None:
    assert key_text(key_bytes(text)) == text


@given(ANY_TEXT, ANY_TEXT)
def test_bytes_sort_as_the_texts_do(one: str, other: str) -> None:
    assert (key_bytes(one) < key_bytes(other)) == (one < other)
