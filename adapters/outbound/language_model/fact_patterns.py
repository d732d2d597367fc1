"""How English speakers tell of themselves: what lasts, sentence by sentence, for text in small letters."""

import re

from msgspec import Struct

from adapters.outbound.language_model.fact_words import (
    HABITUAL,
    HAD,
    ILLNESS,
    KIN,
    LANGUAGE,
    PLAYED,
    STATE,
    TRADE,
)
from domain.fact import FactCategory


class Telling(Struct, frozen=True):
    """A way to tell something of oneself."""

    pattern: re.Pattern[str]
    sentence: str
    """In the third person, without a subject; `{0}` and so on are what the groups of the pattern caught."""
    category: FactCategory
    weight: float
    """How much it is worth to know, against other facts of a talk."""


_NO_THING = (
    r"(?!(?:it|that|this|these|those|the|you|your|him|his|her|hers|them|their|us|our|how|when|what|where|why|who|"
    r"which|to "
    r"(?:think|say|see|hear|know|talk|ask|add|point|thank|welcome|start|begin|be|believe|imagine|keep|call|get|have|"
    r"make|"
    r"do|go back|tell|do)|being|having|seeing|hearing|knowing|talking|one|some|any|all|everything|anything|both|either|"
    r"each|every|such|so|a lot|myself|my (?:idea|chances|odds)|mondays|there|here|not|just|about|as|if|because|but|"
    r"and|or|"
    r"like|ideas?|no)\b)"
)
_TEMPORARY = r"(?! (?:here|there)\b)"


def _telling(pattern: str, sentence: str, category: FactCategory, weight: float) -> Telling:
    return Telling(re.compile(pattern), sentence, category, weight)


OF_ONESELF = (
    _telling(
        rf"i'm (?:very |really |badly |deathly |severely )?allergic to {_NO_THING}(.+)",
        "is allergic to {0}",
        FactCategory.LIFESTYLE,
        3.0,
    ),
    _telling(
        rf"i(?:'ve got| have|'ve had| suffer from) ({ILLNESS})\b(?! medic)", "has {0}", FactCategory.LIFESTYLE, 3.0
    ),
    _telling(rf"i'm ({STATE})\b", "is {0}", FactCategory.LIFESTYLE, 2.5),
    _telling(
        r"(?:i|we) (?:still )?live (in|near|with|on|outside(?: of)?|next to) (?!hope\b|fear\b|the (?:moment|past|"
        r"present)"
        r"|it\b|them\b|him\b|her\b|that\b|this\b|peace\b|a (?:bubble|dream))(.+)",
        "lives {0} {1}",
        FactCategory.LIFESTYLE,
        2.5,
    ),
    _telling(
        r"i (?:was born|grew up) (?:and raised )?(in|on|near) (?!the (?:moment|middle)|it\b|this\b|that\b|there\b)(.+)",
        "{verb} {0} {1}",
        FactCategory.LIFESTYLE,
        2.0,
    ),
    _telling(
        r"i'm originally from (?!the\b|a\b|my\b|here\b|there\b)(.+)", "comes from {0}", FactCategory.LIFESTYLE, 2.0
    ),
    _telling(
        r"(?:i'm|we're) moving to (?!the (?:next|other|left|right|back|front)|a new (?:topic|slide))(.+)",
        "is moving to {0}",
        FactCategory.LIFESTYLE,
        2.0,
    ),
    _telling(r"i work (as) (an? .+)", "works {0} {1}", FactCategory.WORK, 2.5),
    _telling(
        r"i work (for|at|in) (?!(?:them|him|her|you|it|us|that|this|free|fun|home|night|nights|progress|"
        r"peace|silence|the (?:evenings?|mornings?|moment|weekends?|dark|rain)|least|the end)\b)(.+)",
        "works {0} {1}",
        FactCategory.WORK,
        2.5,
    ),
    _telling(rf"i'm (an? {TRADE})\b", "is {0}", FactCategory.WORK, 2.5),
    _telling(
        r"i (run|own|manage) (an? (?:small |own |family |little )?(?:bakery|shop|store|restaurant|cafe|farm|"
        r"business|company|"
        r"startup|studio|practice|hotel|bookshop|bar|agency|vineyard|team)(?: .+)?)",
        "{0s} {1}",
        FactCategory.WORK,
        2.5,
    ),
    _telling(
        rf"my ({KIN})(?:'s name is| is (?:called|named)) ((?!the\b|a\b|an\b|off\b|out\b)[a-z][a-z-]+)",
        "their {0} is {1:name}",
        FactCategory.OTHER,
        2.5,
    ),
    _telling(
        rf"my ({KIN}),? ([a-z][a-z-]+),? (?:is|was|has|works|lives|and|just|will|loves|likes|says|said|came|wants)\b",
        "their {0} is {1:name}",
        FactCategory.OTHER,
        2.0,
    ),
    _telling(
        rf"(?:i|we)(?: have|'ve got) ((?:an?|two|three|four|five|six|no) (?:younger |older |little |big |twin |half "
        rf"|small |"
        rf"rescue )?(?:{HAD}))\b(?! (?:are|is|with me|at the|in the))",
        "has {0}",
        FactCategory.OTHER,
        2.0,
    ),
    _telling(
        r"i'm (married|engaged) to (?!(?:my (?:job|work|phone)|the)\b)(.+)", "is {0} to {1}", FactCategory.OTHER, 2.5
    ),
    _telling(
        r"my birthday is (?!(?:coming|over|soon|ruined|today|tomorrow|next|this|in)\b)(.+)",
        "birthday is {0}",
        FactCategory.OTHER,
        2.5,
    ),
    _telling(
        rf"my (?:absolute |all-time |all time )?favou?rite ([a-z]+(?: [a-z]+)?) is {_NO_THING}(.+)",
        "favorite {0} is {1}",
        FactCategory.INTERESTS,
        2.0,
    ),
    _telling(
        rf"i (?:can |also |still )?speak ((?:fluent |some |a little |a bit of )?(?:{LANGUAGE})\b.*)",
        "speaks {0}",
        FactCategory.SKILLS,
        2.0,
    ),
    _telling(rf"i'm fluent in ((?:{LANGUAGE})\b.*)", "is fluent in {0}", FactCategory.SKILLS, 2.0),
    _telling(
        rf"i (?:also |still |sometimes |mostly )?play ((?:the )?(?:{PLAYED})\b.*)",
        "plays {0}",
        FactCategory.HOBBIES,
        2.0,
    ),
    _telling(
        rf"i'm (?:still |currently )?(learning|studying|teaching myself) (?!(?:a lot|so much|more|things|from|that|"
        rf"how much|about "
        rf"it|something|new|here|as|on|all|it|this)\b){_NO_THING.replace('to (?:', 'to_(?:')}(.+)",
        "is {0} {1}",
        FactCategory.SKILLS,
        1.8,
    ),
    _telling(
        r"i'm (training for|saving(?: up)? for|writing|building) (an? (?!(?:bit|lot|message|text|note|reply|comment|"
        r"mail|e-mail|"
        r"email|report|letter|list|check|function|test|case|query|script|summary|slide|prototype)\b).+)",
        "is {0} {1}",
        FactCategory.HOBBIES,
        1.8,
    ),
    _telling(rf"i ((?:usually|always|normally) (?:{HABITUAL})\b.*)", "{0h}", FactCategory.HABITS, 1.5),
    _telling(
        r"i (never (?:drink|eat|smoke|cook|drive|have breakfast|eat breakfast)\b.*)", "{0h}", FactCategory.HABITS, 1.5
    ),
    _telling(
        rf"i ((?:{HABITUAL})\b.{{0,40}}\b(?:every (?:single )?(?:day|morning|evening|night|week|weekend|other|mon|"
        r"tues|wednes|thurs|fri|satur|sun)|(?:once|twice|(?:\d|two|three|four|five|a few|several) times) a "
        r"(?:day|week|month|year)).*)",
        "{0v}",
        FactCategory.HABITS,
        1.5,
    ),
    _telling(
        r"i don't (eat|drink|smoke) ?((?!(?:it|that|this|them|those|these|much|anything|enough|any|until|when|the|here|"
        r"before|after|at|in|on|like|because)\b).*)",
        "does not {0} {1}",
        FactCategory.HABITS,
        2.0,
    ),
    _telling(
        rf"i (?:really |absolutely |just |also |totally )?(love|like|enjoy|adore) {_NO_THING}(.+)",
        "{0s} {1}",
        FactCategory.INTERESTS,
        1.0,
    ),
    _telling(
        rf"i (?:really |absolutely |just )?(?:hate|can't stand|cannot stand|despise) {_NO_THING}(?!to\b|when\b)(.+)",
        "dislikes {0}",
        FactCategory.INTERESTS,
        1.0,
    ),
)
"""In order of precedence: one fact a clause."""

OF_YOU = (
    _telling(
        rf"you're (?:very |really |badly )?allergic to {_NO_THING}(.+)",
        "is allergic to {0}",
        FactCategory.LIFESTYLE,
        2.0,
    ),
    _telling(rf"you(?: have|'ve got) ({ILLNESS})\b", "has {0}", FactCategory.LIFESTYLE, 2.0),
    _telling(rf"you're ({STATE})\b", "is {0}", FactCategory.LIFESTYLE, 2.0),
)
"""What somebody says to the user's face. Only what nobody says for politeness."""
