"""Pieces of words become words."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.speech_to_text.soniox_words import Token, WordAssembly


def tokens(*texts: str, start: int = 0, speaker: str | None = None) -> list[Token]:
    """Final pieces of 100 ms each."""
    return [
        Token(text, is_final=True, start_ms=start + 100 * at, end_ms=start + 100 * (at + 1), speaker=speaker)
        for at, text in enumerate(texts)
    ]


def piece(text: str, start_ms: int, end_ms: int, confidence: float | None) -> Token:
    return Token(text, is_final=True, start_ms=start_ms, end_ms=end_ms, confidence=confidence)


def texts(*pieces: str) -> list[str]:
    assembly = WordAssembly()
    return [word.text for word in [*assembly.add(tokens(*pieces)), *assembly.close()]]


def test_a_space_in_front_starts_a_word() -> None:
    assert texts("How", " are", " you", "?") == ["How", "are", "you?"]
    assert texts(" Be", "auti", "ful", ",", " is", "n't", " it") == ["Beautiful,", "isn't", "it"]


def test_a_space_behind_ends_a_word() -> None:
    assert texts("one ", "two", " ", "three") == ["one", "two", "three"]


def test_markers_are_no_words_and_end_one() -> None:
    assert texts("so", "<end>", "that", "<fin>", "<fin>") == ["so", "that"]


def test_scripts_without_spaces_have_a_word_for_each_piece() -> None:
    assert texts("今日", "は", "いい", "天気", "。") == ["今日", "は", "いい", "天気。"]
    assert texts("Wi", "Fi", "密码") == ["WiFi", "密码"]


def test_a_piece_of_another_voice_is_another_word_but_its_punctuation_is_not() -> None:
    assembly = WordAssembly()
    words = assembly.add([*tokens("Yes", speaker="1"), *tokens(",", speaker="2"), *tokens("No", speaker="2")])
    words += assembly.close()
    assert [(word.text, word.speaker) for word in words] == [("Yes,", 0), ("No", 1)]


def test_times_and_confidence_are_those_of_all_pieces() -> None:
    assembly = WordAssembly()
    assembly.add([piece("a", 100, 200, 0.5), piece("b", 200, 350, 1.0), piece("!", 350, 350, None)])
    (word,) = assembly.close()
    assert (word.start, word.end, word.confidence) == (0.1, 0.35, 0.75)


def test_a_speaker_without_a_number_is_the_first_one() -> None:
    assembly = WordAssembly()
    words = assembly.add([*tokens(" a", speaker="x"), *tokens(" b"), *tokens(" c", speaker="3")]) + assembly.close()
    assert [word.speaker for word in words] == [0, 0, 2]


def test_the_last_word_stays_open_until_it_is_known_to_be_over() -> None:
    assembly = WordAssembly()
    assert [word.text for word in assembly.add(tokens("one", " tw"))] == ["one"]
    assert assembly.open_since == 0.1
    assert assembly.goes_on([], heard=0.3, patience=1.0)
    assert assembly.goes_on(tokens("o"), heard=9.0, patience=1.0)
    assert not assembly.goes_on(tokens(" three"), heard=9.0, patience=1.0)
    assert [word.text for word in assembly.guess(tokens("o", " three"))] == ["two", "three"]
    assert [word.text for word in assembly.add(tokens("o", " "))] == ["two"]
    assert assembly.close() == []


@given(st.lists(st.text("ab ", min_size=1, max_size=4)), st.integers(0, 20))
def test_words_do_not_depend_on_how_pieces_are_delivered(pieces: list[str], cut: int) -> None:
    assembly = WordAssembly()
    said = tokens(*pieces)
    in_parts = [*assembly.add(said[:cut]), *assembly.add(said[cut:]), *assembly.close()]
    assert [word.text for word in in_parts] == texts(*pieces)
