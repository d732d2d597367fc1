"""How English speakers tell of themselves: what lasts, sentence by sentence, for text in small letters."""

import re

from msgspec import Struct

from domain.fact import FactCategory


class Telling(Struct, frozen=True):
    """A way to tell something of oneself."""

    pattern: re.Pattern[str]
    sentence: str
    """In the third person, without a subject; `{0}` and so on are what the groups of the pattern caught."""
    category: FactCategory
    weight: float
    """How much it is worth to know, against other facts of a talk."""


_HABITUAL = (
    "get up|wake up|go|run|walk|swim|drink|eat|cook|cycle|bike|meditate|read|commute|drive|smoke|exercise|work out|"
    "work from home|sleep|play|train|jog|stretch|journal|pray|garden|take the (?:bus|train|tram|subway|bike)"
)
_TRADE = (
    r"(?:(?:software|civil|mechanical|electrical|sound|data|primary school|high school|freelance|retired|graphic|"
    r"taxi|bus|"
    r"truck|math|music|english|history|science|yoga|social|construction|research|product|project|web|game|video|tax|"
    r"family|real estate|veterinary|physical|flight|police|fashion|interior|landscape|registered|pediatric|senior|"
    r"junior|"
    r"self-employed|professional) )*(?:engineer|teacher|nurse|doctor|lawyer|developer|programmer|designer|carpenter|"
    r"chef|"
    r"cook|baker|driver|pilot|plumber|electrician|accountant|architect|journalist|writer|author|musician|photographer|"
    r"scientist|researcher|professor|student|manager|consultant|therapist|dentist|farmer|mechanic|librarian|translator|"
    r"waiter|waitress|barista|firefighter|paramedic|physicist|chemist|biologist|economist|psychologist|veterinarian|"
    r"vet|"
    r"analyst|banker|artist|painter|actor|actress|dancer|singer|potter|gardener|tailor|hairdresser|pharmacist|surgeon|"
    r"attendant|agent|worker|officer|instructor|coach|administrator|entrepreneur|founder|midwife)"
)
_ILLNESS = (
    r"(?:type (?:one|two|1|2) )?diabetes|asthma|migraines?|epilepsy|arthritis|high blood pressure|low blood pressure|"
    r"hay fever|celiac disease|eczema|adhd|dyslexia|insomnia|tinnitus|a nut allergy|a peanut allergy|a pacemaker|"
    r"a bad knee|a bad back|sleep apnea|anemia|psoriasis|scoliosis|crohn's disease"
)
_STATE = (
    r"(?:a )?(?:vegetarian|vegan|pescatarian|diabetic|teetotaler)|left-handed|colou?r ?blind|lactose intolerant|"
    r"gluten intolerant|nearsighted|shortsighted|dyslexic|divorced|widowed|retired|self-employed|a night owl|"
    r"an early bird|an introvert|an extrovert|an only child|a morning person|afraid of (?:heights|flying|spiders|dogs)"
)
_LANGUAGE = (
    "english|german|french|spanish|italian|portuguese|dutch|swedish|norwegian|danish|finnish|polish|russian|"
    "ukrainian|czech|"
    "greek|turkish|arabic|hebrew|persian|farsi|hindi|urdu|bengali|tamil|mandarin|cantonese|chinese|japanese|korean|"
    "vietnamese|thai|swahili|hungarian|romanian|croatian|serbian|latin|catalan|sign language"
)
_PLAYED = (
    "piano|guitar|violin|cello|drums|bass|flute|trumpet|saxophone|clarinet|harp|ukulele|organ|banjo|accordion|viola|"
    "football|soccer|tennis|basketball|volleyball|golf|chess|badminton|squash|hockey|rugby|cricket|baseball|softball|"
    "table tennis|ping pong|bridge|poker|padel|handball"
)
_KIN = (
    "wife|husband|partner|girlfriend|boyfriend|fiancee?|son|daughter|brother|sister|mother|father|mom|mum|dad|"
    "grandmother|"
    "grandfather|grandma|grandpa|aunt|uncle|cousin|niece|nephew|dog|cat|boss|roommate|best friend|baby"
)
_HAD = (
    r"kids?|child(?:ren)?|daughters?|sons?|brothers?|sisters?|siblings|dogs?|cats?|grandchildren|grandkids|twins|"
    r"horses?|"
    r"chickens|rabbits|parrots?|nieces|nephews|godchildren|goats|bees"
)
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
        rf"i(?:'ve got| have|'ve had| suffer from) ({_ILLNESS})\b(?! medic)", "has {0}", FactCategory.LIFESTYLE, 3.0
    ),
    _telling(rf"i'm ({_STATE})\b", "is {0}", FactCategory.LIFESTYLE, 2.5),
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
    _telling(rf"i'm (an? {_TRADE})\b", "is {0}", FactCategory.WORK, 2.5),
    _telling(
        r"i (run|own|manage) (an? (?:small |own |family |little )?(?:bakery|shop|store|restaurant|cafe|farm|"
        r"business|company|"
        r"startup|studio|practice|hotel|bookshop|bar|agency|vineyard|team)(?: .+)?)",
        "{0s} {1}",
        FactCategory.WORK,
        2.5,
    ),
    _telling(
        rf"my ({_KIN})(?:'s name is| is (?:called|named)) ((?!the\b|a\b|an\b|off\b|out\b)[a-z][a-z-]+)",
        "their {0} is {1:name}",
        FactCategory.OTHER,
        2.5,
    ),
    _telling(
        rf"my ({_KIN}),? ([a-z][a-z-]+),? (?:is|was|has|works|lives|and|just|will|loves|likes|says|said|came|wants)\b",
        "their {0} is {1:name}",
        FactCategory.OTHER,
        2.0,
    ),
    _telling(
        rf"(?:i|we)(?: have|'ve got) ((?:an?|two|three|four|five|six|no) (?:younger |older |little |big |twin |half "
        rf"|small |"
        rf"rescue )?(?:{_HAD}))\b(?! (?:are|is|with me|at the|in the))",
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
        rf"i (?:can |also |still )?speak ((?:fluent |some |a little |a bit of )?(?:{_LANGUAGE})\b.*)",
        "speaks {0}",
        FactCategory.SKILLS,
        2.0,
    ),
    _telling(rf"i'm fluent in ((?:{_LANGUAGE})\b.*)", "is fluent in {0}", FactCategory.SKILLS, 2.0),
    _telling(
        rf"i (?:also |still |sometimes |mostly )?play ((?:the )?(?:{_PLAYED})\b.*)",
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
    _telling(rf"i ((?:usually|always|normally) (?:{_HABITUAL})\b.*)", "{0h}", FactCategory.HABITS, 1.5),
    _telling(
        r"i (never (?:drink|eat|smoke|cook|drive|have breakfast|eat breakfast)\b.*)", "{0h}", FactCategory.HABITS, 1.5
    ),
    _telling(
        rf"i ((?:{_HABITUAL})\b.{{0,40}}\bevery (?:single )?(?:day|morning|evening|night|week|weekend|mon|tues|"
        rf"wednes|thurs|fri|"
        rf"satur|sun|other).*)",
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
    _telling(rf"you(?: have|'ve got) ({_ILLNESS})\b", "has {0}", FactCategory.LIFESTYLE, 2.0),
    _telling(rf"you're ({_STATE})\b", "is {0}", FactCategory.LIFESTYLE, 2.0),
)
"""What somebody says to the user's face. Only what nobody says for politeness."""

_STARTS = (
    r"(?:^|[,;:.!?—–]\s*|\b(?:and|but|so|because|since|well|yeah|yes|no|actually|oh|um|uh|okay|honestly|personally|"
    r"also|plus|"
    r"now|look|cause|see|anyway)\s+|\b(?:tell|told) (?:you|them|him|her),?\s+)"
)
START = re.compile(rf"{_STARTS}(?=(?:i|we|my|you)(?:'|\b))")
"""Where a clause of one's own may begin."""
QUOTED = re.compile(
    r"(?:\b(?:say|says|said|saying|goes|like|go|told (?:me|him|her|us|them)|thinks?|thought|asked|asks|wrote|writes|"
    r"reads|sings|"
    r"song|lyrics|line|quote|read|heard|claims?|pretends?|text|movie|character|whether|all)[,:]?(?: "
    r"that)?[,:]?\s*(?:well|oh|and)?"
    r"[,:]?\s*[\"“']?|[\"“])\s*$"
)
"""Right before "I": somebody else's."""
UNSURE = re.compile(
    r"\blike (?:that|this|those|these|you|him|her|them)\b|\b(?:if|imagine|suppose|pretend|let's say|say i|would|"
    r"wish|maybe|perhaps|i guess|i think|i don't think|might|"
    r"probably|"
    r"sort of|kind of|as if|could|should|used to|back then|anymore|any more|no longer|sometimes|unless|whether|"
    r"dream|dreamed|"
    r"i'd|joke|joking|kidding|haha|lol|said nobody|said no one|yeah right|sarcas\w+|apparently|they say|in theory|"
    r"almost|"
    r"lately|supposedly|not really|just for)\b"
)
PASSING = re.compile(
    r"\b(?:much|these days|today|tonight|right now|at the moment|this (?:week|morning|afternoon|evening|time)|"
    r"yesterday|tomorrow|"
    r"for now|just now|"
    r"last (?:night|week|year|time)|a bit|a little (?!village|town|house|dog|cat|boat|greek|french|spanish|german|"
    r"italian))\b"
)
TAKEN_BACK = re.compile(
    r"\b(?:kidding|joking|not really|just a joke|ha ?ha|as if|i wish|not true|i lied|no i don't|gotcha)\b"
)
"""In what the user says next."""
OBJECT_END = re.compile(
    r"[,;:.!?…—\"”]|\s(?:but|because|cause|so|and (?:i|we|he|she|it|my|then|that|you|they|so|orders?|now|also|as)|"
    r"when|if|since|"
    r"though|although|which|where|who|that|you know|i mean|these days|too|as well|a lot|so much|very much|or "
    r"something|or "
    r"whatever|actually|though|though|anyway|myself|by the way|at all|more than|than|like|either|and stuff|i)\b"
)
