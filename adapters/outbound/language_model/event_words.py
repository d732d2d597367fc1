"""What takes place at a time, in English words."""

import re

_THINGS = """
anniversary appointment audition barbecue bbq board-meeting breakfast brunch ceremony check-up checkup
christening class concert conference course deadline defense demo dinner exam exhibition festival flight funeral
game gig graduation hackathon haircut hearing housewarming inspection interview kickoff kick-off launch lecture
lesson lunch marathon match meeting meetup movie opening operation orientation parade party performance picnic
play premiere presentation procedure recital rehearsal reservation retreat reunion review screening seminar
session show standup stand-up surgery sync test tournament training trip viewing wedding webinar workshop train
ferry bus delivery birthday call date football-game offsite vote trial checkout check-in pickup quiz
"""
_OFTEN_VERBS = (
    "call play date test show review launch match class game sync train bus vote trial course visit pickup movie"
)
_PEOPLE = "doctor dentist therapist vet optician physio lawyer plumber electrician accountant landlord hairdresser"


def _one_of(words: str) -> str:
    return "|".join(sorted(dict.fromkeys(word.replace("-", "[- ]") for word in words.split()), key=len, reverse=True))


_WEAK = set(_OFTEN_VERBS.split())
_STRONG_THINGS = _one_of(" ".join(word for word in _THINGS.split() if word not in _WEAK))

THING = re.compile(
    rf"\b(?:{_STRONG_THINGS})\b|(?<!\bto )(?<!\bwill )(?<!'ll )(?<!\byou )(?<!\bi )(?<!\bwe )(?<!\bthey )"
    rf"(?<!\bplease )(?<!\bcan )(?<!\bnot )(?<!\band )(?<!^)\b(?:{_one_of(_OFTEN_VERBS)})\b|"
    rf"^(?:{_one_of(_OFTEN_VERBS)}) (?=at|on|with)"
)
"""A noun that names something that takes place. Those that are verbs as well need another word before them."""
_PERSON = "|".join(_PEOPLE.split())
SEEING = re.compile(
    r"\b(?:see|seeing|visit|visiting|meet|meeting|have|got|go to|going to)\s+(?:(?:the|a|my|our|your)\s+)?"
    rf"({_PERSON})\b|\b({_PERSON}) (?:is (?:coming|on|at)|comes|has time)\b"
)
"""Somebody who is seen by appointment."""
DOING = re.compile(
    r"\b(?:meet(?:ing)?(?: up)?|fly(?:ing)?(?: back| home| out|(?= to))|catch up|get together|come over|driv(?:e|"
    r"ing)(?= to)|travel(?:ing)?(?= to)|see you|due|have plans|pick (?:you|me) up|arrive|arrives|arriving|lands|"
    r"move in|moving in|(?:go|going) (?:to the|hiking|skiing|swimming|bowling|dancing|camping|sailing))\b"
)
"""Verbs of what takes place."""

TAKING_PLACE = re.compile(
    r"\s(?:is|are|starts|begins|takes place|will be|is scheduled|has been moved|was moved|is set)"
    r"(?: for| to| on| at)?\s*$"
)
"""Right before a time: what is named in front of it takes place then."""
OVER = re.compile(
    r"\b(?:was|were|had|went|did|didn't|came|took|happened|yesterday|ago|last (?:week|month|year|night|time))\b"
)
STILL = re.compile(
    r"\b(?:moved to|booked|scheduled|rescheduled|pushed to|planned|arranged|confirmed|set up|invited|signed up)\b"
)
"""Past words for what is to come."""
REPEATED = re.compile(
    r"\b(?:every|each|usually|always|normally|sometimes|often|weekly|daily|monthly|(?:on )?(?:mondays|tuesdays|"
    r"wednesdays|thursdays|fridays|saturdays|sundays|weekends|weekdays))\b"
)
UNCERTAIN = re.compile(
    r"\b(?:if|unless|i wish|imagine|suppose|would have|could have|should have|used to|in case|some day|someday|one day|"
    r"maybe|perhaps|might|what about last|dreamed|dream)\b"
)
CALLED_OFF = re.compile(
    r"\b(?:cancell?ed|called off|not happening|no (?:meeting|call|class|game|party|school)|isn't|is not|won't|can't "
    r"make|don't have|no longer|postponed|falls through|is bad|is off)\b"
)
DEADLINE_BEFORE = re.compile(r"\b(?:by|before|until|till|since|after|from|than)\s*$")
"""Right before a time: something else is to have happened then."""
EVENING = re.compile(r"\b(?:dinner|party|concert|movie|show|gig|drinks|screening|performance|premiere)\b")
DAYTIME = re.compile(r"\b(?:am|a\.m|morning|breakfast|brunch|o'clock in the)\b")
