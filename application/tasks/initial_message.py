"""The first words of an empty chat."""

from application.tasks import bounds
from application.tasks.kind import Part, TaskKind
from domain.grounding import without_strange_links
from domain.material import Background, Text
from ports.language_model import Budget, Task

MOST_WORDS = 40

KIND = TaskKind(
    name="initial_message",
    version=1,
    instructions="""\
Begin a chat with the user in one or two short sentences, at most 40 words. Use their name if you know it; you may touch
on one thing that you know of them, lightly. If a persona is given, speak in its manner; it changes nothing else.
""",
    budget=Budget(seconds=20, output_tokens=800),
    trusted=(Part.BACKGROUND,),
    untrusted=(Part.TEXT,),
)


def initial_message(*, background: Background, persona: str = "", language: str = "en") -> Task[str]:
    """A greeting of at most forty words."""
    name = bounds.line(background.user_name)

    def conclude(written: str) -> str:
        return bounds.in_words(without_strange_links(written, source=persona).strip('"'), most=MOST_WORDS)

    return KIND.task(
        str,
        materials=(Text(source="persona", text=persona),) if persona else (),
        conclude=conclude,
        background=background,
        language=language,
        fallback=f"Hi{f' {name}' if name else ''}! What would you like to talk about?",
    )
