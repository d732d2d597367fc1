"""What a new user is asked, and what is known from the answers."""

import re

from msgspec import Struct

from domain.fact import FactCategory

LONGEST_PHRASE = 12
"""Words up to which an answer is a phrase that can stand behind what was asked for; longer ones are quoted."""
LONGEST_QUOTE = 300
"""Characters of an answer that is quoted."""


class Question(Struct, frozen=True, kw_only=True):
    """Something to be asked."""

    text: str
    label: str
    """What is asked for, in a word or two."""
    category: FactCategory = FactCategory.OTHER
    lead: str = ""
    """Pattern of words that answers begin with and that say nothing."""
    fewest_words: int = 1
    """Of an answer; with fewer, more is waited for."""


QUESTIONS = (
    Question(
        text="What is your name?",
        label="Name",
        lead=r"my name(?: is|'s)|i(?:'m| am)(?: called)?|(?:you can |please )?call me|it's|this is",
    ),
    Question(
        text="What do you do for work?",
        label="Work",
        category=FactCategory.WORK,
        lead=r"i(?:'m| am)|i(?:'m| am)? work(?:ing)?(?: as)?|my (?:job|work) is",
    ),
    Question(
        text="What are you interested in, and what do you like to do?",
        label="Interests",
        category=FactCategory.INTERESTS,
        lead=r"i(?:'m| am) (?:very |really )?(?:interested in|into)|i (?:really )?(?:like|love|enjoy)"
        r"|my hobb(?:y is|ies are)",
        fewest_words=2,
    ),
    Question(
        text="What are your goals at the moment?",
        label="Goals",
        category=FactCategory.LIFESTYLE,
        lead=r"i(?:'d| would) like to|i (?:really )?want to|my (?:main )?goals? (?:is|are)(?: to)?|to",
        fewest_words=2,
    ),
    Question(
        text="Who are the people who matter most to you?",
        label="People who matter",
        category=FactCategory.LIFESTYLE,
        lead=r"the people (?:who|that) matter(?: most)?(?: to me)? are|that(?:'s| is| would be)",
        fewest_words=2,
    ),
)
"""Asked in this order."""

_FILLER = re.compile(r"(?:(?:um+|uh+|erm?|well|so|yeah|yes|okay|ok|oh|hi|hello|hey)\b[,.!]*\s+)+", re.IGNORECASE)
_SPEAKER = re.compile(r"\b(?:i|i'(?:m|d|ll|ve)|we|we're)\b", re.IGNORECASE)
_OWN = {"my": "their", "our": "their", "mine": "theirs", "me": "them", "us": "them", "myself": "themselves"}
_OWN_WORD = re.compile(rf"\b(?:{'|'.join(_OWN)})\b", re.IGNORECASE)


def is_answer(question: Question, words: str) -> bool:
    """Whether enough was said."""
    return len(words.split()) >= question.fewest_words


def statement(question: Question, answer: str) -> str:
    """A sentence about the user that holds whatever the answer was: what was asked for, and what they said to it."""
    said = " ".join(answer.split())
    core = _FILLER.sub("", said, count=1) if _FILLER.match(said) else said
    if question.lead:
        core = re.sub(rf"^(?:{question.lead})\b[,:]?\s+", "", core, count=1, flags=re.IGNORECASE)
    core = core.rstrip(" .!")
    if core and len(core.split()) <= LONGEST_PHRASE and not _SPEAKER.search(core):
        return f"{question.label}: {_OWN_WORD.sub(lambda own: _OWN[own[0].lower()], core)}."
    return f"{question.label}: “{said[:LONGEST_QUOTE]}”"
