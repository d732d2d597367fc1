import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.speech_to_text.moonshine_seam import continuation

texts = st.lists(st.text("abc", min_size=1, max_size=6), min_size=1, max_size=8).map(" ".join)


@pytest.mark.parametrize(
    ("earlier", "both", "rest"),
    [
        ("And so my fellow Americans.", "And so my fellow Americans ask not.", "ask not."),
        ("And so my fellow America.", "And so my fellow Americans, ask not.", "ask not."),
        ("1-0-0-0-1", "10001 90210", "90210"),
        ("Thank you.", "Thank you. Thank you.", "Thank you."),
    ],
)
def test_the_rest_follows_what_was_said_before(earlier: str, both: str, rest: str) -> None:
    assert continuation(earlier, both=both) == rest


@pytest.mark.parametrize(
    ("earlier", "both"),
    [
        ("Thank you.", "Thank you."),
        ("As the", "Ask not what your country can do"),
        ("And so my fellow Americans.", "ask not"),
        ("And so it begins.", ""),
        ("No", "Now tell me more"),
    ],
)
def test_a_seam_in_doubt_is_none(earlier: str, both: str) -> None:
    assert continuation(earlier, both=both) is None


@given(texts, texts)
def test_words_behind_the_same_words_are_all_kept(earlier: str, later: str) -> None:
    assert continuation(earlier, both=f"{earlier} {later}") == later


@given(texts, texts)
def test_the_rest_is_the_end_of_the_text(earlier: str, both: str) -> None:
    rest = continuation(earlier, both=both)
    assert rest is None or (both.endswith(rest) and 0 < len(rest) < len(both))
