"""Where somebody starts to speak of themselves, and what makes that no fact: quotes, doubts, jokes, what passes."""

import re

_STARTS = (
    r"(?:^|[,;:.!?—–]\s*|\b(?:and|but|so|because|since|well|yeah|yes|no|actually|oh|um|uh|okay|honestly|personally|"
    r"also|plus|now|look|cause|see|anyway)\s+|\b(?:tell|told) (?:you|them|him|her),?\s+)"
)
START = re.compile(rf"{_STARTS}(?=(?:i|we|my|you)(?:'|\b))")
"""Where a clause of one's own may begin."""
QUOTED = re.compile(
    r"(?:\b(?:say|says|said|saying|goes|like|go|told (?:me|him|her|us|them)|thinks?|thought|asked|asks|wrote|writes|"
    r"reads|sings|song|lyrics|line|quote|read|heard|claims?|pretends?|text|movie|character|whether|all)[,:]?(?: "
    r"that)?[,:]?\s*(?:well|oh|and)?"
    r"[,:]?\s*[\"“']?|[\"“])\s*$"
)
"""Right before "I": somebody else's."""
UNSURE = re.compile(
    r"\b(?:if|imagine|suppose|pretend|let's say|say i|would|wish|maybe|perhaps|i guess|i think|i don't think|might|"
    r"probably|sort of|kind of|as if|could|should|used to|back then|anymore|any more|no longer|sometimes|unless|"
    r"whether|dream|dreamed|i'd|joke|joking|kidding|haha|lol|said nobody|said no one|yeah right|sarcas\w+|"
    r"apparently|they say|in theory|almost|lately|supposedly|not really|just for)\b"
)
PASSING = re.compile(
    r"\b(?:much|these days|today|tonight|right now|at the moment|this (?:week|morning|afternoon|evening|time)|"
    r"yesterday|tomorrow|for now|just now|last (?:night|week|year|time)|a bit|a little (?!village|town|house|dog|"
    r"cat|boat|greek|french|spanish|german|italian))\b"
)
DOUBTED = re.compile(
    r"\b(?:like (?:that|this|those|these|you|him|her|them)|i think|i guess|maybe|probably|or something|not really|"
    r"apparently|supposedly|haha|lol|kidding|joking|joke|said nobody|said no one|yeah right|sarcas\w+|anymore|"
    r"any more|no longer)\b"
)
"""Anywhere in a sentence."""
TAKEN_BACK = re.compile(
    r"\b(?:kidding|joking|not really|just a joke|ha ?ha|as if|i wish|not true|i lied|no i don't|gotcha)\b"
)
"""In what the user says next."""
OBJECT_END = re.compile(
    r"[,;:.!?…—\"”](?=\s|$)|\s(?:but|because|cause|so|and (?:i|we|he|she|it|my|then|that|you|they|so|orders?|now|"
    r"also|as)|when|if|since|though|although|which|where|who|that|you know|i mean|these days|too|as well|a lot|"
    r"so much|very much|or something|or whatever|actually|though|though|anyway|myself|by the way|at all|more than|"
    r"than|like|either|and stuff|i)\b"
)
