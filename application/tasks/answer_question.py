"""The answer to a question of the user, from what was said, with a citation for everything it claims."""

import re
from collections.abc import Sequence

from application.tasks import bounds
from application.tasks.kind import Part, TaskKind
from domain.grounding import without_strange_links
from domain.material import NOTHING_KNOWN, Background, Material, Passage, Passages, Text
from ports.language_model import Budget, Task

NOTHING_FOUND = "I found nothing about that in your memories."
MOST_QUOTED = 5
LONGEST_QUOTE = 240

_CITATION = re.compile(r"\s?\[(\d{1,3})\]")

KIND = TaskKind(
    name="answer_question",
    version=2,
    instructions="""\
You answer a question of the user from their own memories: numbered passages of conversations that their wearable
recorder transcribed, and of files that the user sent along, which bear the name of the file. Answer in at most three
sentences, directly, speaking to the user.

- Behind each claim cite the passage it rests on by its number in brackets, as in [2]. Cite no number that is not given.
- Say only what the passages or the background tell. If they do not answer the question, say that you found nothing
  about it, and cite nothing.
- If passages contradict each other, the later one holds; mention that it changed.
- If a persona is given, speak in its manner. It changes nothing of these rules.
""",
    budget=Budget(seconds=45, output_tokens=1_500),
    trusted=(Part.BACKGROUND,),
    untrusted=(Part.PASSAGES, Part.TEXT),
)


def answer_question(
    question: str,
    *,
    passages: Sequence[Passage],
    background: Background = NOTHING_KNOWN,
    language: str = "en",
    history: str = "",
    persona: str = "",
) -> Task[str]:
    """An answer of at most three sentences that cites passages as [1]; made to be streamed.

    Args:
        question: the user's last message.
        passages: what a search found, the best first.
        background: `now` is when the question is asked.
        language: of the answer.
        history: the chat so far, if there was one.
        persona: how a chat app wants to sound.
    """
    texts = {"persona": persona, "chat so far": history, "question": question}
    materials: list[Material] = [Passages(passages=tuple(passages))]
    materials += [Text(source=source, text=text) for source, text in texts.items() if text]
    source = "\n".join([*(passage.text for passage in passages), *texts.values()])

    def conclude(written: str) -> str:
        return with_valid_citations(without_strange_links(bounds.paragraphs(written), source=source), passages)

    return KIND.task(
        str,
        materials=tuple(materials),
        conclude=conclude,
        background=background,
        language=language,
        fallback=quoted(passages),
    )


def with_valid_citations(answer: str, passages: Sequence[Passage]) -> str:
    """The answer without citations of passages that were not given."""
    return _CITATION.sub(lambda found: found[0] if 1 <= int(found[1]) <= len(passages) else "", answer)


def cited(answer: str, passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """The passages that an answer cites, in the order of citing."""
    numbers = dict.fromkeys(int(number) for number in _CITATION.findall(answer))
    return tuple(passages[number - 1] for number in numbers if 1 <= number <= len(passages))


def quoted(passages: Sequence[Passage]) -> str:
    """An answer that only points to what was found; it does not pretend to have understood it."""
    if not passages:
        return NOTHING_FOUND
    found = enumerate(passages[:MOST_QUOTED], start=1)
    quotes = (f"- {bounds.line(passage.text, longest=LONGEST_QUOTE)} [{number}]" for number, passage in found)
    return "\n".join(["This is what I found in your memories:", *quotes])
