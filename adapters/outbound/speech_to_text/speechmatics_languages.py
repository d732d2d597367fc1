"""Which languages Speechmatics recognizes live, and how it names them."""

from msgspec import Struct

_CODES = """
ar ba be bg bn ca cmn cs cy da de el en eo es et eu fa fi fr ga gl he hi hr hu ia id it ja ko lt lv mn mr ms mt nl no
pl pt ro ru sk sl sv sw ta th tl tr ug uk ur vi yue
"""
_LANGUAGES = frozenset(_CODES.split())
"""Language packs of the real-time API. Its only model for mixed speech, melia-1, is not offered there."""
_PACKS_OF_TWO = frozenset({"cmn_en", "cmn_en_ms_ta", "en_ms", "en_ta"})
"""Packs for people who mix languages; asked for by their own names."""
_OTHER_NAMES = {"zh": "cmn", "fil": "tl", "nb": "no", "nn": "no", "iw": "he", "in": "id"}
_SPELLINGS = {"en-au": "en-AU", "en-gb": "en-GB", "en-us": "en-US"}
_CHINESE_SCRIPTS = {"cn": "cmn-Hans", "sg": "cmn-Hans", "hans": "cmn-Hans", "tw": "cmn-Hant", "hant": "cmn-Hant"}


class Choice(Struct, frozen=True):
    """What is asked of Speechmatics."""

    language: str
    output_locale: str | None = None
    """How it shall be spelled, where there is more than one way."""


def choose(language: str) -> Choice | None:
    """The pack and the spelling for a BCP 47 tag; None when there is none.

    A pack knows all accents of its language: a region only decides the spelling.
    """
    tag = language.lower().replace("_", "-")
    if tag.replace("-", "_") in _PACKS_OF_TWO:
        return Choice(tag.replace("-", "_"))
    primary, *rest = tag.split("-")
    if primary == "zh" and "hk" in rest:
        return Choice("yue")
    pack = _OTHER_NAMES.get(primary, primary)
    if pack not in _LANGUAGES:
        return None
    if pack == "cmn":
        return Choice(pack, next((_CHINESE_SCRIPTS[part] for part in rest if part in _CHINESE_SCRIPTS), None))
    return Choice(pack, _SPELLINGS.get(tag))
