"""Which recognizer should have the live audio, and why it has not."""

from collections.abc import Sequence

from adapters.outbound.speech_to_text.failover.live_leg import LiveLeg
from adapters.outbound.speech_to_text.failover.post import Post

LOOK_SECONDS = 0.5
"""Between two looks at whether the live leg is still the right one."""

IDLE_SECONDS = 15.0
"""Of silence after which a connection that costs is closed; the next word opens another."""

BEFORE_THE_END = 60.0
"""Seconds before a vendor's longest session at which the next connection takes over; half of a short session."""


def first_to_try(posts: Sequence[Post]) -> Post | None:
    """The recognizer to call when nobody listens."""
    worth_it = next((post for post in posts if post.breaker.try_it()), None)
    return worth_it or next((post for post in posts if post.breaker.try_for_want_of_better()), None)


def better_than(leg: LiveLeg, posts: Sequence[Post]) -> Post | None:
    """The recognizer that should take over from a leg now; the same one for a fresh connection."""
    for post in posts:
        if post is leg.post:
            break
        if post.breaker.try_it():
            return post
    longest = leg.post.recognizer.terms.longest_session
    if leg.age < max(longest - BEFORE_THE_END, longest / 2):
        return None
    return next((post for post in posts if post.breaker.try_it()), None)


def trouble(posts: Sequence[Post], chosen: Post | None) -> str:
    """What is wrong with those that come before the chosen one, in words for the user."""
    before = posts if chosen is None else posts[: posts.index(chosen)]
    reasons = dict.fromkeys(post.breaker.reason for post in before if post.breaker.reason)
    return "; ".join(reasons) or "it works again"
