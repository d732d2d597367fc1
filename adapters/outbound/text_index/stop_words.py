"""English words that are in nearly every passage and tell none from another."""

_WORDS = """
a about after all also am an and any are as at be been before being but by can could did do does doing for from
had has have having he her here hers him his how i if in into is it its just me more most my no nor not of off on
or our ours out over own she should so some such than that the their theirs them then there these they this those
through to too under until up very was we were what when where which while who whom why will with would you your
yours i'm i've i'd i'll you're you've it's he's she's we're we've they're that's there's what's who's don't doesn't
didn't isn't wasn't aren't weren't can't couldn't won't wouldn't shouldn't
"""

STOP_WORDS = frozenset(_WORDS.split())
