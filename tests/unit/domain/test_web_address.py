from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.web_address import with_query

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PART = st.text("abcXYZ019-._~%/=+:@!$'()*,;", max_size=20)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example/hook", "https://a.example/hook?uid=anna"),
        ("https://a.example/hook?", "https://a.example/hook?uid=anna"),
        ("https://a.example/hook?k=1", "https://a.example/hook?k=1&uid=anna"),
        ("https://a.example/hook?k=1&", "https://a.example/hook?k=1&uid=anna"),
        ("https://a.example/hook#part", "https://a.example/hook?uid=anna#part"),
        ("https://a.example/hook?k=1#a?b", "https://a.example/hook?k=1&uid=anna#a?b"),
        ("https://a.example", "https://a.example?uid=anna"),
    ],
)
def test_a_parameter_is_joined_where_it_belongs(address: str, expected: str) -> None:
    assert with_query(address, {"uid": "anna"}) == expected


def test_nothing_to_add_changes_nothing() -> None:
    assert with_query("https://a.example/?", {}) == "https://a.example/?"


def test_a_value_cannot_add_parameters_of_its_own() -> None:
    assert with_query("https://a.example/", {"uid": "a&admin=1#x"}) == "https://a.example/?uid=a%26admin%3D1%23x"


@given(path=PART, query=st.none() | PART, fragment=st.none() | PART, added=st.dictionaries(TEXT.filter(bool), TEXT))
def test_what_was_there_stays_and_what_is_added_comes_back(
    path: str, query: str | None, fragment: str | None, added: dict[str, str]
) -> None:
    address = f"https://a.example/{path}"
    address += "" if query is None else f"?{query}"
    address += "" if fragment is None else f"#{fragment}"
    before, after = urlsplit(address), urlsplit(with_query(address, added))
    assert (after.scheme, after.netloc, after.path, after.fragment) == (
        before.scheme,
        before.netloc,
        before.path,
        before.fragment,
    )
    assert after.query.startswith(before.query)
    pairs = parse_qsl(after.query, keep_blank_values=True)
    assert pairs[len(pairs) - len(added) :] == list(added.items())
    assert pairs[: len(pairs) - len(added)] == parse_qsl(before.query, keep_blank_values=True)
