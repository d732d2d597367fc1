"""A segment has a translation while it says exactly what was translated."""

import msgspec
from msgspec import structs

from domain.ids import SegmentId
from domain.transcript import TranscriptSegment, Translation, joined
from domain.translations import Translated, Translations, translated

HELLO = TranscriptSegment(id=SegmentId("a"), text="Hello.", start=0, end=16_000)
GERMAN, FRENCH = Translation("de", "Hallo."), Translation("fr", "Bonjour.")


def known(*translations: Translation, text: str = "Hello.") -> Translations:
    return Translations(Translated(text=text, translation=one) for one in translations)


def test_a_segment_has_what_is_known_in_every_language() -> None:
    assert known(GERMAN, FRENCH).on([HELLO]) == (structs.replace(HELLO, translations=(GERMAN, FRENCH)),)


def test_the_later_one_in_a_language_counts() -> None:
    [shown] = known(Translation("de", "Servus."), GERMAN).on([HELLO])
    assert shown.translations == (GERMAN,)


def test_a_segment_that_grew_has_none() -> None:
    grown = structs.replace(HELLO, text="Hello. Hello there.")
    assert known(GERMAN).on([grown]) == (grown,)


def test_a_segment_that_joins_another_loses_its_own() -> None:
    [shown] = known(GERMAN).on([HELLO])
    assert joined(shown, HELLO).translations == ()


def test_what_segments_tell_is_what_they_were_told() -> None:
    shown = known(GERMAN, FRENCH).on([HELLO])
    assert Translations(translated(shown)).on([HELLO]) == shown


def test_segments_of_before_have_none() -> None:
    before = {name: value for name, value in msgspec.to_builtins(HELLO).items() if name != "translations"}
    assert msgspec.convert(before, TranscriptSegment) == HELLO
