"""A kind word when the user's voice tells of trouble."""

from application.tasks import bounds
from application.tasks.kind import Part, TaskKind
from domain.grounding import without_strange_links
from domain.material import NOTHING_KNOWN, Background, Text
from ports.language_model import Budget, Task

MOST_WORDS = 20

KIND = TaskKind(
    name="emotional_message",
    version=1,
    instructions="""\
The user's voice told of the emotions that are named. In at most 20 words, say something warm and concrete to them, as a
friend who heard the conversation. Do not diagnose, do not ask how they feel, do not mention that a voice was measured.
""",
    budget=Budget(seconds=20, output_tokens=800),
    trusted=(Part.BACKGROUND,),
    untrusted=(Part.TEXT,),
)


def emotional_message(
    emotions: tuple[str, ...], *, context: str, background: Background = NOTHING_KNOWN, language: str = "en"
) -> Task[str]:
    """At most twenty words.

    Args:
        emotions: measured in the user's own voice, the strongest first.
        context: what the user talked about.
        background: who the user is.
        language: of the message.
    """
    felt = Text(source="emotions", text=", ".join(emotions))

    def conclude(written: str) -> str:
        return bounds.in_words(without_strange_links(written, source=context).strip('"'), most=MOST_WORDS)

    return KIND.task(
        str,
        materials=(felt, Text(source="what the user talked about", text=context)),
        conclude=conclude,
        background=background,
        language=language,
        fallback="That sounded like a lot. I'm here if you want to talk about it.",
    )
