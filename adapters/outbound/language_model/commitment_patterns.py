"""How English speakers promise, ask and agree: word patterns for text in small letters."""

import re
from enum import Enum

from msgspec import Struct


class Form(Enum):
    """Who would do it."""

    PROMISE = "promise"
    """Who speaks."""
    REQUEST = "request"
    """Who is spoken to, if they agree."""
    PLAN = "plan"
    """We: whoever takes it on."""


class Opening(Struct, frozen=True):
    """Words behind which a verb tells what is to be done."""

    form: Form
    base: float
    """Confidence with nothing else known."""
    pattern: re.Pattern[str]


_ADVERBS = (
    r"(?:(?:just|also|then|definitely|probably|maybe|really|quickly|still|please|go and|try to|try and|be sure to|"
    r"make sure to|make sure i|make sure you|perhaps|kindly|certainly|gladly|first|totally|do me a favor and|"
    r"do me a favour and|personally|actually)\s+)*"
)


def _opening(form: Form, base: float, pattern: str) -> Opening:
    return Opening(form, base, re.compile(rf"(?:{pattern})\s+{_ADVERBS}(?=[a-z])"))


OPENINGS = (
    _opening(Form.PROMISE, 0.6, r"\bi(?:'ll| will| shall)|\bi(?:'m| am) (?:going to|gonna)|\bi promise to"),
    _opening(Form.PROMISE, 0.7, r"\bremind me to|\b(?:don't|do not) let me forget to"),
    _opening(
        Form.PROMISE,
        0.5,
        r"\bi (?:(?:still|really|also) )?(?:need to|have to|must|gotta|got to)|\bi(?:'ve| have) got to|\bi'd better",
    ),
    _opening(Form.PROMISE, 0.35, r"\bi (?:really )?should"),
    _opening(Form.PROMISE, 0.32, r"\blet me|\bi can"),
    _opening(Form.REQUEST, 0.3, r"\bwould you mind|\b(?:can|could|would|will) you(?: please)?(?! mind)"),
    _opening(Form.REQUEST, 0.3, r"\byou (?:need to|have to|should|must)|\bi(?:'d like| would like| need| want) you to"),
    _opening(Form.REQUEST, 0.5, r"\b(?:don't|do not) forget to"),
    _opening(Form.REQUEST, 0.35, r"(?:^|[,.;]\s*|\band |\bso )(?:please|make sure you|make sure to)"),
    _opening(
        Form.PLAN,
        0.15,
        r"\bdid you|\bwho (?:will|can|wants to|is going to)|\bcan (?:someone|somebody|anyone|anybody)",
    ),
    _opening(
        Form.PLAN, 0.25, r"\bwe(?:'ll| will)? (?:need to|have to|must|should|gotta)|\bsomebody (?:should|needs to)"
    ),
)

NAMED = re.compile(r"(?:^|[,;]\s|\band |\bso )([A-Z][a-z]+) (?:will|is going to|needs to|has to) (?=[a-z])")
"""For text as it was written: somebody else will."""
CALLED_LAST = re.compile(r", ([A-Z][a-z]+)[.?!]?$")
CALLED = re.compile(
    r"^(?:(?:And|So|Okay|Ok|Then|Hey|Alright),? )*([A-Z][a-z]+), (?=can|could|would|will|please|you|make|don)"
)
"""For text as it was written: who is addressed."""

DEADLINE = re.compile(
    r"\b(?:by|before|until|till|tonight|tomorrow|today|asap|right away|first thing|as soon as|this (?:week|"
    r"afternoon|evening|morning|month|weekend)|next (?:week|month|time|mon|tues|wednes|thurs|fri|satur|"
    r"sun)|on (?:the )?(?:weekend|mon|tues|wednes|thurs|fri|satur|sun)|end of (?:the )?(?:day|week|month|year)|"
    r"after (?:lunch|work|school|dinner|class|the|this)|in (?:an?|one|two|three|four|five|ten|\d+|a few) "
    r"(?:hour|day|week|month)|later today|in the morning)"
)
AGREEMENT = re.compile(
    r"^(?:(?:oh|um|uh|well|yeah|yes|yep|ah|mhm|okay|ok|alright|all right|right|great|good|no)[,.!]? )*"
    r"(?:sure|of course|absolutely|certainly|definitely|gladly|will do|no problem|no worries|not at all|got it|on it|"
    r"you got it|consider it done|happy to|right away|i'm on it|i'll|i will|i can|i could|leave it to me|my pleasure|"
    r"with pleasure|deal|can do|fine|understood|noted|yep|yes|yeah)\b"
)
WEAK_AGREEMENT = re.compile(r"^(?:okay|ok|alright|all right|mhm)\b")
WONT_FORGET = re.compile(r"^(?:\w+[,.] )?i won't\b")
REFUSAL = re.compile(
    r"\b(?:can't|cannot|won't|sorry|not again|i'm afraid|no time|rather not|not now|unfortunately|don't want|but i "
    r"don't)\b"
    r"|^(?:no|nope|nah)\b(?! problem| worries|, not at all| not at all|, of course|, sure)"
)
TAKEN = re.compile(
    r"\bi(?:'ll| will| can| could)(?: (?:definitely|gladly|totally))? (?:do (?:it|that|this)|"
    r"take (?:care of )?(?:it|that|this)|handle (?:it|that)|get on it|be on it)\b|\b(?:i'm )?on it\b|^i (?:will|"
    r"can)[.,!]?$|\bwill do\b"
)
THANKS = re.compile(
    r"^(?:(?:oh|okay|ok|yeah|yes)[,.]? )*(?:great|perfect|thank|thanks|awesome|wonderful|excellent|deal)\b"
)

REPORTED = re.compile(
    r"(?:\b(?:said|says|saying|say|goes|like|told (?:me|him|her|us|them|you)|thinks?|thought|promised|claims?|asked|"
    r"asks|wonder\w*|hope|hopes|knows?|knew|figured|means?|wrote|whether|joked)[,:]?(?: that)?(?: ['\"“])?|"
    r"\b(?:until|when|because|why|what|where|how|who)|['\"“])\s*$"
)
"""Right before "I will": somebody else's words, or no promise."""
OFFERED = re.compile(r"\bif (?:you|they) (?:want|like|need|prefer|wish)")
"""Behind a promise: it waits for a yes."""
CONDITION = re.compile(r"\b(?:if|unless|suppose|imagine|in case|were i)\b")
HABIT = re.compile(r"\b(?:usually|always|often|sometimes|normally|typically|every time|never|used to)\b")
VAGUE = re.compile(
    r"\b(?:one day|some day|someday|eventually|sometime|some time|at some point|whenever|for ever|forever)\b"
)
HEDGE = re.compile(r"\b(?:maybe|perhaps|probably|might|i think|i guess|possibly|try to|not sure|someone|i suppose)\b")
WONDERING = re.compile(
    r"^(?:(?:so|and|but|well|or)[, ]+)?(?:what|why|how|who|when|where|which|do|does|did|is|are|am)\b"
)

_NO_DEED_WORDS = """
admit agree always appreciate assume be believe bet die enjoy feel forget get-going guess hate have hear hope
imagine know like live love miss need never not realize say see sleep think understand want wish worry wonder
stop sit stand remember suppose mind win lose grow become happen seem excuse repeat
"""
NO_DEED = frozenset(_NO_DEED_WORDS.split())
"""First verbs that promise nothing: "I'll be honest", "let me see", "I have to say"."""
_ON_THE_SPOT_WORDS = """
ask bring-up check close come do drink eat explain give go have hold keep leave let look make-it move open pass
put run show spell start stay take talk tell try turn wait walk
"""
ON_THE_SPOT = frozenset(_ON_THE_SPOT_WORDS.split())
"""First verbs of what is mostly done at once, or idle talk: they take a deadline or a request to be more."""
_PHRASAL_WORDS = """
talk-to take-care look-into check-with check-on find-out get-back follow-up go-through set-up sign-up bring-up
speak-to take-out take-down put-together run-by go-over take-over
"""
PHRASAL = frozenset(tuple(pair.split("-")) for pair in _PHRASAL_WORDS.split())
"""Verbs that are deeds in these pairs."""
_DEEDS_WORDS = """
arrange book buy call cancel clean collect contact confirm deliver draft drop email file fill finish fix follow
forward install invite mail message order organize pay phone pick plan post prepare print raise register renew
repair reply report research reschedule reserve return review schedule send set share sign sketch submit sort
talk test text transfer update upload wash write
"""
DEEDS = frozenset(_DEEDS_WORDS.split())
"""First verbs that are what lists of things to do are made of."""
NOTED = re.compile(rf"^(?:(?:also|and|then|oh|okay|so|first|second),? )*(?=(?:{'|'.join(_DEEDS_WORDS.split())})\b)")
"""What somebody who is alone tells themselves: "Also buy batteries"."""
